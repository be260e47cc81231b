package dev.sluice.jobs;

import static dev.sluice.jobs.JobStatus.CANCELLED;
import static dev.sluice.jobs.JobStatus.COMPLETED;
import static dev.sluice.jobs.JobStatus.FAILED;
import static dev.sluice.jobs.JobStatus.PENDING;
import static dev.sluice.jobs.JobStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobStatusTest {
    private static final Map<JobStatus, Set<JobStatus>> STEPS =
            Map.of(PENDING, Set.of(RUNNING), RUNNING, Set.of(COMPLETED, FAILED, CANCELLED));

    @ParameterizedTest
    @EnumSource
    void onlyTheStepsOfTheContractAreAllowed(JobStatus from) {
        for (JobStatus to : JobStatus.values()) {
            assertThat(from.mayBecome(to))
                    .as(from + " to " + to)
                    .isEqualTo(STEPS.getOrDefault(from, Set.of()).contains(to));
        }
    }

    @ParameterizedTest
    @EnumSource
    void terminalIsWhatNothingFollows(JobStatus status) {
        assertThat(status.terminal()).isEqualTo(!STEPS.containsKey(status));
    }

    @ParameterizedTest
    @EnumSource
    void labelsReadBack(JobStatus status) {
        assertThat(JobStatus.labelled(status.label())).contains(status);
        assertThat(JobStatus.labelled(status.name())).isEmpty();
    }
}

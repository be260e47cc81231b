package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A trainer's report on a job. Null leaves a field as it is, as do members that are not known; fields that were settled at
 * registration are refused, so that nobody believes to have changed them.
 *
 * @param status a step to make, see {@link JobStatus#mayBecome}
 * @param artifacts replaces the list of the registration: most of these files exist only when the job is done
 */
record JobPatch(
        @Nullable JobStatus status,
        @Nullable String error,
        @Nullable BigDecimal totalCost,
        @Nullable List<ArtifactUrl> artifacts) {
    private static final List<String> CHANGEABLE = List.of("status", "error", "total_cost", "artifact_urls");
    private static final List<String> SETTLED =
            List.of("job_id", "owner", "name", "dataset", "config", "created_at", "started_at", "completed_at");
    private static final int MAX_ERROR_LENGTH = 10_000;

    /** @throws dev.sluice.http.ProblemException 400, with every fault of the body */
    static JobPatch read(byte[] body) {
        Faults faults = Faults.ofBody();
        JsonNode json = JsonReader.read(body, faults);
        Members members = Members.of(json, faults);
        SETTLED.stream().filter(members::names).forEach(name -> members.fault(name, "cannot be changed"));
        if (CHANGEABLE.stream().noneMatch(members::has)) {
            members.fault("must have one of " + String.join(", ", CHANGEABLE));
        }
        JobPatch patch = new JobPatch(
                status(members),
                members.text("error", 0, MAX_ERROR_LENGTH),
                members.nonNegative("total_cost"),
                ArtifactUrl.readList(members));
        faults.raise();
        return patch;
    }

    /** A step, and nothing else. */
    static JobPatch of(JobStatus status) {
        return new JobPatch(status, null, null, null);
    }

    static JobPatch failed(String error) {
        return new JobPatch(JobStatus.FAILED, error, null, null);
    }

    private static @Nullable JobStatus status(Members members) {
        String label = members.text("status", 0, Integer.MAX_VALUE);
        if (label == null) {
            return null;
        }
        return JobStatus.labelled(label).orElseGet(() -> {
            members.fault("status", "must be one of " + JobStatus.labels());
            return JobStatus.PENDING;
        });
    }
}

package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobPatchTest {
    private static final String NOTHING = "must have one of status, error, total_cost, artifact_urls";

    private static JobPatch read(String body) {
        return JobPatch.read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> faultsOf(String body) {
        return BodyFaults.of(JobPatch::read, body);
    }

    @Test
    void everyMemberIsRead() {
        assertThat(read("{\"status\":\"failed\",\"error\":\"out of memory\",\"total_cost\":3.10,\"x\":1,"
                        + "\"artifact_urls\":[{\"path\":\"a\",\"url\":\"http://h/a\"}]}"))
                .isEqualTo(new JobPatch(
                        JobStatus.FAILED,
                        "out of memory",
                        new BigDecimal("3.10"),
                        List.of(new ArtifactUrl("a", "http://h/a", null, null))));
    }

    @Test
    void aStatusAloneIsEnoughAndSoIsAnErrorWithoutOne() {
        assertThat(read("{\"status\":\"running\"}")).isEqualTo(new JobPatch(JobStatus.RUNNING, null, null, null));
        assertThat(read("{\"error\":\"\"}")).isEqualTo(new JobPatch(null, "", null, null));
    }

    static List<Arguments> faulty() {
        return List.of(
                arguments("[]", ""),
                arguments("{\"status\":\"done\"}", "/status"),
                arguments("{\"status\":\"COMPLETED\"}", "/status"),
                arguments("{\"status\":1}", "/status"),
                arguments("{\"status\":\"failed\",\"error\":{}}", "/error"),
                arguments("{\"error\":\"" + "e".repeat(10_001) + "\"}", "/error"),
                arguments("{\"total_cost\":-1}", "/total_cost"),
                arguments("{\"artifact_urls\":7}", "/artifact_urls"));
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void aFaultIsNamedAtItsPlace(String body, String pointer) {
        assertThat(faultsOf(body)).containsOnlyKeys(pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"status\":null}", "{\"unknown\":1}"})
    void aBodyThatChangesNothingIsRefused(String body) {
        assertThat(faultsOf(body)).containsExactlyEntriesOf(Map.of("", NOTHING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"job_id", "owner", "name", "dataset", "config", "created_at", "started_at", "completed_at"})
    void whatWasSettledAtRegistrationCannotBeChanged(String name) {
        assertThat(faultsOf("{\"status\":\"running\",\"" + name + "\":\"x\"}"))
                .containsExactlyEntriesOf(Map.of("/" + name, "cannot be changed"));
    }
}

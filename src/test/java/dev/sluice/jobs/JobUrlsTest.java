package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.EntityTag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobUrlsTest {
    private static final JobId JOB = new JobId("run-1");
    private static final EntityTag TAG = EntityTag.strong("a-b_1");

    @ParameterizedTest
    @CsvSource({
        "training.log, training.log",
        "model/a b.bin, model/a%20b.bin",
        "a?b#c%20&d+e, a%3Fb%23c%2520%26d%2Be",
        "ü/😀, %C3%BC/%F0%9F%98%80",
        "-._~, -._~"
    })
    void everythingButUnreservedCharactersAndSeparatorsIsEncoded(String path, String encoded) {
        assertThat(JobUrls.file(JOB, path)).isEqualTo("/api/training/run-1/files/" + encoded);
    }

    @Test
    void aCheckpointAndItsVersionAreQueryParameters() {
        assertThat(JobUrls.checkpoint(JOB, "step 1&x=2", TAG))
                .isEqualTo("/api/training/run-1/download/model?checkpoint=step%201%26x%3D2&v=a-b_1");
    }

    @Test
    void aFilesUrlPinsItsVersion() {
        assertThat(JobUrls.file(JOB, "a/b.bin", TAG)).isEqualTo("/api/training/run-1/files/a/b.bin?v=a-b_1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\b", "a\nb", "C:x"})
    void whatNoRequestMayNameHasNoUrl(String name) {
        assertThat(JobUrls.file(JOB, name)).isNull();
        assertThat(JobUrls.checkpoint(JOB, name, TAG)).isNull();
    }
}

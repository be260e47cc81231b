package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "abc123", "run-2026.01_x", "Jobs", "jobs1", "a..b"})
    void namesThatTrainersChooseAreTaken(String text) {
        assertThat(JobId.parse(text)).map(JobId::value).contains(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "jobs", ".", "..", "-a", "_a", ".a", "a/b", "a\\b", "a b", "a\n", "ä", "a%2e", "\0"})
    void namesThatAreNotSafeInPathsAndUrlsAreNot(String text) {
        assertThat(JobId.parse(text)).isEmpty();
        assertThatThrownBy(() -> new JobId(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lengthEndsAt128() {
        assertThat(JobId.parse("x".repeat(128))).isPresent();
        assertThat(JobId.parse("x".repeat(129))).isEmpty();
    }

    @Test
    void randomOnesDiffer() {
        assertThat(JobId.random()).isNotEqualTo(JobId.random());
    }
}

package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {
    @Test
    void aSecretIsRevealedButNeverPrinted() {
        Secret secret = new Secret("canary");
        assertThat(secret.reveal()).isEqualTo("canary");
        assertThat(secret).hasToString("[hidden]");
        assertThat("" + new Holder(secret)).doesNotContain("canary");
    }

    @Test
    void secretsAreEqualByTheirText() {
        assertThat(new Secret("a€")).isEqualTo(new Secret("a€")).hasSameHashCodeAs(new Secret("a€"));
        assertThat(new Secret("a")).isNotEqualTo(new Secret("b")).isNotEqualTo(new Secret("ab"));
    }

    private record Holder(Secret secret) {}
}

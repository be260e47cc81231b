package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
    @ParameterizedTest
    @ValueSource(strings = {"Bearer a.b-c_d", "bearer a.b-c_d", "BEARER a.b-c_d", "Bearer   a.b-c_d"})
    void theSchemeIsBearerInAnyCase(String header) {
        assertThat(BearerToken.from(header)).contains("a.b-c_d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearera.b.c",
                "Basic YTpi",
                "Bearer a b",
                "Bearer a,Bearer b",
                "Bearer a ",
                "Bearer\ta",
                " Bearer a",
                "Bearer a=b",
                "Bearer \u00e9",
                "Bearer a\r\nX: y"
            })
    void anythingElseIsNoToken(String header) {
        assertThat(BearerToken.from(header)).isEmpty();
    }

    @Test
    void aTokenHasAtMost8KiB() {
        assertThat(BearerToken.from("Bearer " + "a".repeat(8192))).isPresent();
        assertThat(BearerToken.from("Bearer " + "a".repeat(8193))).isEmpty();
    }

    @Test
    void aRepeatedHeaderIsNoToken() {
        assertThat(BearerToken.from(List.of("Bearer a"))).contains("a");
        assertThat(BearerToken.from(List.of("Bearer a", "Bearer a"))).isEmpty();
        assertThat(BearerToken.from(List.<String>of())).isEmpty();
    }
}

package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SmokeTest {
    @Test
    void anOwnerTakesAModelAsAZip() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.completed(
                    "alice",
                    "job-1",
                    Map.of(
                            "model/a.txt",
                            "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                            "model/b/c.bin",
                            new byte[100_000]));
            var zip = server.get(server.token("alice"), "/api/training/job-1/download/model");
            assertThat(zip.statusCode()).isEqualTo(200);
            assertThat(server.send(server.request(server.token("alice"), "/api/training/jobs")
                                    .DELETE())
                            .headers()
                            .firstValue("Allow"))
                    .contains("POST, GET, HEAD");
        }
    }
}

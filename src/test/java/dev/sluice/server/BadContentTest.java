package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A deflated copy that the disk has spoilt is replaced, and no client sees any of it. */
class BadContentTest {
    private static final String ZIP = "/api/training/run-1/download/model";

    @Test
    void aSpoiltCopyIsQuarantinedAndMadeAnew() throws Exception {
        try (TestServer server = TestServer.start()) {
            // Not completed: a published model would have copies of its own.
            server.register("alice", "run-1");
            new Models(server)
                    .upload(
                            "run-1",
                            Map.of(
                                    "model/log.txt",
                                    "step 1 loss 2.0\n".repeat(20_000).getBytes(StandardCharsets.UTF_8)));
            HttpResponse<byte[]> whole = server.get(server.token("alice"), ZIP);
            Path store = server.workspace().resolveSibling("store");
            List<Path> copies = files(store.resolve("blobs"));
            assertThat(copies).hasSize(1);
            Files.setPosixFilePermissions(copies.get(0), PosixFilePermissions.fromString("rw-r--r--"));
            Files.write(copies.get(0), new byte[10]);

            assertThat(server.get(server.token("alice"), ZIP).statusCode()).isEqualTo(500);
            new Metrics(server).await("sluice_storage_quarantined_blobs_total", 1);

            HttpResponse<byte[]> again = server.get(server.token("alice"), ZIP);
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.body()).isEqualTo(whole.body());
            assertThat(again.headers().firstValue("ETag"))
                    .isEqualTo(whole.headers().firstValue("ETag"));
            assertThat(files(store.resolve("quarantine"))).hasSize(1);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}

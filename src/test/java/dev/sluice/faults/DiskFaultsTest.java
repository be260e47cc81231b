package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.archive.ExternalTool;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A disk that is full, does not give what it holds, or does not keep what it was given, below a whole server. */
@Tag("faults")
@ExtendWith(Leaks.class)
class DiskFaultsTest extends ProcessFixture {
    /** More than a transfer reads ahead and a socket takes while its peer does not read. */
    private static final long SIZE = 64L << 20;

    /** How the event loop and the workers read, and who looks at what is suspected. */
    private static final String READS_FAIL = "sendfile,pread64,read:error=EIO";

    @Test
    void aFullDiskRefusesUploadsKeepsNothingOfThemAndServesOn() throws Exception {
        boolean mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=8m", "sluice-test", data.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        assumeTrue(mounted, "this user may not mount a file system");
        try {
            try (ServerProcess server = start()) {
                server.register("alice", "job");
                assertThat(server.put(SMALL, new byte[1 << 20]).statusCode()).isEqualTo(201);
                assertThat(server.put(BIG, new byte[16 << 20]).statusCode()).isEqualTo(507);
                assertThat(server.get(BIG, "alice").statusCode()).isEqualTo(404);
                assertThat(server.get(SMALL, "alice").body()).hasSize(1 << 20);
                assertThat(count(data.resolve("workspace/.staging"))).isZero();
                assertThat(server.put(SMALL, new byte[2 << 20]).statusCode()).isEqualTo(204);
                assertThat(server.get(SMALL, "alice").body()).hasSize(2 << 20);
            }
        } finally {
            new ExternalTool("umount").run(directory, data).succeeded();
        }
    }

    @Test
    void aReadErrorBreaksTheDownloadOffIsCountedAndWhatWasKnownOfTheFileForgotten() throws Exception {
        Path file = sparse("model/big.bin", SIZE);
        sparse("model/small.bin", 1000);
        try (ServerProcess server = start()) {
            server.register("alice", "job");
            breakOff(server, BIG, file);
            server.awaitLog(
                    Pattern.compile("Forgetting what was known of model/big.bin of job job: it cannot be read"));
            assertThat(server.meter("sluice_storage_read_failures_total")).isEqualTo(1);
            assertThat(server.get(SMALL, "alice").statusCode())
                    .as("others are served")
                    .isEqualTo(200);
            assertThat(server.get(BIG, "alice").body())
                    .as("the disk has recovered")
                    .hasSize((int) SIZE);
        }
    }

    @Test
    void aReadErrorOfPublishedContentQuarantinesIt() throws Exception {
        sparse("model/big.bin", SIZE);
        sparse("model/small.bin", 1000);
        try (ServerProcess server = start()) {
            server.register("alice", "job");
            server.complete("job");
            String model = "/api/models/" + server.published("alice", "job") + "/files/";
            String sha256 = BlobFiles.sha256(new byte[(int) SIZE]);
            Path blob = new BlobFiles(data, database).path(sha256);
            assertThat(blob).exists();
            breakOff(server, model + "big.bin", blob);
            server.awaitLog(Pattern.compile("Quarantining blob " + sha256 + ": it cannot be read"));
            Awaiting.until("it is counted", () -> server.meter("sluice_storage_quarantined_blobs_total") == 1);
            assertThat(server.meter("sluice_storage_read_failures_total")).isEqualTo(1);
            assertThat(blob).doesNotExist();
            assertThat(data.resolve("store/quarantine").resolve(sha256)).hasSize(SIZE);
            assertThat(server.get(model + "big.bin", "alice").statusCode()).isEqualTo(500);
            assertThat(server.get(model + "small.bin", "alice").statusCode())
                    .as("others are served")
                    .isEqualTo(200);
        }
    }

    /** Until what is at fault has been looked at. */
    private static void breakOff(ServerProcess server, String path, Path file) throws IOException {
        try (Wire wire = reading(server, path);
                Strace failing = Strace.attach(server.handle(), READS_FAIL, file)) {
            assertThat(wire.readToEnd()).hasSizeLessThan((int) SIZE).endsWith("[reset]");
            server.awaitLog(Pattern.compile("it cannot be read"));
        }
    }

    /** What the kernel did not keep is never taken for kept, also when it would say so the next time. */
    @Test
    void anUploadThatCannotBeMadeDurableFailsAndTheOldFileStays() throws Exception {
        byte[] old = {1};
        byte[] next = new byte[3 << 20];
        try (ServerProcess server = start()) {
            server.register("alice", "job");
            assertThat(server.put(SMALL, old).statusCode()).isEqualTo(201);
            for (Map.Entry<String, Integer> fault : List.of(
                    Map.entry("fdatasync:error=EIO:when=1", 500),
                    Map.entry("fsync:error=EIO:when=1", 500),
                    Map.entry("fsync:error=ENOSPC:when=1", 507))) {
                try (Strace failing = Strace.attach(server.handle(), fault.getKey())) {
                    HttpResponse<byte[]> refused = server.put(SMALL, next);
                    assertThat(refused.statusCode()).as(fault.getKey()).isEqualTo(fault.getValue());
                }
                assertThat(server.get(SMALL, "alice").body()).as(fault.getKey()).isEqualTo(old);
                assertThat(count(data.resolve("workspace/.staging"))).isZero();
            }
            assertThat(server.put(SMALL, next).statusCode()).isEqualTo(204);
            assertThat(server.get(SMALL, "alice").body()).isEqualTo(next);
            assertThat(Files.readAllBytes(data.resolve("workspace/job/model/small.bin")))
                    .isEqualTo(next);
        }
    }
}

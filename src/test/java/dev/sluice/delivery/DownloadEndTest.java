package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.http.EntityTag;
import dev.sluice.http.RangePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadEndTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

    /** Whoever drains waits until nothing is under way, and then until what has been told is written. */
    @Test
    void aDownloadIsUnderWayUntilItsEndHasBeenTold() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[SIZE]);
        CompletableFuture<Integer> underWay = new CompletableFuture<>();
        try (Origin origin = new Origin()) {
            EntrySource changing = new PlainSource(file) {
                @Override
                void recheck(int entry) throws IOException {
                    throw new IOException("changed");
                }

                @Override
                public void suspect(int entry) {
                    underWay.complete(origin.supervision().transfers().active());
                }
            };
            origin.serve(
                    "job/changing",
                    new Representation(
                            EntityTag.strong("changing"),
                            Instant.EPOCH,
                            ArchiveLayout.file(SIZE),
                            1,
                            changing,
                            "file",
                            "application/octet-stream",
                            "changing",
                            Optional.empty(),
                            RangePolicy.ALWAYS));
            try (Peer peer = Peer.connect(origin.port(false), false)) {
                peer.get("job/changing").head();
                assertThat(peer.drain()).isLessThan(SIZE);
            }
            assertThat(origin.aborted().party()).isEqualTo(TransferAborted.Party.CONTENT);
            assertThat(underWay.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(origin.supervision().transfers().active()).isZero();
        }
    }
}

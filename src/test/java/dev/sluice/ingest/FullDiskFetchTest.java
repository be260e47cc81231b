package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.digested;
import static dev.sluice.ingest.Fetching.random;
import static dev.sluice.ingest.Fetching.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ingest.FetchFailed.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full, where this user may mount one. */
class FullDiskFetchTest {
    private static final int DISK = 512 << 10;
    private static final byte[] CONTENT = random(300_000, 1);

    private final CompletableFuture<Fetch> running = new CompletableFuture<>();
    private final ScriptedUpstream upstream =
            new ScriptedUpstream((request, reply) -> reply.good(request, CONTENT, TAG));

    @TempDir
    Path directory;

    private SmallDisk disk;
    private Fetching fetching;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(directory.resolve("disk"), DISK);
        fetching = new Fetching(disk.root().resolve("partials"), "127.0.0.1");
    }

    @AfterEach
    void unmount() throws Exception {
        upstream.close();
        if (fetching != null) {
            fetching.close();
            disk.close();
        }
    }

    private boolean recorded() {
        try {
            return fetching.left().stream().anyMatch(name -> name.endsWith(".json"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void aFileThatDoesNotFitIsRefusedBeforeAByteOfItIsWritten() throws Exception {
        fetching.realSpace();
        byte[] large = random(DISK + 1, 2);
        upstream.script((request, reply) -> reply.good(request, large, TAG));
        assertThat(fetching.failure(request(upstream.url("/large"))).reason()).isEqualTo(Reason.NO_SPACE);
        assertThat(fetching.left()).isEmpty();
        assertThat(Files.getFileStore(disk.root()).getUsableSpace()).isGreaterThan(DISK / 2);
    }

    @Test
    void aDiskThatOthersFillUnderAFetchFailsItAndItGoesOnWhenThereIsRoomAgain() throws Exception {
        upstream.script((request, reply) -> {
            reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 100_000);
            Fetch fetch = running.join();
            Fetching.await(
                    "a part of it, and its record", () -> fetch.progress().bytes() == 100_000 && recorded());
            disk.fill();
            reply.body(CONTENT, 100_000, CONTENT.length).hang();
        });
        running.complete(fetching.start(digested(CONTENT, upstream.url("/file"))));
        FetchFailed failure = Fetching.failure(running.join());
        assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE);
        assertThat(failure).hasMessage("There is no space left for the file");
        assertThat(failure.retryable()).isTrue();
        assertThat(fetching.left())
                .as("the bytes and their record, no half-written one")
                .hasSize(2);

        Files.delete(disk.root().resolve("filler"));
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        assertThat(fetching.fetch(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests().get(1).header("Range")).matches("bytes=[1-9]\\d*-299999");
        assertThat(fetching.left()).isEmpty();
    }

    @Test
    void whereNotEvenARecordFitsNothingIsKept() throws Exception {
        upstream.script((request, reply) -> {
            // Less than to the first record, which the disk has no room for by then.
            reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 10_000);
            Fetch fetch = running.join();
            Fetching.await("a part of it", () -> fetch.progress().bytes() == 10_000);
            disk.fill();
            reply.body(CONTENT, 10_000, CONTENT.length).hang();
        });
        running.complete(fetching.start(digested(CONTENT, upstream.url("/file"))));
        assertThat(Fetching.failure(running.join()).reason()).isEqualTo(Reason.NO_SPACE);
        assertThat(fetching.left())
                .as("what cannot be gone on with takes no space")
                .isEmpty();
    }
}

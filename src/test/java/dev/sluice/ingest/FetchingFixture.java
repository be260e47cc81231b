package dev.sluice.ingest;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A fetcher of the test's own, and an upstream that does what the test says. */
abstract class FetchingFixture {
    final ScriptedUpstream upstream = new ScriptedUpstream((request, reply) -> reply.status(500));

    @TempDir
    Path directory;

    Fetching fetching;

    /** What was begun last, for scripts: they run before it is returned. */
    private volatile CompletableFuture<Fetch> running = new CompletableFuture<>();

    @BeforeEach
    void start() throws Exception {
        fetching = new Fetching(directory.resolve("partials"), "127.0.0.1");
    }

    @AfterEach
    void stop() {
        fetching.close();
        upstream.close();
    }

    Fetch begin(FetchRequest request) {
        if (running.isDone()) {
            running = new CompletableFuture<>();
        }
        Fetch fetch = fetching.start(request);
        running.complete(fetch);
        return fetch;
    }

    byte[] run(FetchRequest request) throws Exception {
        return Fetching.content(begin(request));
    }

    /** So that what was sent is not lost with the connection. */
    void awaitOnDisk(long bytes) {
        Fetch fetch = running.join();
        Fetching.await(bytes + " bytes on disk", () -> fetch.progress().bytes() >= bytes);
    }
}

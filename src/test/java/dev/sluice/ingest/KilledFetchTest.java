package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.digested;
import static dev.sluice.ingest.Fetching.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed in mid-fetch, and the next one. */
class KilledFetchTest {
    private static final byte[] CONTENT = random(500_000, 1);
    private static final int HALF = 250_000;

    @TempDir
    Path directory;

    /** What the process does: fetches one URL for ever. */
    public static void main(String[] arguments) throws Exception {
        Vertx vertx = Vertx.vertx();
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("killed");
        new Fetcher(
                        vertx,
                        worker,
                        Path.of(arguments[0]),
                        Fetching.limits(),
                        new AllowedHosts(List.of("127.0.0.1")),
                        UpstreamCredentials.NONE,
                        TrustedAuthorities.OF_THE_JDK,
                        new Surroundings(
                                host -> Future.failedFuture(host),
                                address -> false,
                                pause -> Future.succeededFuture(),
                                () -> 0,
                                () -> 0,
                                path -> 1L << 40))
                .start(digested(CONTENT, arguments[1]));
        Thread.sleep(Long.MAX_VALUE);
    }

    @Test
    void theNextProcessGoesOnWithWhatWasDurableAndHashesItAgain() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "500000").body(CONTENT, 0, HALF);
                reply.hang();
            } else {
                reply.good(request, CONTENT, TAG);
            }
        })) {
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            KilledFetchTest.class.getName(),
                            directory.toString(),
                            upstream.url("/file")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                // Not all that came is promised: checkpoints are 32 KiB apart. A JVM starts before.
                Fetching.await("checkpoints", Duration.ofMinutes(2), () -> promised() >= HALF - (64 << 10));
            } finally {
                process.destroyForcibly();
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
            long durable = promised();
            try (Fetching fetching = new Fetching(directory, "127.0.0.1")) {
                assertThat(fetching.fetch(digested(CONTENT, upstream.url("/file"))))
                        .isEqualTo(CONTENT);
                assertThat(fetching.left()).isEmpty();
            }
            assertThat(upstream.requests().get(1).header("Range")).isEqualTo("bytes=" + durable + "-499999");
        }
    }

    /** Bytes that the record counts; 0 while there is none. */
    private long promised() {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> records =
                    files.filter(file -> file.toString().endsWith(".part.json")).toList();
            return records.isEmpty()
                    ? 0
                    : new JsonObject(Files.readString(records.get(0)))
                            .getJsonArray("segments")
                            .getJsonArray(0)
                            .getLong(1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void aRecordThatPromisesTooMuchOrIsNoneIsNotBelieved() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream((request, reply) -> reply.good(request, CONTENT, TAG))) {
            for (String record : List.of(
                    "{\"source\":\"%s\",\"tag\":\"\\\"v1\\\"\",\"total\":500000,\"segments\":[[0,400000,500000]]}",
                    "{\"source\":\"%s\",\"tag\":\"\\\"v1\\\"\",\"total\":500000,\"segments\":[[0,7,300000]]}",
                    "{\"source\":\"%s\",\"tag\":\"\\\"v1\\\"\",\"total\":500000,\"segments\":[]}",
                    "{\"source\":\"%s\",\"to",
                    "")) {
                String url = upstream.url("/file");
                Path file;
                try (Partials partials = new Partials(directory, 1);
                        Partial partial = partials.open("key")) {
                    file = partial.file();
                }
                Files.write(file, new byte[100]);
                Files.writeString(PartialRecord.beside(file).path(), record.formatted(url));
                try (Fetching fetching = new Fetching(directory, "127.0.0.1")) {
                    assertThat(fetching.fetch(digested(CONTENT, url))).isEqualTo(CONTENT);
                }
            }
            assertThat(upstream.requests())
                    .hasSize(5)
                    .allSatisfy(request -> assertThat(request.header("Range")).isEmpty());
        }
    }
}

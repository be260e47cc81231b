package dev.sluice.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A fetcher whose surroundings the test decides: names, addresses, the clock, pauses, the free space. Blocking. */
final class Fetching implements AutoCloseable {
    static final String TAG = "\"v1\"";
    static final Duration STALL = Duration.ofSeconds(40);

    final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    final AtomicLong nanos = new AtomicLong();
    final AtomicLong freeSpace = new AtomicLong(1L << 40);
    final Deque<String> addresses = new ArrayDeque<>();
    final List<String> resolved = Collections.synchronizedList(new ArrayList<>());

    /** On the fetch's event loop. */
    volatile Runnable onPause = () -> {};

    /** How long pauses take. */
    volatile Future<Void> rest = Future.succeededFuture();

    private volatile Surroundings.FreeSpace space = path -> freeSpace.get();
    private final Vertx vertx = Vertx.vertx();
    private final WorkerExecutor worker = vertx.createSharedWorkerExecutor("ingest-test", 4);
    private final Path directory;
    private final Fetcher fetcher;

    Fetching(Path directory, String... allowed) throws IOException {
        this(directory, UpstreamCredentials.NONE, allowed);
    }

    Fetching(Path directory, UpstreamCredentials credentials, String... allowed) throws IOException {
        this(directory, credentials, TrustedAuthorities.OF_THE_JDK, allowed);
    }

    Fetching(Path directory, UpstreamCredentials credentials, TrustedAuthorities authorities, String... allowed)
            throws IOException {
        this.directory = directory;
        this.fetcher = new Fetcher(
                vertx,
                worker,
                directory,
                limits(),
                new AllowedHosts(List.of(allowed)),
                credentials,
                authorities,
                new Surroundings(
                        this::resolve,
                        // Stands for the internet.
                        address -> address.getHostAddress().equals("127.0.0.2"),
                        duration -> {
                            pauses.add(duration);
                            onPause.run();
                            return rest;
                        },
                        nanos::get,
                        () -> 0,
                        path -> space.at(path)));
    }

    /** As it really is, from now on. */
    void realSpace() {
        space = path -> Files.getFileStore(path).getUsableSpace();
    }

    /** Watches often, by the test's own clock; small checkpoints and ranges. */
    static FetchLimits limits() {
        return new FetchLimits(
                STALL.dividedBy(1000),
                1 << 20,
                4,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                32 << 10,
                1 << 10,
                64 << 10);
    }

    private Future<List<InetAddress>> resolve(String host) {
        resolved.add(host);
        try {
            return Future.succeededFuture(
                    List.of(InetAddress.getByName(addresses.size() > 1 ? addresses.poll() : addresses.peek())));
        } catch (UnknownHostException literal) {
            throw new AssertionError(literal);
        }
    }

    Fetcher fetcher() {
        return fetcher;
    }

    Fetch start(FetchRequest request) {
        return fetcher.start(request);
    }

    /** Fetches to the end; what came is removed again. */
    byte[] fetch(FetchRequest request) throws IOException {
        return content(start(request));
    }

    static byte[] content(Fetch fetch) throws IOException {
        try (FetchedFile file = TestDatabase.await(fetch.result())) {
            byte[] content = Files.readAllBytes(file.path());
            assertThat(file.fingerprint().sha256()).isEqualTo(sha256(content));
            assertThat(file.fingerprint().size()).isEqualTo(content.length);
            return content;
        }
    }

    /**
     * So much time passes that whoever waits has stalled; but none any more once the first try has been given up, for the next must
     * not be taken for stalled too. Before each further try there is a pause.
     */
    void passStallBeforeFirstPause() {
        synchronized (pauses) {
            if (pauses.isEmpty()) {
                nanos.addAndGet(STALL.toNanos());
            }
        }
    }

    FetchFailed failure(FetchRequest request) {
        return failure(start(request));
    }

    static FetchFailed failure(Fetch fetch) {
        try {
            fetch.result().await(30, TimeUnit.SECONDS);
            throw new AssertionError("the fetch succeeded");
        } catch (AssertionError succeeded) {
            throw succeeded;
        } catch (Throwable failure) {
            assertThat(failure).isInstanceOf(FetchFailed.class);
            return (FetchFailed) failure;
        }
    }

    static FetchRequest request(String... urls) {
        return new FetchRequest(
                "key",
                List.of(urls),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                1);
    }

    static FetchRequest digested(byte[] content, String... urls) {
        return new FetchRequest(
                "key",
                List.of(urls),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.of(sha256(content)),
                OptionalLong.empty(),
                1);
    }

    static FetchRequest parallel(byte[] content, int connections, String url) {
        return new FetchRequest(
                "key",
                List.of(url),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.of(sha256(content)),
                OptionalLong.empty(),
                connections);
    }

    static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, Duration.ofSeconds(30), condition);
    }

    static void await(String what, Duration patience, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience + ": " + what);
            }
            LockSupport.parkNanos(500_000);
        }
    }

    /** Unfinished files and their records. */
    List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("locks"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() {
        TestDatabase.await(fetcher.close());
        TestDatabase.await(vertx.close());
    }
}

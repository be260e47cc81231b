package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.EntryFilter;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.TemporaryTree;
import dev.sluice.audit.AuditLog;
import dev.sluice.audit.Replica;
import dev.sluice.database.Database;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RangePolicy;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.Checksums;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.Encodings;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.Quarantine;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The engine behind servers of its own, plain and with TLS, over live files of one workspace: {@code /{job}.zip},
 * {@code /{job}.tar} and {@code /{job}/{path}}. What became of each transfer is kept. Blocking; for test threads.
 */
final class Origin implements AutoCloseable {
    static final String OWNER = "alice";

    private final TestDatabase testDatabase = TestDatabase.fresh();
    private final Path directory;
    private final Vertx vertx;
    private final Database database;
    private final Workspace workspace;
    private final WorkerExecutor worker;
    private final WorkerExecutor index;
    private final Supervision supervision;
    private final LivePlans plans;
    private final Delivery delivery;
    private final BlockingQueue<AsyncResult<Void>> outcomes = new LinkedBlockingQueue<>();
    private final Map<String, Representation> scripted = new ConcurrentHashMap<>();
    private final int plainPort;
    private final int tlsPort;

    Origin() {
        this(Clock.systemUTC(), new HttpServerOptions());
    }

    Origin(Clock clock, HttpServerOptions options) {
        this(clock, options, new TransferLimits.Limit(1_000, 1_000));
    }

    /** @param reads how much may be read at one time */
    Origin(Clock clock, HttpServerOptions options, TransferLimits.Limit reads) {
        try {
            directory = Files.createTempDirectory("sluice-origin");
            vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
            database = TestDatabase.await(Database.open(vertx, testDatabase.config()));
            workspace = new Workspace(directory.resolve("workspace"));
            worker = vertx.createSharedWorkerExecutor("files", 4);
            index = vertx.createSharedWorkerExecutor("index", 2, 1, TimeUnit.HOURS);
            LocalBlobStore blobs = new LocalBlobStore(directory.resolve("store"));
            ContentIndex contents = new ContentIndex(database, Clock.systemUTC());
            ParallelDeflater deflater =
                    new ParallelDeflater(block -> index.executeBlocking(Executors.callable(block), false), 2);
            Meters meters = new Meters();
            TransferLimits.Limit many = new TransferLimits.Limit(1_000, 1_000);
            supervision = new Supervision(
                    new TransferLimits(many, reads, many, Duration.ofMinutes(1)), meters, System::nanoTime);
            plans = new LivePlans(
                    contents,
                    new Encodings(workspace, new Blobs(database, blobs, index), contents, index, deflater),
                    new LiveReader(workspace, blobs, new Checksums(workspace, contents, index, index), supervision),
                    new Quarantine(database, workspace, blobs, contents, index, copy -> {}));
            Replica replica = TestDatabase.await(Replica.join(vertx, database));
            delivery = new Delivery(
                    vertx,
                    worker,
                    clock,
                    supervision,
                    new DownloadRecords(
                            new AuditLog(vertx, database, replica, meters, Duration.ofMinutes(1)),
                            new DownloadHistory(vertx, database, replica, meters)));
            options.setHost("127.0.0.1").setPort(0).setIdleTimeout(0);
            plainPort = listen(new HttpServerOptions(options));
            tlsPort = listen(new HttpServerOptions(options)
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(new PfxOptions()
                            .setPath(SelfSigned.store().toString())
                            .setPassword(SelfSigned.PASSWORD)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private int listen(HttpServerOptions options) {
        return TestDatabase.await(vertx.createHttpServer(options)
                        .requestHandler(request -> answer(request).onComplete(outcomes::add))
                        .listen())
                .actualPort();
    }

    private Future<Void> answer(HttpServerRequest request) {
        return plan(request.path().substring(1))
                .compose(plan -> delivery.deliver(
                        new Asked(
                                request,
                                request.remoteAddress().hostAddress(),
                                OWNER,
                                "job",
                                "a job",
                                "a request",
                                new Arrival(System.nanoTime(), Optional.empty())),
                        plan))
                .onFailure(failure -> refuse(request, failure));
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private static void refuse(HttpServerRequest request, Throwable failure) {
        if (failure instanceof TransferAborted || request.response().ended()) {
            return;
        }
        int status = failure instanceof ProblemException known ? known.problem().status() : 500;
        request.response().headers().remove("Content-Length");
        request.response().setStatusCode(status).end();
    }

    /** What a target is from now on. */
    void serve(String target, Representation representation) {
        scripted.put(target, representation);
    }

    Future<Representation> plan(String target) {
        Representation told = scripted.get(target);
        if (told != null) {
            return Future.succeededFuture(told);
        }
        int dot = target.lastIndexOf('.');
        return target.contains("/")
                ? file(target.substring(0, target.indexOf('/')), target.substring(target.indexOf('/') + 1))
                : archive(
                        target.substring(0, dot),
                        ArchiveFormat.parse(target.substring(dot + 1)).orElseThrow());
    }

    private Future<Representation> file(String job, String path) {
        return worker.executeBlocking(
                        () -> workspace.find(job, EntryName.parse(path)).orElseThrow(), false)
                .compose(file -> plans.file(
                        OWNER,
                        file,
                        "file",
                        path.substring(path.lastIndexOf('/') + 1),
                        "application/octet-stream",
                        RangePolicy.ALWAYS));
    }

    private Future<Representation> archive(String job, ArchiveFormat format) {
        return archive(OWNER, job, format);
    }

    Future<Representation> archive(String owner, String job, ArchiveFormat format) {
        return worker.executeBlocking(() -> workspace.walk(job, "").orElseThrow(), false)
                .compose(found -> plans.archive(
                        new LiveArchive(
                                owner,
                                job,
                                "",
                                found.files(),
                                found.emptyDirectories(),
                                "model",
                                job,
                                RangePolicy.ALWAYS),
                        format,
                        EntryFilter.of(List.of(), List.of())));
    }

    Vertx vertx() {
        return vertx;
    }

    WorkerExecutor worker() {
        return worker;
    }

    /** What reads content beside transfers: two threads. */
    WorkerExecutor index() {
        return index;
    }

    Supervision supervision() {
        return supervision;
    }

    Snapshot walk(String job) {
        try {
            return workspace.walk(job, "").orElseThrow();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    int port(boolean tls) {
        return tls ? tlsPort : plainPort;
    }

    URI uri(boolean tls, String target) {
        return URI.create((tls ? "https" : "http") + "://localhost:" + port(tls) + "/" + target);
    }

    /** Of a job, in the workspace; its directory is made. */
    Path path(String job, String path) {
        try {
            Path file = directory.resolve("workspace").resolve(job).resolve(path);
            Files.createDirectories(file.getParent());
            return file;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Path write(String job, String path, byte[] content) {
        try {
            return Files.write(path(job, path), content);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What became of the next transfer to end, in the order in which they end. */
    AsyncResult<Void> outcome() {
        try {
            AsyncResult<Void> outcome = outcomes.poll(30, TimeUnit.SECONDS);
            assertThat(outcome).as("the transfer's outcome").isNotNull();
            return outcome;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    TransferAborted aborted() {
        AsyncResult<Void> outcome = outcome();
        assertThat(outcome.cause()).isInstanceOf(TransferAborted.class);
        return (TransferAborted) outcome.cause();
    }

    /** Descriptors of the process below this server's directory. */
    List<Path> descriptors() {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.flatMap(Origin::target)
                    .filter(target -> target.startsWith(directory))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Empty when the descriptor was closed meanwhile. */
    private static Stream<Path> target(Path descriptor) {
        try {
            return Stream.of(Files.readSymbolicLink(descriptor));
        } catch (NoSuchFileException | NotLinkException closed) {
            return Stream.empty();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Buffers of the engine's sizes that are leased from the pool now; smaller ones may rest in the caches of threads. */
    static long leasedBuffers() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveNormalAllocations)
                .sum();
    }

    void nothingIsHeld(long leasedBefore) {
        awaitThat("no descriptor is open", () -> descriptors().isEmpty());
        awaitThat("every buffer is back", () -> leasedBuffers() <= leasedBefore);
    }

    static void awaitThat(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(2);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    static <T> T unchecked(Callable<T> call) {
        try {
            return call.call();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void close() {
        TestDatabase.await(database.close());
        TestDatabase.await(vertx.close());
        testDatabase.close();
        TemporaryTree.delete(directory);
    }
}

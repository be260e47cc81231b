package dev.sluice.server;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.TokenVerifier;
import dev.sluice.config.Secret;
import dev.sluice.database.Database;
import dev.sluice.database.DatabaseConfig;
import dev.sluice.delivery.Supervision;
import dev.sluice.delivery.TransferLimits;
import dev.sluice.delivery.TransferSupervisor;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.BlobCollection;
import io.netty.channel.epoll.Epoll;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server: every part is made here, by hand and in order, and ended in the reverse order. */
final class Server {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    private static final String FLIGHT_EVENTS = "io.netty.jfr.enabled";

    private final Vertx vertx;
    private final Database database;
    private final TokenVerifier tokens;
    private final Ingestion ingestion;
    private final TransferSupervisor supervisor;
    private final Meters meters;
    private final Recording recording;
    private final Supplier<Router> routers;
    private final int port;
    private final int managementPort;

    private Server(
            Vertx vertx,
            Database database,
            TokenVerifier tokens,
            Ingestion ingestion,
            TransferSupervisor supervisor,
            Meters meters,
            Recording recording,
            Supplier<Router> routers,
            int port,
            int managementPort) {
        this.vertx = vertx;
        this.tokens = tokens;
        this.ingestion = ingestion;
        this.database = database;
        this.supervisor = supervisor;
        this.meters = meters;
        this.recording = recording;
        this.routers = routers;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** Where clients connect. */
    int port() {
        return port;
    }

    int managementPort() {
        return managementPort;
    }

    /** One more, as each event loop has its own. */
    Router router() {
        return routers.get();
    }

    /**
     * Fails, with nothing left running, when a part cannot start.
     *
     * @param clock for what is dated or expires; durations are measured by another, which never jumps
     */
    static Future<Server> start(ServerConfig config, AccessConfig access, Clock clock) {
        return start(config, access, clock, Patience.USUAL);
    }

    /** As the other. */
    static Future<Server> start(ServerConfig config, AccessConfig access, Clock clock, Patience patience) {
        CongestionControl congestionControl = CongestionControl.ofSystem();
        Vertx vertx = congestionControl.tells() && Epoll.isAvailable()
                ? builder()
                        .withTransport(new ListeningTransport(congestionControl))
                        .build()
                : vertx();
        // Of no event loop: these have ended when a failure is told, and what is theirs is told to nobody then.
        Promise<Server> started = Promise.promise();
        Database.open(vertx, database(config, patience))
                .compose(database -> start(vertx, congestionControl, database, config, access, clock, patience)
                        .recover(failure -> database.close().transform(closed -> Future.failedFuture(failure))))
                .onSuccess(started::complete)
                .onFailure(failure -> vertx.close().onComplete(closed -> started.fail(failure)));
        return started.future();
    }

    /** For a command, which listens to nobody. */
    static Vertx vertx() {
        return builder().build();
    }

    private static VertxBuilder builder() {
        // Netty's own events for flight recordings: their classes take a tenth of a start, and tell nothing that meters
        // do not.
        System.setProperty(FLIGHT_EVENTS, System.getProperty(FLIGHT_EVENTS, "false"));
        return Vertx.builder()
                .with(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(eventLoops()));
    }

    /**
     * They never wait, so more of them than cores only wait for each other: who asks for a little beside large downloads is
     * answered in half the time by half as many.
     */
    private static int eventLoops() {
        return Math.max(2, Runtime.getRuntime().availableProcessors());
    }

    /** For a command. */
    static DatabaseConfig database(ServerConfig config) {
        return database(config, Patience.COMMAND);
    }

    private static DatabaseConfig database(ServerConfig config, Patience patience) {
        return new DatabaseConfig(
                config.database().url().map(Secret::reveal),
                config.data().dir(),
                config.database().poolSize(),
                config.database().connectTimeout(),
                patience.database(),
                patience.statement());
    }

    private static Future<Server> start(
            Vertx vertx,
            CongestionControl congestionControl,
            Database database,
            ServerConfig config,
            AccessConfig access,
            Clock clock,
            Patience patience) {
        Meters meters = new Meters();
        return Recording.start(vertx, database, meters, clock, patience)
                .compose(recording ->
                        start(vertx, congestionControl, database, config, access, meters, recording, clock, patience))
                .onFailure(failure -> meters.close());
    }

    private static Future<Server> start(
            Vertx vertx,
            CongestionControl congestionControl,
            Database database,
            ServerConfig config,
            AccessConfig access,
            Meters meters,
            Recording recording,
            Clock clock,
            Patience patience) {
        int cores = Runtime.getRuntime().availableProcessors();
        WorkerExecutor files = vertx.createSharedWorkerExecutor("sluice-files", 4 * cores, 1, TimeUnit.HOURS);
        WorkerExecutor encodings = vertx.createSharedWorkerExecutor("sluice-encodings", cores, 1, TimeUnit.HOURS);
        WorkerExecutor index = vertx.createSharedWorkerExecutor("sluice-index", cores, 1, TimeUnit.DAYS);
        AtomicInteger port = new AtomicInteger();
        meters.databaseAsked(database::asked);
        Supervision supervision = new Supervision(limits(config, cores), meters, System::nanoTime, patience.queue());
        TransferSupervisor supervisor =
                new TransferSupervisor(supervision, Map.of("files", files, "encodings", encodings, "index", index));
        database.measureWaits(meters::databaseWait);
        config.records().retention(database).forgetHourly(vertx);
        Foundation foundation =
                new Foundation(vertx, database, config, files, encodings, index, supervision, recording, clock);
        return foundation
                .open()
                .onSuccess(opened -> collectHourly(
                        vertx,
                        new BlobCollection(
                                database, opened.contents().stores().blobs(), index, clock, BlobCollection.GRACE)))
                .compose(opened -> foundation
                        .publishing(opened)
                        .compose(publishing -> TokenVerifier.create(vertx, access, clock)
                                .compose(tokens -> {
                                    Features features = foundation.features(tokens, opened, publishing);
                                    return vertx.deployVerticle(supervisor)
                                            .compose(deployed -> vertx.deployVerticle(
                                                    () -> new HttpVerticle(
                                                            HttpListener.options(config.http()),
                                                            congestionControl,
                                                            features,
                                                            supervision,
                                                            port),
                                                    new DeploymentOptions().setInstances(eventLoops())))
                                            .compose(deployed -> vertx.deployVerticle(publishing.verticle()))
                                            .onSuccess(deployed -> publishing.purgeHourly(
                                                    vertx, config.records().deletedModelsKept()))
                                            .compose(deployed -> Management.listen(
                                                    vertx,
                                                    congestionControl,
                                                    database,
                                                    supervision,
                                                    config.management()))
                                            .onSuccess(management ->
                                                    opened.ingestion().start(vertx))
                                            .map(management -> new Server(
                                                    vertx,
                                                    database,
                                                    tokens,
                                                    opened.ingestion(),
                                                    supervisor,
                                                    meters,
                                                    recording,
                                                    () -> Routes.router(vertx, features, supervision),
                                                    port.get(),
                                                    management.actualPort()))
                                            .recover(failure ->
                                                    tokens.close().transform(closed -> Future.failedFuture(failure)));
                                })));
    }

    private static TransferLimits limits(ServerConfig config, int cores) {
        ServerConfig.Delivery delivery = config.delivery();
        return new TransferLimits(
                new TransferLimits.Limit(delivery.maxStreams(), delivery.maxStreamsPerOwner()),
                config.limits().readLimit(cores),
                config.limits().ingestLimit(cores),
                delivery.stallTimeout());
    }

    private static void collectHourly(Vertx vertx, BlobCollection blobs) {
        vertx.setPeriodic(
                Duration.ofHours(1).toMillis(),
                hour -> blobs.collect()
                        .onFailure(failure -> log.warn(
                                "Contents that nothing refers to could not be collected; tried again in an hour",
                                failure)));
    }

    /**
     * Is ready no more, starts no transfer and lets those under way finish; resets what is left after the timeout, so that
     * it resumes elsewhere. Everything else is answered as ever, until {@link #stop}.
     */
    Future<Void> drain(Duration timeout) {
        return supervisor.drain(timeout).compose(drained -> recording.flush());
    }

    Future<Void> stop() {
        return vertx.deploymentIDs().stream()
                .map(vertx::undeploy)
                .reduce(Future.succeededFuture(), (one, other) -> one.compose(done -> other))
                .transform(undeployed -> ingestion.stop())
                .transform(stopped -> tokens.close())
                .transform(closed -> recording.close())
                .transform(closed -> database.close())
                .transform(closed -> vertx.close())
                .onComplete(closed -> meters.close());
    }
}

package dev.sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All meters of the process, each named in this one place. Labels take few values, none of them from a request. Any thread;
 * nothing here blocks, but for {@link #scrape}.
 */
public final class Meters implements AutoCloseable {
    private static final Duration[] FIRST_BYTE = millis(5, 25, 100, 250, 1_000, 2_500, 10_000);
    private static final Duration[] DURATION = millis(100, 1_000, 10_000, 60_000, 300_000, 1_800_000, 7_200_000);
    private static final Duration[] DATABASE_WAIT = millis(1, 5, 20, 100, 500, 1_000);
    private static final Duration[] STORE = millis(10, 50, 200, 1_000, 5_000, 30_000);
    private static final Duration[] LAG = millis(1, 5, 20, 100, 500, 2_000);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Each request has one, and to find it in the registry takes as long as much else of a request. */
    private final ConcurrentMap<Responses, Counter> responses = new ConcurrentHashMap<>();

    /** Kept here because the registry's reference is weak. */
    private volatile LongSupplier databaseAsked = () -> 0;

    private record Responses(String kind, int status) {}

    public Meters() {
        // Prometheus' checker objects to these names of Micrometer's; process.cpu.usage tells as much.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        Gauge.builder("sluice.downloads.success.ratio", this::successRatio)
                .description("Completed downloads by all that ended but those whose client left, since the start")
                .register(registry);
    }

    /** The exposition in Prometheus' text format. It is as large as the meters are many: kilobytes. */
    public String scrape() {
        return registry.scrape();
    }

    /**
     * Counts one response body, however it ended.
     *
     * @param kind one of few, such as {@code model}
     */
    public void downloadEnded(String kind, Outcome outcome) {
        downloads(kind, outcome).increment();
    }

    /** Bytes that have left for clients, as they leave. */
    public void downloadBytes(String kind, long bytes) {
        Counter.builder("sluice.download.bytes")
                .description("Body bytes of downloads that were sent")
                .baseUnit("bytes")
                .tag("kind", kind)
                .register(registry)
                .increment((double) bytes);
    }

    /** From the request to the first bytes of the body. */
    public void firstByte(Duration after) {
        timer("sluice.download.first.byte", "From the request to the first bytes of the body", FIRST_BYTE)
                .register(registry)
                .record(after);
    }

    /** How long a download took that completed. */
    public void downloadTook(SizeClass size, Duration duration) {
        timer("sluice.download.duration", "Duration of completed downloads by the size of their bodies", DURATION)
                .tag("size", size.label())
                .register(registry)
                .record(duration);
    }

    /** Counts one download that the disk did not give the bytes of. */
    public void readFailed() {
        Counter.builder("sluice.storage.read.failures")
                .description("Downloads that broke because the disk could not read")
                .register(registry)
                .increment();
    }

    /** Counts one blob that was found bad and is served no more. */
    public void quarantined() {
        Counter.builder("sluice.storage.quarantined.blobs")
                .description("Blobs that were found bad and are served no more")
                .register(registry)
                .increment();
    }

    /**
     * Counts one request to the store, and each attempt by itself.
     *
     * @param operation one of few, such as {@code get}
     * @param outcome one of few
     * @param took until the whole answer; of what reads an object, until the answer's head
     */
    public void storeAsked(String operation, String outcome, Duration took) {
        Counter.builder("sluice.store.requests")
                .description("Requests to the store of published files, by operation and outcome")
                .tag("operation", operation)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
        timer("sluice.store.request.duration", "From a request to the store to its answer", STORE)
                .tag("operation", operation)
                .register(registry)
                .record(took);
    }

    /** Counts one request that is made again, or one read that is gone on with, because it failed before. */
    public void storeAskedAgain(String operation) {
        Counter.builder("sluice.store.retries")
                .description("Requests to the store that are made again, and reads that are gone on with")
                .tag("operation", operation)
                .register(registry)
                .increment();
    }

    public void uploadEnded(Outcome outcome) {
        Counter.builder("sluice.uploads")
                .description("Uploads that ended, by outcome")
                .tag("outcome", outcome.label())
                .register(registry)
                .increment();
    }

    /**
     * Counts one request that was not admitted.
     *
     * @param cost class of the work, one of few
     * @param reason one of few
     */
    public void refused(String cost, String reason) {
        Counter.builder("sluice.refusals")
                .description(
                        "Requests that were not admitted, by the class of their work and the limit that was reached")
                .tag("class", cost)
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /** How long an event loop took to come to a task. */
    public void eventLoopLag(Duration lag) {
        timer("sluice.event.loop.lag", "How long an event loop takes to come to a task", LAG)
                .register(registry)
                .record(lag);
    }

    /** How long a worker pool took to come to a task. */
    public void poolLag(String pool, Duration lag) {
        timer("sluice.worker.pool.lag", "How long a worker pool takes to come to a task", LAG)
                .tag("pool", pool)
                .register(registry)
                .record(lag);
    }

    public void activeTransfers(Supplier<Number> active) {
        Gauge.builder("sluice.transfers.active", active)
                .description("Downloads and uploads under way")
                .register(registry);
    }

    public void activeStreams(Supplier<Number> active) {
        Gauge.builder("sluice.downloads.active", active)
                .description("Downloads that hold a permit; ranges of one content by one client share one")
                .register(registry);
    }

    public void queuedDownloads(Supplier<Number> queued) {
        Gauge.builder("sluice.downloads.queued", queued)
                .description("Downloads that wait to be admitted")
                .register(registry);
    }

    /**
     * Shows the permits of a class that are out.
     *
     * @param cost class of the work, one of few
     */
    public void activeWork(String cost, Supplier<Number> active) {
        Gauge.builder("sluice.work.active", active)
                .description("Archives that are being read, and uploads, that hold a permit")
                .tag("class", cost)
                .register(registry);
    }

    /**
     * Shows who waits for a permit of a class.
     *
     * @param cost class of the work, one of few
     */
    public void queuedWork(String cost, Supplier<Number> queued) {
        Gauge.builder("sluice.work.queued", queued)
                .description("Archives to be read, and uploads, that wait for a permit")
                .tag("class", cost)
                .register(registry);
    }

    /**
     * Counts one response whose head was sent.
     *
     * @param kind of what was asked for, one of few
     */
    public void responded(String kind, int status) {
        Responses key = new Responses(kind, status);
        Counter known = responses.get(key);
        (known == null ? responses.computeIfAbsent(key, this::responses) : known).increment();
    }

    private Counter responses(Responses key) {
        return Counter.builder("sluice.http.responses")
                .description("Responses by the kind of what was asked for and their status")
                .tag("kind", key.kind())
                .tag("status", Integer.toString(key.status()))
                .register(registry);
    }

    /** How long a transaction waited for a connection of the pool, and for its beginning. */
    public void databaseWait(Duration waited) {
        timer("sluice.database.wait", "How long a transaction waits for a connection and its beginning", DATABASE_WAIT)
                .register(registry)
                .record(waited);
    }

    /**
     * Shows whether requests should come here.
     *
     * @param ready 1 or 0
     */
    public void ready(Supplier<Number> ready) {
        Gauge.builder("sluice.ready", ready)
                .description("Whether requests should come here: the database answers, and the server does not drain")
                .register(registry);
    }

    /** Counts records that will never be written. */
    public void recordsLost(String kind, long count) {
        Counter.builder("sluice.records.lost")
                .description("Records of downloads that were given up, because the database was away for too long")
                .tag("kind", kind)
                .register(registry)
                .increment((double) count);
    }

    public void recordsWaiting(String kind, Supplier<Number> waiting) {
        Gauge.builder("sluice.records.waiting", waiting)
                .description("Records of downloads that are still to be written")
                .tag("kind", kind)
                .register(registry);
    }

    /**
     * Shows how often the database is asked.
     *
     * @param asked questions and transactions since the start; one statement may answer several questions
     */
    public void databaseAsked(LongSupplier asked) {
        databaseAsked = asked;
        FunctionCounter.builder("sluice.database.asked", this, meters -> meters.databaseAsked.getAsLong())
                .description("Questions to the database, of which several may be one statement, and transactions")
                .register(registry);
    }

    private Counter downloads(String kind, Outcome outcome) {
        return Counter.builder("sluice.downloads")
                .description("Downloads that ended, by kind and outcome")
                .tag("kind", kind)
                .tag("outcome", outcome.label())
                .register(registry);
    }

    /** 1 while nothing has failed. */
    private double successRatio() {
        double completed = 0;
        double failed = 0;
        for (Counter ended : registry.find("sluice.downloads").counters()) {
            String outcome = ended.getId().getTag("outcome");
            if (Outcome.COMPLETED.label().equals(outcome)) {
                completed += ended.count();
            } else if (!Outcome.CLIENT_LEFT.label().equals(outcome)
                    && !Outcome.REDIRECTED.label().equals(outcome)) {
                failed += ended.count();
            }
        }
        return failed == 0 ? 1 : completed / (completed + failed);
    }

    private static Timer.Builder timer(String name, String description, Duration[] buckets) {
        return Timer.builder(name).description(description).serviceLevelObjectives(buckets);
    }

    private static Duration[] millis(long... values) {
        return java.util.Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}

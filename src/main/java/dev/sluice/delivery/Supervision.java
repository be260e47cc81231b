package dev.sluice.delivery;

import dev.sluice.http.ProblemException;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What event loops and the {@link TransferSupervisor} share. Any thread. */
public final class Supervision {
    /** For which a request waits at most until it is admitted, as a rule. */
    public static final Duration PATIENCE = Admission.PATIENCE;

    /** Ranges share permits; of content that is known already nothing is sent. */
    private static final List<String> NEED_NO_PERMIT =
            List.of("Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since");

    private final TransferLimits limits;
    private final Map<CostClass, Admission> admissions = new EnumMap<>(CostClass.class);
    private final Transfers transfers;
    private final Meters meters;

    public Supervision(TransferLimits limits, Meters meters, LongSupplier nanoTime) {
        this(limits, meters, nanoTime, PATIENCE);
    }

    /** @param patience other than {@link #PATIENCE} */
    public Supervision(TransferLimits limits, Meters meters, LongSupplier nanoTime, Duration patience) {
        this.limits = limits;
        for (CostClass cost : CostClass.values()) {
            admissions.put(cost, new Admission(cost, limits.of(cost), nanoTime, patience));
        }
        this.transfers = new Transfers(nanoTime);
        this.meters = meters;
        meters.activeTransfers(transfers::active);
        meters.activeStreams(admission(CostClass.STREAM)::streams);
        meters.queuedDownloads(admission(CostClass.STREAM)::queued);
        for (CostClass cost : new CostClass[] {CostClass.READ, CostClass.INGEST}) {
            meters.activeWork(cost.label(), admission(cost)::streams);
            meters.queuedWork(cost.label(), admission(cost)::queued);
        }
    }

    TransferLimits limits() {
        return limits;
    }

    /** Whether nothing is sent, and nothing will be that was admitted already. */
    boolean isIdle() {
        return transfers.active() == 0 && admission(CostClass.STREAM).streams() == 0;
    }

    Admission admission(CostClass cost) {
        return Objects.requireNonNull(admissions.get(cost));
    }

    Collection<Admission> admissions() {
        return admissions.values();
    }

    /**
     * Asks for a permit, for whoever takes it to release. Fails with {@link ProblemException}: 429 when the owner has its share, 503
     * when the server has enough, which is counted.
     */
    Future<Permit> admit(CostClass cost, String owner, Admission.@Nullable Shared shared) {
        return told(admission(cost).admit(owner, shared));
    }

    private <T> Future<T> told(Future<T> admitted) {
        return admitted.recover(failure -> Future.failedFuture(refused((AdmissionRefused) failure)));
    }

    private ProblemException refused(AdmissionRefused refused) {
        meters.refused(refused.cost().label(), refused.reason().label());
        return new ProblemException(refused.problem(limits));
    }

    /**
     * Begins a request for content whose turn it is. Who has to wait does so before anything is looked up, and who is refused is
     * refused then: an overload must not make work for the database and the disks. Only for whole content, which takes a permit of its
     * own, and without conditions, which may be answered without any; all others are admitted when it is known what they ask for.
     * While an archive is read that has to be first, the permit is held.
     *
     * @param work finds a permit that was waited for by {@link Arrival#of}; it is given back when the work is over. It is not begun when
     *     the request is refused, as by {@link #admit}
     */
    public <T> Future<T> inTurn(RoutingContext ctx, String owner, Supplier<Future<T>> work) {
        long came = System.nanoTime();
        HttpServerRequest request = ctx.request();
        if (!request.method().equals(HttpMethod.GET) || NEED_NO_PERMIT.stream().anyMatch(request.headers()::contains)) {
            return work.get();
        }
        return told(admission(CostClass.STREAM).queue(owner)).compose(waited -> {
            new Arrival(came, waited).goesWith(ctx);
            return waited.isPresent() ? under(waited.get(), work) : work.get();
        });
    }

    /**
     * Takes content in, of which this owner has not too much under way.
     *
     * @param work is not begun when it is refused, as by {@link #admit}
     */
    public <T> Future<T> ingest(String owner, Supplier<Future<T>> work) {
        return admit(CostClass.INGEST, owner, null).compose(permit -> under(permit, work));
    }

    /**
     * As {@link #ingest}, for work that no client waits for: it is told {@link AdmissionRefused}, and comes again later. That is not
     * counted, for nobody was refused anything.
     */
    public <T> Future<T> fetch(String owner, Supplier<Future<T>> work) {
        return admission(CostClass.INGEST).admit(owner, null).compose(permit -> under(permit, work));
    }

    /** Reads content before anything of it is sent. */
    <T> Future<T> read(Admission.Shared what, Supplier<Future<T>> work) {
        return admit(CostClass.READ, what.owner(), what).compose(permit -> under(permit, work));
    }

    /** Reads content for a transfer that has begun: waits its turn, and is never refused. */
    <T> Future<T> readOn(String owner, Admission.@Nullable Shared what, Supplier<Future<T>> work) {
        return admission(CostClass.READ).admitBegun(owner, what).compose(permit -> under(permit, work));
    }

    private static <T> Future<T> under(Permit permit, Supplier<Future<T>> work) {
        return Future.succeededFuture().compose(begun -> work.get()).onComplete(over -> permit.release());
    }

    public Transfers transfers() {
        return transfers;
    }

    public Meters meters() {
        return meters;
    }
}

package dev.sluice.delivery;

import dev.sluice.http.EntityTag;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How much work of one class may be under way, in all here, and of one owner here and, as far as is known, elsewhere. Who finds no place
 * waits shortly, first come first served among the requests of one owner, in turn among owners: nobody's queue holds another's up. Any
 * thread; the lock is held for as long as it takes to count, and futures complete outside of it, on the context that asked.
 */
final class Admission {
    /** How long a request waits at most, as a rule. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Beyond these a request is refused at once: waiting is for bursts, and refusing early is what keeps an overload short. */
    static final int QUEUED_PER_OWNER = 64;

    static final int QUEUED = 1024;

    /**
     * Requests that count as one: for the same work of one owner, such as ranges of one content.
     *
     * @param address where they come from, when that makes a difference; or empty
     */
    record Shared(String owner, EntityTag tag, String address) {}

    private final CostClass cost;
    private final int most;
    private final int mostPerOwner;
    private final LongSupplier nanoTime;
    private final Duration patience;
    private final Map<String, Owner> owners = new HashMap<>();
    private final Map<Shared, Group> groups = new HashMap<>();
    private final Line line = new Line();

    /** What owners hold of other processes' permits; of those who hold any. */
    private Map<String, Long> elsewhere = Map.of();

    private int streams;
    private boolean closed;

    Admission(CostClass cost, TransferLimits.Limit limit, LongSupplier nanoTime) {
        this(cost, limit, nanoTime, PATIENCE);
    }

    Admission(CostClass cost, TransferLimits.Limit limit, LongSupplier nanoTime, Duration patience) {
        this.cost = cost;
        this.most = limit.most();
        this.mostPerOwner = limit.mostPerOwner();
        this.nanoTime = nanoTime;
        this.patience = patience;
    }

    /** Sharers of one content, and the permits that carry them. */
    final class Group {
        private final Shared shared;
        private int sharers;
        private int streams;

        Group(Shared shared) {
            this.shared = shared;
        }

        boolean hasRoom() {
            return sharers < (long) streams * cost.sharers();
        }
    }

    /**
     * Asks for a permit.
     *
     * @param shared what the connection shares a permit with; null counts singly
     * @return fails with {@link AdmissionRefused}. Whoever takes the permit releases it
     */
    Future<Permit> admit(String owner, @Nullable Shared shared) {
        return admit(owner, shared, false);
    }

    /**
     * As {@link #admit}, for a transfer that has begun, which refusing would break: waits its turn however long that takes, also
     * while the server drains, and whatever the owner holds elsewhere. Never fails.
     */
    Future<Permit> admitBegun(String owner, @Nullable Shared shared) {
        return admit(owner, shared, true);
    }

    /**
     * As {@link #admit}, for who shares nothing and does not need the permit yet: takes none while one is to be had at once.
     *
     * @return a permit that had to be waited for; or empty, and {@link #admit} is to be asked in time
     */
    Future<Optional<Permit>> queue(String owner) {
        return hasRoom(owner)
                ? Future.succeededFuture(Optional.empty())
                : admit(owner, null).map(Optional::of);
    }

    private synchronized boolean hasRoom(String owner) {
        Owner asking = owners.getOrDefault(owner, new Owner(owner));
        return !closed && asking.queue.isEmpty() && hasRoom(asking, false);
    }

    private boolean isFull(Owner asking) {
        return asking.queue.size() >= QUEUED_PER_OWNER || line.impatient() >= QUEUED;
    }

    private Future<Permit> admit(String owner, @Nullable Shared shared, boolean steadfast) {
        synchronized (this) {
            if (closed && !steadfast) {
                return Future.failedFuture(refused(AdmissionRefused.Reason.DRAINING));
            }
            Owner asking = owners.computeIfAbsent(owner, Owner::new);
            @Nullable Group joined = shared == null ? null : groups.get(shared);
            if (joined != null && joined.hasRoom()) {
                return Future.succeededFuture(join(asking, joined));
            }
            if (asking.queue.isEmpty() && hasRoom(asking, steadfast)) {
                return Future.succeededFuture(take(asking, shared));
            }
            if (!steadfast && isFull(asking)) {
                forgetIdle(asking);
                return Future.failedFuture(refusal(asking));
            }
            Waiting waiting =
                    new Waiting(shared, steadfast, nanoTime.getAsLong(), Promise.promise(), Vertx.currentContext());
            line.add(asking, waiting);
            return waiting.promise().future();
        }
    }

    void release(Permit permit) {
        List<Waiting.Settled> settled = new ArrayList<>(0);
        synchronized (this) {
            if (!permit.end()) {
                return;
            }
            Owner owner = permit.owner();
            @Nullable Group group = permit.group();
            if (group == null || leave(group)) {
                owner.streams--;
                streams--;
                letIn(settled);
            } else {
                letSharersIn(owner, group, settled);
                line.forgetTurn(owner);
            }
            forgetIdle(owner);
        }
        tell(settled);
    }

    /** Refuses who will have waited too long by the next time this is asked. */
    void expire(Duration untilNext) {
        long latest = nanoTime.getAsLong() - patience.minus(untilNext).toNanos();
        List<Waiting.Settled> settled = new ArrayList<>(0);
        synchronized (this) {
            refuse(waiting -> waiting.since() - latest <= 0, this::refusal, settled);
            // Those behind them may need less.
            letIn(settled);
        }
        tell(settled);
    }

    /** Refuses all who wait and all who come, but for transfers that have begun. */
    void close() {
        List<Waiting.Settled> settled = new ArrayList<>();
        synchronized (this) {
            closed = true;
            refuse(waiting -> true, owner -> refused(AdmissionRefused.Reason.DRAINING), settled);
        }
        tell(settled);
    }

    private void refuse(Predicate<Waiting> whom, Function<Owner, AdmissionRefused> why, List<Waiting.Settled> settled) {
        Set<Owner> theirs = new HashSet<>();
        line.takeAll(waiting -> !waiting.steadfast() && whom.test(waiting), (owner, waiting) -> {
            settled.add(new Waiting.Settled(waiting, Future.failedFuture(why.apply(owner))));
            theirs.add(owner);
        });
        theirs.forEach(this::forgetIdle);
    }

    /**
     * Counts what owners hold of other processes' permits from now on.
     *
     * @param permits by owner; it is not changed any more
     */
    void heldElsewhere(Map<String, Long> permits) {
        List<Waiting.Settled> settled = new ArrayList<>(0);
        synchronized (this) {
            elsewhere = permits;
            letIn(settled);
        }
        tell(settled);
    }

    /** Permits that are out, by owner. */
    synchronized Map<String, Long> held() {
        Map<String, Long> held = new HashMap<>();
        owners.forEach((name, owner) -> {
            if (owner.streams > 0) {
                held.put(name, (long) owner.streams);
            }
        });
        return held;
    }

    /** Permits that are out. */
    synchronized int streams() {
        return streams;
    }

    synchronized int queued() {
        return line.length();
    }

    /** Owners of whom anything is remembered. */
    synchronized int owners() {
        return owners.size();
    }

    private boolean hasRoom(Owner owner, boolean steadfast) {
        return streams < most && (steadfast ? owner.streams : everywhere(owner)) < mostPerOwner;
    }

    private long everywhere(Owner owner) {
        return owner.streams + elsewhere.getOrDefault(owner.name, 0L);
    }

    private AdmissionRefused refusal(Owner owner) {
        return refused(
                everywhere(owner) >= mostPerOwner ? AdmissionRefused.Reason.OWNER : AdmissionRefused.Reason.SERVER);
    }

    private AdmissionRefused refused(AdmissionRefused.Reason reason) {
        return new AdmissionRefused(cost, reason);
    }

    private Permit take(Owner owner, @Nullable Shared shared) {
        owner.streams++;
        streams++;
        if (shared == null) {
            return new Permit(this, owner, null);
        }
        Group group = groups.computeIfAbsent(shared, Group::new);
        group.streams++;
        return join(owner, group);
    }

    private Permit join(Owner owner, Group group) {
        group.sharers++;
        return new Permit(this, owner, group);
    }

    /** Whether a stream became free: the last sharer left, or so many that fewer streams carry the rest. */
    private boolean leave(Group group) {
        group.sharers--;
        if (group.sharers == 0) {
            groups.remove(group.shared);
            return true;
        }
        boolean spare = group.sharers <= (group.streams - 1L) * cost.sharers();
        if (spare) {
            group.streams--;
        }
        return spare;
    }

    private void letIn(List<Waiting.Settled> settled) {
        for (int passed = 0; passed < line.owners() && streams < most; ) {
            Owner owner = line.next();
            if (hasRoom(owner, owner.queue.element().steadfast())) {
                Waiting next = line.first(owner);
                Permit permit = take(owner, next.shared());
                settled.add(new Waiting.Settled(next, Future.succeededFuture(permit)));
                letSharersIn(owner, permit.group(), settled);
                passed = 0;
            } else {
                passed++;
            }
            line.keep(owner);
        }
    }

    private void letSharersIn(Owner owner, @Nullable Group group, List<Waiting.Settled> settled) {
        if (group != null) {
            line.take(
                    owner,
                    other -> group.hasRoom() && group.shared.equals(other.shared()),
                    other -> settled.add(new Waiting.Settled(other, Future.succeededFuture(join(owner, group)))));
        }
    }

    private void forgetIdle(Owner owner) {
        if (owner.isIdle()) {
            owners.remove(owner.name);
        }
    }

    private static void tell(List<Waiting.Settled> settled) {
        settled.forEach(Waiting.Settled::tell);
    }
}

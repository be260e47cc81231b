package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.EntityTag;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final EntityTag TAG = EntityTag.strong("content");

    private final AtomicLong now = new AtomicLong();

    private Admission admission(int most, int mostPerOwner) {
        return new Admission(CostClass.STREAM, new TransferLimits.Limit(most, mostPerOwner), now::get);
    }

    private static Admission.Shared ranges(String owner, String address) {
        return new Admission.Shared(owner, TAG, address);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static Permit taken(Future<Permit> asked) {
        assertThat(asked.succeeded()).as("admitted").isTrue();
        return asked.result();
    }

    private static void assertRefused(Future<?> asked, AdmissionRefused.Reason reason) {
        assertThat(asked.failed()).as("refused").isTrue();
        assertThat(((AdmissionRefused) asked.cause()).reason()).isEqualTo(reason);
    }

    @Test
    void asManyAsTheLimitsAreAdmittedAtOnceAndOneMoreWaits() {
        Admission admission = admission(5, 3);
        IntStream.range(0, 3).forEach(i -> taken(admission.admit("alice", null)));
        Future<Permit> fourth = admission.admit("alice", null);
        assertThat(fourth.isComplete()).isFalse();
        IntStream.range(0, 2).forEach(i -> taken(admission.admit("bob", null)));
        Future<Permit> third = admission.admit("bob", null);
        assertThat(third.isComplete()).isFalse();
        assertThat(admission.streams()).isEqualTo(5);
        assertThat(admission.queued()).isEqualTo(2);
    }

    @Test
    void whoWaitedTwoSecondsIsRefusedForTheLimitThatStoodInTheWay() {
        Admission admission = admission(4, 3);
        IntStream.range(0, 3).forEach(i -> taken(admission.admit("alice", null)));
        taken(admission.admit("bob", null));
        Future<Permit> alice = admission.admit("alice", null);
        Future<Permit> bob = admission.admit("bob", null);
        pass(Duration.ofMillis(1_800));
        admission.expire(Duration.ofMillis(100));
        assertThat(alice.isComplete()).isFalse();
        assertThat(bob.isComplete()).isFalse();
        pass(Duration.ofMillis(100));
        admission.expire(Duration.ofMillis(100));
        assertRefused(alice, AdmissionRefused.Reason.OWNER);
        assertRefused(bob, AdmissionRefused.Reason.SERVER);
        assertThat(admission.queued()).isZero();
        assertThat(admission.streams()).isEqualTo(4);
    }

    @Test
    void aPlaceThatBecomesFreeGoesToWhoWaitedLongest() {
        Admission admission = admission(10, 1);
        Permit first = taken(admission.admit("alice", null));
        Future<Permit> second = admission.admit("alice", null);
        Future<Permit> third = admission.admit("alice", null);
        first.release();
        taken(second);
        assertThat(third.isComplete()).isFalse();
    }

    @Test
    void newcomersDoNotOvertakeThoseOfTheirOwnerWhoWait() {
        Admission admission = admission(2, 2);
        Permit alice = taken(admission.admit("alice", null));
        taken(admission.admit("bob", null));
        Future<Permit> waiting = admission.admit("alice", null);
        Future<Permit> newcomer = admission.admit("alice", null);
        alice.release();
        taken(waiting);
        assertThat(newcomer.isComplete()).isFalse();
    }

    @Test
    void ownersTakeTurnsHoweverLongOneQueueIs() {
        Admission admission = admission(2, 2);
        Permit one = taken(admission.admit("herd", null));
        Permit other = taken(admission.admit("herd", null));
        List<Future<Permit>> herd = new ArrayList<>();
        IntStream.range(0, 50).forEach(i -> herd.add(admission.admit("herd", null)));
        Future<Permit> alice = admission.admit("alice", null);
        Future<Permit> bob = admission.admit("bob", null);
        one.release();
        other.release();
        assertThat(herd.stream().filter(Future::succeeded).count()).isEqualTo(1);
        Permit alices = taken(alice);
        assertThat(bob.isComplete()).isFalse();
        alices.release();
        taken(bob);
    }

    @Test
    void anOwnerAtItsLimitHoldsNobodyElseUp() {
        Admission admission = admission(4, 2);
        IntStream.range(0, 2).forEach(i -> taken(admission.admit("herd", null)));
        IntStream.range(0, 40).forEach(i -> admission.admit("herd", null));
        Permit alice = taken(admission.admit("alice", null));
        taken(admission.admit("bob", null));
        Future<Permit> carol = admission.admit("carol", null);
        alice.release();
        taken(carol);
    }

    @Test
    void aQueueThatIsFullRefusesAtOnceAndLeavesOthersTheirs() {
        Admission admission = admission(1, 1);
        taken(admission.admit("herd", null));
        IntStream.range(0, Admission.QUEUED_PER_OWNER)
                .forEach(i ->
                        assertThat(admission.admit("herd", null).isComplete()).isFalse());
        assertRefused(admission.admit("herd", null), AdmissionRefused.Reason.OWNER);
        assertThat(admission.admit("alice", null).isComplete()).isFalse();
    }

    @Test
    void theQueueAsAWholeIsBoundedAndForgetsWhomItRefused() {
        Admission admission = admission(1, 1);
        taken(admission.admit("holder", null));
        for (int i = 0; i < Admission.QUEUED; i++) {
            admission.admit("owner " + i, null);
        }
        assertRefused(admission.admit("late", null), AdmissionRefused.Reason.SERVER);
        assertThat(admission.owners()).isEqualTo(Admission.QUEUED + 1);
    }

    @Test
    void whoNeedsNoPermitYetQueuesForOneWhenNoneIsToBeHad() {
        Admission admission = admission(10, 1);
        assertThat(admission.queue("alice").result()).isEmpty();
        assertThat(admission.owners()).as("asking is not remembered").isZero();
        Permit hers = taken(admission.admit("alice", null));
        Future<Optional<Permit>> first = admission.queue("alice");
        assertThat(first.isComplete()).as("waits").isFalse();
        IntStream.range(1, Admission.QUEUED_PER_OWNER).forEach(i -> admission.admit("alice", null));
        assertRefused(admission.queue("alice"), AdmissionRefused.Reason.OWNER);
        assertThat(admission.queue("bob").result()).isEmpty();
        assertThat(admission.owners()).isEqualTo(1);
        hers.release();
        assertThat(first.result()).as("in turn").isPresent();
        assertThat(admission.queue("alice").isComplete())
                .as("one place is free in the queue")
                .isFalse();
        admission.close();
        assertRefused(admission.queue("bob"), AdmissionRefused.Reason.DRAINING);
    }

    @Test
    void rangesOfOneContentShareOnePermitUpToSixteenConnections() {
        Admission admission = admission(10, 2);
        List<Permit> ranges = new ArrayList<>();
        IntStream.range(0, 16).forEach(i -> ranges.add(taken(admission.admit("alice", ranges("alice", "::1")))));
        assertThat(admission.streams()).isEqualTo(1);
        Permit seventeenth = taken(admission.admit("alice", ranges("alice", "::1")));
        assertThat(admission.streams()).isEqualTo(2);
        seventeenth.release();
        assertThat(admission.streams()).isEqualTo(1);
        ranges.subList(0, 15).forEach(Permit::release);
        assertThat(admission.streams()).isEqualTo(1);
        ranges.get(15).release();
        assertThat(admission.streams()).isZero();
        assertThat(admission.owners()).isZero();
    }

    @Test
    void anotherAddressOrContentDoesNotShare() {
        Admission admission = admission(10, 10);
        taken(admission.admit("alice", ranges("alice", "192.0.2.1")));
        taken(admission.admit("alice", ranges("alice", "192.0.2.2")));
        taken(admission.admit("alice", new Admission.Shared("alice", EntityTag.strong("other"), "192.0.2.1")));
        taken(admission.admit("alice", null));
        assertThat(admission.streams()).isEqualTo(4);
    }

    @Test
    void rangesThatWaitTogetherAreAdmittedTogether() {
        Admission admission = admission(1, 1);
        Permit whole = taken(admission.admit("alice", null));
        List<Future<Permit>> ranges = IntStream.range(0, 8)
                .mapToObj(i -> admission.admit("alice", ranges("alice", "::1")))
                .toList();
        whole.release();
        ranges.forEach(AdmissionTest::taken);
        assertThat(admission.streams()).isEqualTo(1);
        assertThat(admission.queued()).isZero();
    }

    @Test
    void aRangeThatFoundItsPermitFullJoinsWhenASharerLeaves() {
        Admission admission = admission(1, 1);
        List<Permit> ranges = IntStream.range(0, 16)
                .mapToObj(i -> taken(admission.admit("alice", ranges("alice", "::1"))))
                .toList();
        Future<Permit> seventeenth = admission.admit("alice", ranges("alice", "::1"));
        assertThat(seventeenth.isComplete()).isFalse();
        ranges.get(3).release();
        taken(seventeenth);
        assertThat(admission.streams()).isEqualTo(1);
    }

    @Test
    void aPermitThatIsGivenBackTwiceCountsOnce() {
        Admission admission = admission(2, 2);
        Permit first = taken(admission.admit("alice", null));
        taken(admission.admit("alice", null));
        first.release();
        first.release();
        assertThat(admission.streams()).isEqualTo(1);
    }

    @Test
    void closingRefusesThoseWhoWaitAndThoseWhoCome() {
        Admission admission = admission(1, 1);
        Permit running = taken(admission.admit("alice", null));
        Future<Permit> waiting = admission.admit("bob", null);
        admission.close();
        assertRefused(waiting, AdmissionRefused.Reason.DRAINING);
        assertRefused(admission.admit("carol", null), AdmissionRefused.Reason.DRAINING);
        assertThat(admission.streams()).isEqualTo(1);
        running.release();
        assertThat(admission.streams()).isZero();
        assertThat(admission.owners()).isZero();
    }

    @Test
    void whatHasBegunWaitsItsTurnAndIsNeverRefused() {
        Admission admission = admission(1, 1);
        Permit running = taken(admission.admit("alice", null));
        Future<Permit> begun = admission.admitBegun("alice", null);
        Future<Permit> newcomer = admission.admit("alice", null);
        pass(Duration.ofMinutes(1));
        admission.expire(Duration.ofMillis(100));
        assertThat(begun.isComplete()).isFalse();
        assertRefused(newcomer, AdmissionRefused.Reason.OWNER);
        admission.close();
        assertThat(begun.isComplete()).isFalse();
        running.release();
        taken(begun).release();
        taken(admission.admitBegun("alice", null)).release();
        assertThat(admission.owners()).isZero();
        assertThat(admission.queued()).isZero();
    }

    @Test
    void howeverManyHaveBegunOthersMayStillQueue() {
        Admission admission = admission(1, 1);
        taken(admission.admit("herd", null));
        IntStream.range(0, 2 * Admission.QUEUED).forEach(i -> admission.admitBegun("herd", null));
        assertThat(admission.admit("alice", null).isComplete()).isFalse();
        assertRefused(admission.admit("herd", null), AdmissionRefused.Reason.OWNER);
    }

    @Test
    void whatAnOwnerHoldsElsewhereCounts() {
        Admission admission = admission(10, 3);
        admission.heldElsewhere(Map.of("alice", 2L));
        taken(admission.admit("alice", null));
        Future<Permit> waiting = admission.admit("alice", null);
        assertThat(waiting.isComplete()).isFalse();
        IntStream.range(0, 3).forEach(i -> taken(admission.admit("bob", null)));
        admission.heldElsewhere(Map.of("alice", 1L, "bob", 9L));
        taken(waiting);
        assertThat(admission.admit("bob", null).isComplete()).isFalse();
        assertThat(admission.streams())
                .as("permits that are out are not called back")
                .isEqualTo(5);
    }

    @Test
    void whoHoldsAllElsewhereIsRefusedAsAtTheOwnersLimitAndForgotten() {
        Admission admission = admission(10, 3);
        admission.heldElsewhere(Map.of("alice", 3L));
        Future<Permit> alice = admission.admit("alice", null);
        pass(Admission.PATIENCE);
        admission.expire(Duration.ZERO);
        assertRefused(alice, AdmissionRefused.Reason.OWNER);
        assertThat(admission.owners()).isZero();
        admission.heldElsewhere(Map.of());
        IntStream.range(0, 3).forEach(i -> taken(admission.admit("alice", null)));
    }

    @Test
    void whatOthersHoldElsewhereTakesNoPlaceHere() {
        Admission admission = admission(2, 2);
        admission.heldElsewhere(Map.of("herd", 1_000L));
        IntStream.range(0, 2).forEach(i -> taken(admission.admit("alice", null)));
    }

    @Test
    void rangesJoinTheirPermitWhateverIsHeldElsewhere() {
        Admission admission = admission(10, 2);
        taken(admission.admit("alice", ranges("alice", "::1")));
        admission.heldElsewhere(Map.of("alice", 2L));
        IntStream.range(1, 16).forEach(i -> taken(admission.admit("alice", ranges("alice", "::1"))));
        assertThat(admission.admit("alice", ranges("alice", "::1")).isComplete())
                .as("a second permit")
                .isFalse();
    }

    @Test
    void whatHasBegunIsNotHeldUpByWhatIsHeldElsewhere() {
        Admission admission = admission(10, 1);
        admission.heldElsewhere(Map.of("alice", 5L));
        taken(admission.admitBegun("alice", null)).release();
        Future<Permit> newcomer = admission.admit("alice", null);
        Future<Permit> behind = admission.admitBegun("alice", null);
        assertThat(behind.isComplete()).isFalse();
        pass(Admission.PATIENCE);
        admission.expire(Duration.ZERO);
        assertRefused(newcomer, AdmissionRefused.Reason.OWNER);
        taken(behind).release();
        assertThat(admission.owners()).isZero();
        assertThat(admission.queued()).isZero();
    }

    @Test
    void whatIsToldToOthersIsPermitsNotConnections() {
        Admission admission = admission(10, 3);
        IntStream.range(0, 5).forEach(i -> taken(admission.admit("alice", ranges("alice", "::1"))));
        taken(admission.admit("alice", null));
        Permit bob = taken(admission.admit("bob", null));
        assertThat(admission.held()).isEqualTo(Map.of("alice", 2L, "bob", 1L));
        bob.release();
        admission.heldElsewhere(Map.of("carol", 3L));
        admission.admit("carol", null);
        assertThat(admission.held()).isEqualTo(Map.of("alice", 2L));
    }

    @Test
    void allWhoWaitForTheSameReadingAreOne() {
        Admission admission = new Admission(CostClass.READ, new TransferLimits.Limit(2, 1), now::get);
        List<Permit> all = IntStream.range(0, 500)
                .mapToObj(i -> taken(admission.admit("alice", ranges("alice", ""))))
                .toList();
        assertThat(admission.streams()).isEqualTo(1);
        all.forEach(Permit::release);
        assertThat(admission.streams()).isZero();
    }

    /** However threads interleave, the limits hold and everything comes back. */
    @Test
    void limitsHoldUnderConcurrentUse() throws InterruptedException {
        Admission admission = admission(7, 3);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch over = new CountDownLatch(4_000);
        AtomicLong most = new AtomicLong();
        try {
            for (int i = 0; i < 4_000; i++) {
                String owner = "owner " + i % 5;
                Admission.Shared shared = i % 3 == 0 ? ranges(owner, "::1") : null;
                threads.execute(() -> admission.admit(owner, shared).onComplete(asked -> {
                    if (asked.succeeded()) {
                        most.accumulateAndGet(admission.streams(), Math::max);
                        asked.result().release();
                    }
                    over.countDown();
                }));
            }
            assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdown();
            assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(most.get()).isBetween(1L, 7L);
        assertThat(admission.streams()).isZero();
        assertThat(admission.queued()).isZero();
        assertThat(admission.owners()).isZero();
    }
}

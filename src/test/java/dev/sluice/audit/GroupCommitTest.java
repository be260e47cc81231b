package dev.sluice.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
    private final Vertx vertx = Vertx.vertx();
    private final List<List<Integer>> batches = new ArrayList<>();
    private final List<Promise<Void>> writes = new ArrayList<>();
    private final List<Integer> late = Collections.synchronizedList(new ArrayList<>());

    private final GroupCommit<Integer> commits = commits(Duration.ofMinutes(1));

    private GroupCommit<Integer> commits(Duration patience) {
        return new GroupCommit<>(
                batch -> {
                    batches.add(batch);
                    writes.add(Promise.promise());
                    return writes.get(writes.size() - 1).future();
                },
                patience,
                late::add);
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    @Test
    void whoComesWhileAWriteIsUnderWayIsInTheNext() {
        Future<Void> first = commits.add(1);
        List<Future<Void>> others =
                IntStream.rangeClosed(2, 100).mapToObj(commits::add).toList();
        assertThat(batches).containsExactly(List.of(1));
        writes.get(0).complete();
        assertThat(first.succeeded()).isTrue();
        assertThat(others).noneMatch(Future::isComplete);
        assertThat(batches).hasSize(2);
        assertThat(batches.get(1)).hasSize(99);
        writes.get(1).complete();
        assertThat(others).allMatch(Future::succeeded);
    }

    @Test
    void aWriteThatFailsFailsItsOwnAndNoOther() {
        Future<Void> first = commits.add(1);
        Future<Void> second = commits.add(2);
        writes.get(0).fail("refused");
        assertThat(first.failed()).isTrue();
        assertThat(second.isComplete()).isFalse();
        writes.get(1).complete();
        assertThat(second.succeeded()).isTrue();
        assertThat(late).isEmpty();
    }

    @Test
    void noBatchIsLargerThanTheBound() {
        commits.add(0);
        IntStream.range(0, 600).forEach(commits::add);
        writes.get(0).complete();
        assertThat(batches.get(1)).hasSize(GroupCommit.LARGEST_BATCH);
        writes.get(1).complete();
        assertThat(batches.get(2)).hasSize(600 - GroupCommit.LARGEST_BATCH);
    }

    @Test
    void theQueueIsBounded() {
        commits.add(0);
        IntStream.range(0, GroupCommit.MOST_WAITING).forEach(commits::add);
        assertThat(commits.add(1).failed()).isTrue();
        writes.get(0).complete();
        assertThat(commits.add(1).isComplete()).isFalse();
    }

    @Test
    void aWriteThatTakesTooLongIsGivenUpAndToldWhenItHappenedAfterAll() throws Exception {
        Promise<Void> write = Promise.promise();
        List<List<Integer>> written = Collections.synchronizedList(new ArrayList<>());
        List<Future<Void>> behindFirst = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<GroupCommit<Integer>> self = new CompletableFuture<>();
        GroupCommit<Integer> hasty = new GroupCommit<>(
                batch -> {
                    written.add(batch);
                    if (written.size() > 1) {
                        return Future.succeededFuture();
                    }
                    // While the write is under way, and before its time has begun to run.
                    behindFirst.add(self.join().add(2));
                    return write.future();
                },
                Duration.ofMillis(50),
                late::add);
        self.complete(hasty);
        Future<Void> first = hasty.add(1);
        Future<Void> behind = behindFirst.get(0);
        Future.join(first, behind).transform(done -> Future.succeededFuture()).await(30, TimeUnit.SECONDS);
        assertThat(first.failed()).isTrue();
        assertThat(behind.failed()).isTrue();
        assertThat(written).containsExactly(List.of(1));
        write.complete();
        assertThat(late).containsExactly(1);
        hasty.add(3).await(30, TimeUnit.SECONDS);
    }

    @Test
    void eachIsToldOnTheContextThatAsked() throws Exception {
        var context = vertx.getOrCreateContext();
        Promise<Boolean> told = Promise.promise();
        Promise<Void> asked = Promise.promise();
        context.runOnContext(turn -> {
            commits.add(1).onComplete(done -> told.complete(Vertx.currentContext() == context));
            asked.complete();
        });
        asked.future().await(30, TimeUnit.SECONDS);
        writes.get(0).complete();
        assertThat(told.future().await(30, TimeUnit.SECONDS)).isTrue();
    }
}

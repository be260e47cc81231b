package dev.sluice.storage;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes contents that nothing has referred to for a while. First the row is marked, which the database refuses while something
 * refers to it; then, under the row's lock, the bytes are deleted and the row with them. Whoever claims the content meanwhile
 * waits for that lock, or takes the mark away. A process that dies in between leaves a mark, which the next run takes up. Any
 * number of replicas may do this at once. Never blocks.
 */
public final class BlobCollection {
    private static final Logger log = LoggerFactory.getLogger(BlobCollection.class);

    /** Longer than the longest transfer: one that has begun may still open a content that nothing refers to. */
    public static final Duration GRACE = Duration.ofHours(24);

    private static final int BATCH = 1_000;

    /** A process that was stopped for longer under a row's lock may have lost it. */
    private static final Duration LOCK_HOLDS = Duration.ofSeconds(2);

    private static final String FOREIGN_KEY_VIOLATION = "23503";

    private final Database database;
    private final BlobStore store;
    private final WorkerExecutor worker;
    private final Clock clock;
    private final Duration grace;

    /** @param grace how long a content stays that nothing refers to */
    public BlobCollection(Database database, BlobStore store, WorkerExecutor worker, Clock clock, Duration grace) {
        this.database = database;
        this.store = store;
        this.worker = worker;
        this.clock = clock;
        this.grace = grace;
    }

    /**
     * Returns how many contents were deleted. Fails with an {@link IOException}, after all others were deleted, when some could not
     * be: those stay marked.
     */
    public Future<Integer> collect() {
        return watch("")
                .compose(watched -> markUnreferenced())
                .compose(marked -> markUnknown())
                .compose(marked -> deleteMarked())
                .onSuccess(deleted -> log.debug("Deleted {} contents that nothing refers to", deleted));
    }

    /** Begins, and ends, the time of those whose references have gone, or come back. In the order of their digests. */
    private Future<Void> watch(String after) {
        return query("""
                        select digest, unreferenced_at is null as referred, blob_is_referenced(digest) as used from blobs
                        where state = 'live' and digest > $1 order by digest limit $2""", Tuple.of(after, BATCH)).compose(rows -> {
            List<String> left = new ArrayList<>();
            List<String> found = new ArrayList<>();
            String last = after;
            for (Row row : rows) {
                last = row.getString("digest");
                if (row.getBoolean("referred") && !row.getBoolean("used")) {
                    left.add(last);
                } else if (!row.getBoolean("referred") && row.getBoolean("used")) {
                    found.add(last);
                }
            }
            String next = last;
            return set("unreferenced_at = now() where unreferenced_at is null", left)
                    .compose(done -> set("unreferenced_at = null where unreferenced_at is not null", found))
                    .compose(done -> rows.size() == BATCH ? watch(next) : Future.succeededFuture());
        });
    }

    private Future<Void> set(String change, List<String> digests) {
        return digests.isEmpty()
                ? Future.succeededFuture()
                : query(
                                "update blobs set " + change + " and digest = any($1)",
                                Tuple.tuple().addArrayOfString(digests.toArray(String[]::new)))
                        .mapEmpty();
    }

    private Future<Void> markUnreferenced() {
        return query("""
                        select digest from blobs
                        where state = 'live' and unreferenced_at <= now() - make_interval(secs => $1)""", Tuple.of(seconds()))
                .compose(rows -> each(rows, row -> mark(row.getString("digest"))))
                .mapEmpty();
    }

    private Future<Boolean> mark(String digest) {
        return query("""
                        update blobs set state = 'deleting'
                        where digest = $2 and state = 'live' and unreferenced_at <= now() - make_interval(secs => $1)
                            and not blob_is_referenced(digest)""", Tuple.of(seconds(), digest))
                .map(rows -> rows.rowCount() > 0)
                .recover(failure ->
                        failure instanceof PgException refused && FOREIGN_KEY_VIOLATION.equals(refused.getSqlState())
                                ? Future.succeededFuture(false)
                                : Future.failedFuture(failure));
    }

    /** Of bytes without a row nobody can know: left by a version that kept no rows, or by a lost database. */
    private Future<Void> markUnknown() {
        Instant before = clock.instant().minus(grace);
        return worker.executeBlocking(() -> storedBefore(before), false).compose(this::markUnknown);
    }

    private List<BlobId> storedBefore(Instant before) throws IOException {
        List<BlobId> old = new ArrayList<>();
        store.list(blob -> {
            if (blob.stored().isBefore(before)) {
                old.add(blob.id());
            }
        });
        return old;
    }

    private Future<Void> markUnknown(List<BlobId> old) {
        if (old.isEmpty()) {
            return Future.succeededFuture();
        }
        List<BlobId> batch = old.subList(0, Math.min(BATCH, old.size()));
        return query("""
                        insert into blobs (digest, size, state)
                        select digest, size, 'deleting' from unnest($1::text[], $2::bigint[]) as stored (digest, size)
                        order by digest
                        on conflict do nothing""", Blobs.columns(batch)).compose(done -> markUnknown(old.subList(batch.size(), old.size())));
    }

    private Future<Integer> deleteMarked() {
        List<Throwable> failures = new ArrayList<>();
        return query("select digest, size from blobs where state = 'deleting'", Tuple.tuple())
                .compose(rows -> each(
                        rows,
                        row -> delete(new BlobId(row.getString("digest"), row.getLong("size")))
                                .recover(failure -> keptBy(failure, failures))))
                .compose(deleted -> failures.isEmpty()
                        ? Future.succeededFuture(deleted)
                        : Future.failedFuture(new IOException(
                                "%d contents were deleted, and %d could not be: the first, %s"
                                        .formatted(
                                                deleted,
                                                failures.size(),
                                                failures.get(0).getMessage()),
                                failures.get(0))));
    }

    /** One content that its store does not let go must not keep all others. */
    private static Future<Boolean> keptBy(Throwable failure, List<Throwable> failures) {
        if (!(failure instanceof IOException)) {
            return Future.failedFuture(failure);
        }
        failures.add(failure);
        return Future.succeededFuture(false);
    }

    private Future<Boolean> delete(BlobId blob) {
        return database.as(
                new Actor.Background(),
                connection -> BlobLock.take(connection, blob).compose(state -> {
                    if (!state.equals(Optional.of("deleting"))) {
                        return Future.succeededFuture(false);
                    }
                    long locked = System.nanoTime();
                    return worker.executeBlocking(() -> deleteBytes(blob, locked), false)
                            .compose(gone -> connection
                                    .preparedQuery("delete from blobs where digest = $1")
                                    .execute(Tuple.of(blob.sha256())))
                            .map(true);
                }));
    }

    private boolean deleteBytes(BlobId blob, long locked) throws IOException {
        if (System.nanoTime() - locked > LOCK_HOLDS.toNanos()) {
            throw new IOException("the lock of blob " + blob.sha256() + " is too old to delete by");
        }
        return store.delete(blob);
    }

    private static Future<Integer> each(RowSet<Row> rows, Function<Row, Future<Boolean>> work) {
        Future<Integer> count = Future.succeededFuture(0);
        for (Row row : rows) {
            count = count.compose(before -> work.apply(row).map(did -> did ? before + 1 : before));
        }
        return count;
    }

    private Future<RowSet<Row>> query(String sql, Tuple arguments) {
        return database.as(
                new Actor.Background(),
                connection -> connection.preparedQuery(sql).execute(arguments));
    }

    private double seconds() {
        return grace.toMillis() / 1e3;
    }
}

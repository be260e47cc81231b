package dev.sluice.storage;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes deflated copies that no file of any job refers to any more. A copy's references are looked for and its file is
 * deleted under one lock, which whoever begins to refer to it takes too, so that the two cannot cross. Any number of replicas
 * may do this at once. Never blocks.
 */
public final class CopyCollection {
    private static final Logger log = LoggerFactory.getLogger(CopyCollection.class);

    /** Longer than the longest transfer: one that has begun may still open a copy that nothing refers to. */
    public static final Duration GRACE = Duration.ofHours(24);

    private final Database database;
    private final LocalBlobStore blobs;
    private final WorkerExecutor worker;
    private final Clock clock;
    private final Duration grace;

    /** @param grace age below which a copy is left alone */
    public CopyCollection(Database database, LocalBlobStore blobs, WorkerExecutor worker, Clock clock, Duration grace) {
        this.database = database;
        this.blobs = blobs;
        this.worker = worker;
        this.clock = clock;
        this.grace = grace;
    }

    /** Returns how many were deleted. */
    public Future<Integer> collect() {
        Instant before = clock.instant().minus(grace);
        return worker.executeBlocking(
                        () -> {
                            List<BlobId> old = new ArrayList<>();
                            blobs.list(blob -> {
                                if (blob.stored().isBefore(before)) {
                                    old.add(blob.id());
                                }
                            });
                            return old;
                        },
                        false)
                .compose(this::deleteUnreferenced)
                .onSuccess(deleted -> log.debug("Deleted {} deflated copies that nothing refers to", deleted));
    }

    private Future<Integer> deleteUnreferenced(List<BlobId> old) {
        Future<Integer> deleted = Future.succeededFuture(0);
        for (BlobId blob : old) {
            deleted = deleted.compose(
                    count -> database.as(new Actor.Background(), connection -> deleteUnreferenced(connection, blob))
                            .map(gone -> gone ? count + 1 : count));
        }
        return deleted;
    }

    private Future<Boolean> deleteUnreferenced(SqlConnection connection, BlobId blob) {
        return connection
                .preparedQuery("select pg_advisory_xact_lock(hashtextextended($1, 0))")
                .execute(Tuple.of(blob.sha256()))
                .compose(locked -> connection
                        .preparedQuery("select exists (select from content_index where deflated_sha256 = $1) as used")
                        .execute(Tuple.of(blob.sha256())))
                .compose(rows -> rows.iterator().next().getBoolean("used")
                        ? Future.succeededFuture(false)
                        : worker.executeBlocking(() -> blobs.delete(blob), false));
    }
}

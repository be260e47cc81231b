package dev.sluice.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;

/**
 * The lock of a content's row, under which its bytes are deleted or moved: whoever claims the content, or begins to refer to it,
 * waits until the transaction ends. Never blocks.
 */
final class BlobLock {
    /**
     * PostgreSQL ends a transaction in which nothing happens for longer than a statement may take, and its locks with it. A store
     * elsewhere may have to be asked again and again before it deletes.
     */
    private static final Duration HELD = Duration.ofMinutes(5);

    private BlobLock() {}

    /** The content's state, until the transaction ends; empty when there is no such row. */
    static Future<Optional<String>> take(SqlConnection connection, BlobId blob) {
        return connection
                .preparedQuery("select set_config('idle_in_transaction_session_timeout', $1, true)")
                .execute(Tuple.of(Long.toString(HELD.toMillis())))
                .compose(patient -> connection
                        .preparedQuery("select state from blobs where digest = $1 for update")
                        .execute(Tuple.of(blob.sha256())))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(rows.iterator().next().getString("state")));
    }
}

package dev.sluice.models;

import dev.sluice.access.LinkKey;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.StreamSupport;

/** The keys that sign links where none is configured: kept in the database, where the first replica that finds none makes one. */
public final class LinkKeys {
    private static final String FIRST = "stored-1";
    private static final int BYTES = 32;

    private LinkKeys() {}

    /** Those that are stored, the newest, which signs, first; there is at least one. */
    public static Future<List<LinkKey>> stored(Database database) {
        return database.as(
                new Actor.Background(),
                connection -> read(connection)
                        .compose(keys -> keys.isEmpty()
                                ? make(connection).compose(made -> read(connection))
                                : Future.succeededFuture(keys)));
    }

    private static Future<List<LinkKey>> read(SqlConnection connection) {
        return connection
                .query("select key_id, secret from link_keys order by created_at desc, key_id")
                .execute()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> LinkKey.of(
                                row.getString("key_id"), row.getBuffer("secret").getBytes()))
                        .toList());
    }

    /** Of replicas that come at once the first is heard. */
    private static Future<?> make(SqlConnection connection) {
        byte[] fresh = new byte[BYTES];
        new SecureRandom().nextBytes(fresh);
        return connection
                .preparedQuery("insert into link_keys (key_id, secret) values ($1, $2) on conflict do nothing")
                .execute(Tuple.of(FIRST, Buffer.buffer(fresh)));
    }
}

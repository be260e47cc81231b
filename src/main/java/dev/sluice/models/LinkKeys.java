package dev.sluice.models;

import dev.sluice.access.LinkKey;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.security.SecureRandom;
import java.util.List;

/** The key that signs links where none is configured: made once, by whichever replica comes first, and kept in the database. */
public final class LinkKeys {
    private static final String STORED = "stored-1";
    private static final int BYTES = 32;

    private LinkKeys() {}

    /** Reads, or makes, the key. */
    public static Future<List<LinkKey>> stored(Database database) {
        byte[] fresh = new byte[BYTES];
        new SecureRandom().nextBytes(fresh);
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery("insert into link_keys (key_id, secret) values ($1, $2) on conflict do nothing")
                        .execute(Tuple.of(STORED, Buffer.buffer(fresh)))
                        .compose(made -> connection
                                .preparedQuery("select secret from link_keys where key_id = $1")
                                .execute(Tuple.of(STORED)))
                        .map(rows -> List.of(LinkKey.of(
                                STORED,
                                rows.iterator().next().getBuffer("secret").getBytes()))));
    }
}

package dev.sluice.database;

import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Whether the schema is already as this release wants it, asked by the server's own means. Flyway and the driver that it needs
 * take a sixth of a start, and most starts find nothing to migrate.
 */
final class AppliedMigrations {
    /** Version and checksum of each script, in order, as Flyway records them; a test compares the two. */
    private static final String RELEASED = "/db/released.txt";

    /**
     * As the role that the server takes, of which is true then what {@code beforeMigrate.sql} makes sure of: it is there, and
     * may be taken. What failed, or is of another release, makes a difference.
     */
    private static final String APPLIED = """
            select string_agg(concat_ws(' ', version, checksum) || case when success then '' else ' failed' end || E'\\n', ''
                       order by installed_rank) filter (where type <> 'SCHEMA'),
                   exists (select from pg_roles
                       where rolname = current_user and (rolsuper or rolbypassrls or rolcanlogin))
            from %s.flyway_schema_history
            """.formatted(Migrations.SCHEMA);

    private AppliedMigrations() {}

    /**
     * Fails when the schema, the role or PostgreSQL itself is missing. Any thread; on the caller's context.
     *
     * @param released as {@link #released} tells
     */
    static Future<Boolean> are(String released, Database database) {
        return database.call(APPLIED, Tuple.tuple())
                .map(rows -> rows.iterator().next())
                .map(found -> released.equals(found.getString(0)) && !found.getBoolean(1));
    }

    /** Reads a file: a worker only. */
    static String released() {
        try (InputStream scripts = AppliedMigrations.class.getResourceAsStream(RELEASED)) {
            return new String(scripts.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

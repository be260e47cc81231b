package dev.sluice.audit;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.http.Paging;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** Reads who did what. Never blocks. */
public final class AuditQueries {
    /** A page, and how many rows all pages have, of one moment. */
    private static final String LIST = """
            select counted.total, page.* from
                (select count(*) as total from audit a where %1$s) counted
                left join lateral
                (select a.id, a.at, a.event_type, a.actor, a.action, a.resource_type, a.resource_id,
                        coalesce(a.outcome, case when replica_lives(a.replica) then 'started' else 'unknown' end) as outcome,
                        a.details, a.request_id
                    from audit a where %1$s order by a.at desc, a.id limit $5 offset $6) page
                on true
            order by page.at desc, page.id""".formatted(
                    "($1::text is null or a.actor = $1) and ($2::text is null or a.action = $2)"
                            + " and ($3::text is null or a.resource_id = $3)"
                            + " and ($4::text is null or a.actor = $4)");

    private final Database database;

    public AuditQueries(Database database) {
        this.database = database;
    }

    /**
     * What is looked for; empty means any.
     *
     * @param resource the id of what it was done to
     */
    public record Filter(Optional<String> action, Optional<String> resource, Optional<String> actor) {}

    /** Newest first: what this actor did. */
    public Future<JsonObject> of(String actor, Filter filter, Paging paging) {
        return list(new Actor.Owner(actor), Optional.of(actor), filter, paging);
    }

    /** Newest first: what anyone did. */
    public Future<JsonObject> ofEveryone(Filter filter, Paging paging) {
        return list(new Actor.Admin(), Optional.empty(), filter, paging);
    }

    private Future<JsonObject> list(Actor as, Optional<String> only, Filter filter, Paging paging) {
        Tuple values = Tuple.of(
                only.orElse(null),
                filter.action().orElse(null),
                filter.resource().orElse(null),
                filter.actor().orElse(null),
                paging.limit(),
                paging.offset());
        return database.as(as, connection -> connection.preparedQuery(LIST).execute(values))
                .map(rows -> page(rows, paging));
    }

    private static JsonObject page(RowSet<Row> rows, Paging paging) {
        JsonArray entries = new JsonArray();
        long total = 0;
        for (Row row : rows) {
            total = row.getLong("total");
            if (row.getUUID("id") != null) {
                entries.add(entry(row));
            }
        }
        return new JsonObject().put("entries", entries).put("pagination", new JsonObject(paging.describe(total)));
    }

    private static JsonObject entry(Row row) {
        return new JsonObject()
                .put("id", row.getUUID("id").toString())
                .put("at", row.getOffsetDateTime("at").toInstant().toString())
                .put("event_type", row.getString("event_type"))
                .put("actor", row.getString("actor"))
                .put("action", row.getString("action"))
                .put("resource_type", row.getString("resource_type"))
                .put("resource_id", row.getString("resource_id"))
                .put("outcome", row.getString("outcome"))
                .put("details", row.getJsonObject("details"))
                .put("request_id", row.getString("request_id"));
    }
}

package dev.sluice.delivery;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.http.Paging;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the history of downloads. Never blocks. */
public final class HistoryQueries {
    /** A page, and how many rows all pages have, of one moment. */
    private static final String LIST = """
            select counted.total, page.* from
                (select count(*) as total from downloads where owner = $1) counted
                left join lateral
                (select id, kind, resource_type, resource, filename, covered_bytes(coverage) as bytes, total_bytes,
                        download_outcome(outcome, id) as outcome, started_at, finished_at
                    from downloads where owner = $1 order by started_at desc, id limit $2 offset $3) page
                on true
            order by page.started_at desc, page.id""";

    private static final String COUNT = """
            select resource, count(*) as downloads from downloads where resource_type = $1 and resource = any($2)
            group by resource""";

    private final Database database;

    public HistoryQueries(Database database) {
        this.database = database;
    }

    /** Newest first: the owner's own. */
    public Future<JsonObject> list(String owner, Paging paging) {
        return database.as(
                        new Actor.Owner(owner),
                        connection -> connection
                                .preparedQuery(LIST)
                                .execute(Tuple.of(owner, paging.limit(), paging.offset())))
                .map(rows -> page(rows, paging));
    }

    /** What became of the owner's own in a period. */
    public Future<JsonObject> statistics(String owner, DownloadStatistics.Period period) {
        return database.as(new Actor.Owner(owner), connection -> DownloadStatistics.query(connection, owner, period));
    }

    /**
     * How often each of these has been downloaded, by anyone; those that never were are not in it. The caller has made sure that
     * whoever asks may know.
     */
    public Future<Map<String, Long>> count(String resourceType, Collection<String> resources) {
        return database.as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery(COUNT)
                                .execute(Tuple.of(resourceType).addArrayOfString(resources.toArray(String[]::new))))
                .map(rows -> {
                    Map<String, Long> counts = new HashMap<>();
                    rows.forEach(row -> counts.put(row.getString("resource"), row.getLong("downloads")));
                    return counts;
                });
    }

    private static JsonObject page(RowSet<Row> rows, Paging paging) {
        JsonArray downloads = new JsonArray();
        long total = 0;
        for (Row row : rows) {
            total = row.getLong("total");
            if (row.getUUID("id") != null) {
                downloads.add(download(row));
            }
        }
        return new JsonObject().put("downloads", downloads).put("pagination", new JsonObject(paging.describe(total)));
    }

    private static JsonObject download(Row row) {
        String outcome = row.getString("outcome");
        return new JsonObject()
                .put("id", row.getUUID("id").toString())
                .put("kind", row.getString("kind"))
                .put("resource_type", row.getString("resource_type"))
                .put("resource", row.getString("resource"))
                .put("filename", row.getString("filename"))
                .put("bytes", row.getLong("bytes"))
                .put("total_bytes", row.getLong("total_bytes"))
                .put("outcome", outcome)
                .put("started_at", text(row.getOffsetDateTime("started_at")))
                .put("finished_at", outcome.equals("active") ? null : text(row.getOffsetDateTime("finished_at")));
    }

    private static @Nullable String text(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant().toString();
    }
}

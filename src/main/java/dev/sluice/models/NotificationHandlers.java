package dev.sluice.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.http.Paging;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.JobHandlers;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.QueryParameters;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an owner was told. Event loop. */
public final class NotificationHandlers {
    private static final String COLUMNS = "id, type, job_id, model_id, message, created_at, read_at";
    private static final int DEFAULT_LIMIT = 20;

    private static final String LIST = """
            select counted.total, counted.unread, page.* from
                (select count(*) filter (where not $4::boolean or read_at is null) as total,
                    count(*) filter (where read_at is null) as unread from notifications where owner = $1) counted
                left join lateral
                (select %s from notifications where owner = $1 and (not $4::boolean or read_at is null)
                    order by created_at desc, id limit $2 offset $3) page
                on true
            order by page.created_at desc, page.id""".formatted(COLUMNS);

    private static final String READ = """
            update notifications set read_at = coalesce(read_at, clock_timestamp()) where owner = $1 and id = $2
            returning\s""" + COLUMNS;

    private final Database database;

    NotificationHandlers(Database database) {
        this.database = database;
    }

    /** {@code GET /api/notifications?page&limit&unread}: newest first. */
    public Future<Void> list(RoutingContext ctx) {
        String owner = Answers.subject(ctx);
        return Future.succeededFuture().compose(start -> {
            Faults faults = Faults.ofQuery();
            Paging page = Paging.from(ctx.queryParams()::getAll, DEFAULT_LIMIT, faults::add);
            boolean unread = QueryParameters.text(ctx.queryParams(), "unread", faults)
                    .filter("true"::equals)
                    .isPresent();
            faults.raise();
            return database.as(
                            new Actor.Owner(owner),
                            connection -> connection
                                    .preparedQuery(LIST)
                                    .execute(Tuple.of(owner, page.limit(), page.offset(), unread)))
                    .compose(rows -> {
                        ArrayNode listed = Json.array();
                        ObjectNode json = Json.object();
                        json.set("notifications", listed);
                        for (Row row : rows) {
                            if (row.getUUID("id") != null) {
                                listed.add(json(row));
                            }
                            json.putPOJO("pagination", page.describe(row.getLong("total")));
                            json.put("unread", row.getLong("unread"));
                        }
                        return JobHandlers.send(ctx, 200, Json.buffer(json));
                    });
        });
    }

    /** {@code POST /api/notifications/{id}/read}: 200 with the notification. */
    public Future<Void> read(RoutingContext ctx) {
        String owner = Answers.subject(ctx);
        return id(ctx).compose(id -> database.as(
                        new Actor.Owner(owner),
                        connection -> connection.preparedQuery(READ).execute(Tuple.of(owner, id))))
                .compose(rows -> rows.size() == 0
                        ? Future.failedFuture(notFound())
                        : JobHandlers.send(
                                ctx, 200, Json.buffer(json(rows.iterator().next()))));
    }

    private static Future<UUID> id(RoutingContext ctx) {
        try {
            return Future.succeededFuture(UUID.fromString(ctx.pathParam(ModelHandlers.ID)));
        } catch (IllegalArgumentException malformed) {
            return Future.failedFuture(notFound());
        }
    }

    private static ProblemException notFound() {
        return new ProblemException(Problem.notFound("Notification not found"));
    }

    private static ObjectNode json(Row row) {
        @Nullable UUID model = row.getUUID("model_id");
        @Nullable OffsetDateTime read = row.getOffsetDateTime("read_at");
        return Json.object()
                .put("id", row.getUUID("id").toString())
                .put("type", row.getString("type"))
                .put("job_id", row.getString("job_id"))
                .put("model_id", model == null ? null : model.toString())
                .put("message", row.getString("message"))
                .put(
                        "created_at",
                        row.getOffsetDateTime("created_at").toInstant().toString())
                .put("read_at", read == null ? null : read.toInstant().toString());
    }
}

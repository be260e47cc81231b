package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.access.Authenticated;
import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.JsonReader;
import dev.sluice.jobs.Members;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

/** Calls on several models at once: figures, comparison, and the same for many. Event loop. */
public final class OverviewHandlers {
    private static final int MOST_COMPARED = 10;
    private static final int MOST_AT_ONCE = 100;
    private static final int MOST_POPULAR = 10;

    private static final String TOTALS = """
            select count(*) as models, count(distinct name) as names, coalesce(sum(size), 0)::bigint as size,
                avg(quality_score)::float8 as quality,
                count(*) filter (where safety = 'suspicious') as suspicious,
                (select coalesce(sum(size), 0)::bigint from (
                    select distinct sha256, size from model_files where owner = $1 and sha256 is not null) contents) as stored
            from models where owner = $1 and deleted_at is null""";

    private static final String POPULAR = """
            select models.id, models.name, models.version, count(*) as downloads,
                count(*) filter (where downloads.outcome = 'completed') as completed,
                (sum(count(*)) over ())::bigint as total
            from models join downloads on downloads.resource_type = 'model' and downloads.resource = models.id::text
            where models.owner = $1 and models.deleted_at is null
            group by models.id order by count(*) desc, models.id limit $2""";

    private static final String BY_OWNER = """
            select owner, count(*) as models, coalesce(sum(size), 0)::bigint as size from models
            where deleted_at is null group by owner order by size desc, owner limit 100""";

    private final Database database;
    private final ModelQueries models;
    private final ModelChanges changes;
    private final JobRecords jobs;
    private final LinkHandlers links;

    OverviewHandlers(
            Database database, ModelQueries models, ModelChanges changes, JobRecords jobs, LinkHandlers links) {
        this.database = database;
        this.models = models;
        this.changes = changes;
        this.jobs = jobs;
        this.links = links;
    }

    /** {@code GET /api/models/stats}: of the subject's own; by owner too for who may administer. */
    public Future<Void> stats(RoutingContext ctx) {
        String owner = Answers.subject(ctx);
        // Downloads of an owner's model are also other readers': their number is the owner's to know, their names are
        // not.
        return database.as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery(TOTALS)
                                .execute(Tuple.of(owner))
                                .compose(totals -> connection
                                        .preparedQuery(POPULAR)
                                        .execute(Tuple.of(owner, MOST_POPULAR))
                                        .map(popular -> stats(totals.iterator().next(), popular))))
                .compose(data -> Authenticated.subject(ctx).has(Scope.ADMIN)
                        ? byOwner().map(owners -> {
                            data.set("by_owner", owners);
                            return data;
                        })
                        : Future.succeededFuture(data))
                .compose(data -> Answers.send(ctx, 200, data));
    }

    private static ObjectNode stats(Row totals, Iterable<Row> popular) {
        ObjectNode data = Json.object()
                .put("total_models", totals.getLong("models"))
                .put("total_names", totals.getLong("names"))
                .put("total_size", totals.getLong("size"))
                .put("storage_used", totals.getLong("stored"))
                .put("average_quality", totals.getDouble("quality"))
                .put("suspicious", totals.getLong("suspicious"));
        ArrayNode list = Json.array();
        long downloads = 0;
        for (Row row : popular) {
            downloads = row.getLong("total");
            list.add(Json.object()
                    .put("id", row.getUUID("id").toString())
                    .put("name", row.getString("name"))
                    .put("version", row.getInteger("version"))
                    .put("downloads", row.getLong("downloads"))
                    .put("completed", row.getLong("completed")));
        }
        data.put("total_downloads", downloads);
        data.set("most_popular", list);
        return data;
    }

    private Future<ArrayNode> byOwner() {
        return database.as(
                new Actor.Admin(),
                connection -> connection.preparedQuery(BY_OWNER).execute().map(rows -> {
                    ArrayNode owners = Json.array();
                    rows.forEach(row -> owners.add(Json.object()
                            .put("owner", row.getString("owner"))
                            .put("models", row.getLong("models"))
                            .put("size", row.getLong("size"))));
                    return owners;
                }));
    }

    /** {@code GET /api/models/compare?ids=a,b}: side by side, in the order of the ids. */
    public Future<Void> compare(RoutingContext ctx) {
        return Future.succeededFuture()
                .compose(start -> {
                    List<UUID> ids = ctx.queryParam("ids").stream()
                            .flatMap(list -> Arrays.stream(list.split(",")))
                            .filter(id -> !id.isBlank())
                            .map(Answers::uuid)
                            .distinct()
                            .toList();
                    if (ids.size() < 2 || ids.size() > MOST_COMPARED) {
                        throw new ProblemException(
                                Problem.badRequest("ids must name 2 to " + MOST_COMPARED + " models"));
                    }
                    return models.find(Answers.subject(ctx), ids).map(found -> {
                        if (found.size() < ids.size()) {
                            throw ModelQueries.notFound();
                        }
                        return found;
                    });
                })
                .compose(found -> jobs.curves(found).compose(curves -> {
                    ObjectNode data = Json.object();
                    data.set("models", Json.array(found, Model::toJson));
                    data.set("metrics", sideBySide(found, OverviewHandlers::figures));
                    data.set("config", sideBySide(found, Model::config));
                    data.set("curves", Json.array(found, model -> {
                        ObjectNode curve = Json.object().put("id", model.id().toString());
                        curve.set("points", curves.getOrDefault(model.jobId(), Json.array()));
                        return curve;
                    }));
                    return Answers.send(ctx, 200, data);
                }));
    }

    private static JsonNode figures(Model model) {
        ObjectNode figures = Json.object()
                .put("quality_score", model.qualityScore())
                .put("convergence", model.convergence())
                .put("final_loss", model.finalLoss())
                .put("perplexity", model.perplexity())
                .put("size", model.size())
                .put("total_cost", model.totalCost());
        model.summary().properties().forEach(member -> figures.set(member.getKey(), member.getValue()));
        model.metrics().properties().forEach(member -> figures.set(member.getKey(), member.getValue()));
        return figures;
    }

    /** One line a key: the values in the order of the models, and whether they differ. */
    private static ArrayNode sideBySide(List<Model> models, Function<Model, JsonNode> part) {
        Set<String> keys = new TreeSet<>();
        models.forEach(model -> part.apply(model).fieldNames().forEachRemaining(keys::add));
        return Json.array(keys, key -> {
            List<JsonNode> values = models.stream()
                    .map(model -> part.apply(model).path(key))
                    .map(value -> value.isMissingNode() ? NullNode.instance : value)
                    .toList();
            ObjectNode line = Json.object().put("key", key);
            line.set("values", Json.array(values, value -> value));
            return line.put("differs", values.stream().distinct().count() > 1);
        });
    }

    /**
     * {@code action} with the ids it is meant for.
     *
     * @param seconds how long links are to be good
     */
    private record Bulk(String action, List<UUID> ids, long seconds) {
        static Bulk read(byte[] body) {
            Faults faults = Faults.ofBody();
            JsonNode json = JsonReader.read(body, faults);
            Members members = Members.of(json, faults);
            String action = members.requiredText("action", 1, 32);
            if (!action.equals("delete") && !action.equals("download")) {
                members.fault("action", "must be delete or download");
            }
            Set<UUID> ids = new LinkedHashSet<>();
            for (JsonNode id : json.path("ids")) {
                try {
                    ids.add(UUID.fromString(id.asText()));
                } catch (IllegalArgumentException malformed) {
                    members.fault("ids", "must be ids of models");
                }
            }
            if (!json.path("ids").isArray() || ids.isEmpty() || ids.size() > MOST_AT_ONCE) {
                members.fault("ids", "must be an array of 1 to " + MOST_AT_ONCE + " ids");
            }
            long seconds = LinkHandlers.Wanted.seconds(members);
            faults.raise();
            return new Bulk(action, List.copyOf(ids), seconds);
        }
    }

    /** {@code POST /api/models/bulk}: what is not the subject's is named, and the others are done. */
    public Future<Void> bulk(RoutingContext ctx) {
        String subject = Answers.subject(ctx);
        return Answers.body(ctx, Bulk::read)
                .compose(bulk -> bulk.action().equals("delete")
                        ? delete(subject, bulk, Answers.requestId(ctx))
                        : download(subject, bulk))
                .compose(data -> Answers.send(ctx, 200, data));
    }

    private Future<ObjectNode> delete(String subject, Bulk bulk, String requestId) {
        return changes.delete(subject, bulk.ids(), requestId).map(deleted -> {
            ObjectNode data = Json.object();
            data.set("deleted", ids(deleted));
            data.set("not_found", ids(without(bulk.ids(), deleted)));
            return data;
        });
    }

    private Future<ObjectNode> download(String subject, Bulk bulk) {
        LinkHandlers.Wanted whole = new LinkHandlers.Wanted(null, bulk.seconds());
        return models.find(subject, bulk.ids()).compose(found -> {
            ArrayNode downloads = Json.array();
            Future<Void> done = Future.succeededFuture();
            for (Model model : found) {
                done = done.compose(before -> links.issue(subject, model, whole).map(issued -> {
                    downloads.add(issued.put("id", model.id().toString()));
                    return null;
                }));
            }
            return done.map(all -> {
                ObjectNode data = Json.object();
                data.set("downloads", downloads);
                data.set(
                        "not_found",
                        ids(without(bulk.ids(), found.stream().map(Model::id).toList())));
                return data;
            });
        });
    }

    private static List<UUID> without(List<UUID> all, List<UUID> some) {
        List<UUID> rest = new ArrayList<>(all);
        rest.removeAll(some);
        return rest;
    }

    private static ArrayNode ids(List<UUID> ids) {
        ArrayNode list = Json.array();
        ids.forEach(id -> list.add(id.toString()));
        return list;
    }
}

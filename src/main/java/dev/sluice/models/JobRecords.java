package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.JobRow;
import dev.sluice.jobs.Json;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a model's page tells of its job, also to those with whom only the model is shared. Never blocks. */
final class JobRecords {
    /** Points of a curve that a page can show. */
    private static final int POINTS = 500;

    private static final String CURVES = """
            select job_id, step, epoch, train_loss, validation_loss from (
                select job_metrics.*, row_number() over (partition by job_id order by step) as place,
                    count(*) over (partition by job_id) as points
                from job_metrics where job_id = any($1)) numbered
            where points <= $2 or place = points or (place - 1) % ((points + $2 - 1) / $2) = 0
            order by job_id, step""";

    private final Database database;

    JobRecords(Database database) {
        this.database = database;
    }

    /** Of a model that the subject was found to read. */
    Future<Job> job(Model model) {
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery("select " + JobRow.COLUMNS + " from jobs where job_id = $1")
                        .execute(Tuple.of(model.jobId()))
                        .map(rows -> JobRow.read(rows.iterator().next())));
    }

    /** By job; every point of short curves, and some of long ones. Of models that the subject was found to read. */
    Future<Map<String, JsonNode>> curves(List<Model> models) {
        String[] jobs = models.stream().map(Model::jobId).distinct().toArray(String[]::new);
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery(CURVES)
                        .execute(Tuple.tuple().addArrayOfString(jobs).addInteger(POINTS))
                        .map(rows -> {
                            Map<String, JsonNode> curves = new HashMap<>();
                            for (Row row : rows) {
                                ArrayNode curve = (ArrayNode)
                                        curves.computeIfAbsent(row.getString("job_id"), first -> Json.array());
                                curve.add(Json.object()
                                        .put("step", row.getLong("step"))
                                        .put("epoch", row.getDouble("epoch"))
                                        .put("train_loss", row.getDouble("train_loss"))
                                        .put("validation_loss", row.getDouble("validation_loss")));
                            }
                            return curves;
                        }));
    }
}

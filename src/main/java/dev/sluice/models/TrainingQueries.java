package dev.sluice.models;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.MetricPoint;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is known of a training when it is over. Never blocks. */
final class TrainingQueries {
    /** The points of the curve that decide: the first, the last with a validation, the last. Never the whole of it. */
    private static final String CURVE = """
            select points.*, (select max(epoch) from job_metrics where job_id = $1) as epochs from (
                (select step, train_loss, validation_loss from job_metrics where job_id = $1 order by step limit 1)
                union
                (select step, train_loss, validation_loss from job_metrics
                    where job_id = $1 and validation_loss is not null order by step desc limit 1)
                union
                (select step, train_loss, validation_loss from job_metrics where job_id = $1 order by step desc limit 1)
            ) points where train_loss is not null order by step""";

    private final Database database;

    TrainingQueries(Database database) {
        this.database = database;
    }

    Future<Training> of(Job job) {
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery(CURVE)
                        .execute(Tuple.of(job.id().value()))
                        .map(rows -> training(job, rows)));
    }

    private static Training training(Job job, RowSet<Row> rows) {
        List<MetricPoint> curve = new ArrayList<>();
        Double epochs = null;
        Long steps = null;
        for (Row row : rows) {
            epochs = row.getDouble("epochs");
            steps = row.getLong("step");
            curve.add(new MetricPoint(
                    steps, null, row.getDouble("train_loss"), row.getDouble("validation_loss"), null, Json.object()));
        }
        Double seconds = job.startedAt() == null || job.completedAt() == null
                ? null
                : Duration.between(job.startedAt(), job.completedAt()).toMillis() / 1e3;
        return new Training(Quality.of(curve), epochs, steps, seconds);
    }
}

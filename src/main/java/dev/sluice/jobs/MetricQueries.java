package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** What trainers measured, in the database. Trainers write anyone's; owners read their own. Never blocks. */
public final class MetricQueries {
    /** Rows a statement: keeps each well below the statement timeout. */
    private static final int BATCH = 1_000;

    /** Holds the job while its points are written, without standing in the way of its next status. */
    private static final String OWNER = "select owner from jobs where job_id = $1 for key share";

    private static final String UPSERT = """
            insert into job_metrics (job_id, owner, step, epoch, train_loss, validation_loss, learning_rate, extra)
            select $1, $2, point.step, point.epoch, point.train_loss, point.validation_loss, point.learning_rate,
                point.extra::jsonb
            from unnest($3::bigint[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::text[])
                as point (step, epoch, train_loss, validation_loss, learning_rate, extra)
            on conflict (job_id, step) do update set
                epoch = excluded.epoch,
                train_loss = excluded.train_loss,
                validation_loss = excluded.validation_loss,
                learning_rate = excluded.learning_rate,
                extra = excluded.extra""";

    private static final String LIST = """
            select step, epoch, train_loss, validation_loss, learning_rate, extra::text as extra from job_metrics
            where job_id = $1 and owner = $2 and step > $3 order by step limit $4""";

    private final Database database;

    public MetricQueries(Database database) {
        this.database = database;
    }

    /**
     * Stores all points or none; a point replaces an earlier one of its step, in the job or in the list.
     *
     * @return fails with 404 when there is no such job
     */
    Future<Void> write(JobId id, List<MetricPoint> points) {
        return database.as(
                new Actor.Ingest(),
                connection -> connection
                        .preparedQuery(OWNER)
                        .execute(Tuple.of(id.value()))
                        .compose(rows -> {
                            if (rows.size() == 0) {
                                throw JobQueries.notFound();
                            }
                            String owner = rows.iterator().next().getString("owner");
                            return write(connection, id, owner, bySteps(points));
                        }));
    }

    /** In the order of their steps, also so that two writers lock rows in one order. */
    private static List<MetricPoint> bySteps(List<MetricPoint> points) {
        Map<Long, MetricPoint> bySteps = new TreeMap<>();
        points.forEach(point -> bySteps.put(point.step(), point));
        return List.copyOf(bySteps.values());
    }

    private static Future<Void> write(SqlConnection connection, JobId id, String owner, List<MetricPoint> points) {
        if (points.isEmpty()) {
            return Future.succeededFuture();
        }
        List<MetricPoint> batch = points.subList(0, Math.min(BATCH, points.size()));
        return connection
                .preparedQuery(UPSERT)
                .execute(columns(id, owner, batch))
                .compose(done -> write(connection, id, owner, points.subList(batch.size(), points.size())));
    }

    private static Tuple columns(JobId id, String owner, Collection<MetricPoint> points) {
        Tuple columns = Tuple.of(id.value(), owner);
        return columns.addArrayOfLong(points.stream().map(MetricPoint::step).toArray(Long[]::new))
                .addArrayOfDouble(reals(points, MetricPoint::epoch))
                .addArrayOfDouble(reals(points, MetricPoint::trainLoss))
                .addArrayOfDouble(reals(points, MetricPoint::validationLoss))
                .addArrayOfDouble(reals(points, MetricPoint::learningRate))
                .addArrayOfString(
                        points.stream().map(point -> Json.text(point.extra())).toArray(String[]::new));
    }

    private static Double[] reals(Collection<MetricPoint> points, Function<MetricPoint, @Nullable Double> component) {
        return points.stream().map(component).toArray(Double[]::new);
    }

    /**
     * The points of a job after a step, by step.
     *
     * @param after a step; -1 for the first points
     * @return fails with 404 when there is no such job, or it is another's
     */
    Future<List<MetricPoint>> list(String owner, JobId id, long after, int limit) {
        Tuple job = Tuple.of(owner, id.value());
        return database.as(
                new Actor.Owner(owner),
                connection -> connection
                        .preparedQuery("select from jobs where owner = $1 and job_id = $2")
                        .execute(job)
                        .compose(rows -> {
                            if (rows.size() == 0) {
                                throw JobQueries.notFound();
                            }
                            return connection.preparedQuery(LIST).execute(Tuple.of(id.value(), owner, after, limit));
                        })
                        .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                .map(MetricQueries::point)
                                .toList()));
    }

    private static MetricPoint point(Row row) {
        return new MetricPoint(
                row.getLong("step"),
                row.getDouble("epoch"),
                row.getDouble("train_loss"),
                row.getDouble("validation_loss"),
                row.getDouble("learning_rate"),
                extra(row.getString("extra")));
    }

    /** Most points have nothing else, and there are thousands in a list: those are not parsed. */
    private static ObjectNode extra(String json) {
        return json.equals("{}") ? Json.object() : (ObjectNode) Json.stored(json);
    }
}

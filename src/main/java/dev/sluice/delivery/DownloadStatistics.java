package dev.sluice.delivery;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What becomes of downloads, in figures. The size classes are those of the meters. */
public final class DownloadStatistics {
    /** Of all downloads that end otherwise than by their client's will, so many should complete. */
    private static final double TARGET = 0.99;

    /**
     * One document from one look at the rows. Downloads whose clients left or paused are neither successes nor failures, as for
     * the meters; a duration runs from the first request to the last byte, pauses included.
     * What was refused before anything was sent is no download, and told apart by its status.
     */
    private static final String QUERY = """
            with d as materialized (
                select kind, resource_type, resource, total_bytes, covered_bytes(coverage) as bytes, started_at,
                    download_outcome(outcome, id) as outcome,
                    greatest(extract(epoch from finished_at - started_at), 0.001)::float8 as seconds,
                    case when total_bytes < 100000000 then 'small'
                         when total_bytes <= 1000000000 then 'medium' else 'large' end as size
                from downloads where owner = $1 and started_at >= $2 and started_at < $3
            ), figures as (
                select count(*) as total,
                    count(*) filter (where outcome = 'completed') as completed,
                    count(*) filter (where outcome = 'active') as active,
                    count(*) filter (where outcome in ('client_left', 'partial', 'redirected')) as unfinished,
                    count(*) filter (where outcome not in ('completed', 'active', 'client_left', 'partial', 'redirected')) as failed,
                    coalesce(sum(bytes), 0)::bigint as bytes
                from d
            ), sizes as (
                select size, count(*) as completed, avg(seconds) as mean_seconds,
                    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by seconds) as p,
                    avg(total_bytes / seconds) as throughput
                from d where outcome = 'completed' group by size
            ), series as (
                select slot as at, count(d.started_at) as total,
                    count(*) filter (where outcome = 'completed') as completed,
                    count(*) filter (where outcome not in ('completed', 'active', 'client_left', 'partial', 'redirected')) as failed,
                    coalesce(sum(bytes), 0)::bigint as bytes,
                    avg(seconds) filter (where outcome = 'completed') as mean_seconds
                from generate_series(date_trunc($4, $2::timestamptz, 'UTC'), $3::timestamptz - interval '1 microsecond',
                        ('1 ' || $4)::interval) slot
                    left join d on date_trunc($4, d.started_at, 'UTC') = slot
                group by slot
            ), popular as (
                select kind, resource_type, resource, count(*) as downloads, sum(bytes)::bigint as bytes
                from d group by kind, resource_type, resource order by downloads desc, bytes desc, resource limit 10
            )
            select jsonb_build_object(
                'total', total, 'completed', completed, 'failed', failed, 'unfinished', unfinished, 'active', active,
                'bytes', bytes,
                'success_rate', case when completed + failed > 0 then completed::float8 / (completed + failed) end,
                'by_size', coalesce((select jsonb_object_agg(size, jsonb_build_object(
                    'completed', sizes.completed,
                    'duration', jsonb_build_object('mean', mean_seconds, 'p50', p[1], 'p95', p[2], 'p99', p[3]),
                    'throughput', throughput)) from sizes), '{}'),
                'errors', coalesce((select jsonb_object_agg(outcome, count) from (select outcome, count(*) from d
                    where outcome not in ('completed', 'active') group by outcome) by_outcome), '{}'),
                'errors_by_status', coalesce((select jsonb_object_agg(status, count) from (
                    select status, sum(count)::bigint as count from download_errors
                    where owner = $1 and hour >= date_trunc('hour', $2::timestamptz, 'UTC') and hour < $3
                    group by status) by_status), '{}'),
                'series', (select coalesce(jsonb_agg(jsonb_build_object(
                    'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'total', series.total,
                    'completed', series.completed, 'failed', series.failed, 'bytes', series.bytes,
                    'mean_duration', mean_seconds) order by at), '[]') from series),
                'popular', (select coalesce(jsonb_agg(to_jsonb(popular)), '[]') from popular)) as document
            from figures""";

    private DownloadStatistics() {}

    /**
     * What is looked at.
     *
     * @param interval {@code hour} or {@code day}: the steps of the series, in UTC
     */
    public record Period(Instant from, Instant to, String interval) {
        private static final int MOST_STEPS = 1_000;

        /**
         * Reads {@code interval}, {@code from} and {@code to}; usually the last 30 days, or 48 hours.
         *
         * @param query all values of a parameter
         * @throws ProblemException 400 when they make no period, or one of too many steps
         */
        public static Period from(Function<String, List<String>> query, Clock clock) {
            String interval = single(query, "interval").orElse("day");
            if (!interval.equals("day") && !interval.equals("hour")) {
                throw invalid("interval must be hour or day");
            }
            Duration step = interval.equals("day") ? Duration.ofDays(1) : Duration.ofHours(1);
            Instant to = instant(query, "to").orElseGet(clock::instant);
            Instant from = instant(query, "from")
                    .orElseGet(() -> to.minus(interval.equals("day") ? Duration.ofDays(30) : Duration.ofDays(2)));
            if (!from.isBefore(to)) {
                throw invalid("from must be before to");
            }
            if (Duration.between(from, to).dividedBy(step) >= MOST_STEPS) {
                throw invalid("the period must have fewer than " + MOST_STEPS + " steps");
            }
            return new Period(from, to, interval);
        }

        private static Optional<Instant> instant(Function<String, List<String>> query, String name) {
            return single(query, name).map(text -> {
                try {
                    return Instant.parse(text);
                } catch (DateTimeParseException malformed) {
                    throw invalid(name + " must be a time as 2026-01-31T12:00:00Z");
                }
            });
        }

        private static Optional<String> single(Function<String, List<String>> query, String name) {
            List<String> values = query.apply(name);
            if (values.size() > 1) {
                throw invalid(name + " is given more than once");
            }
            return values.stream().findFirst();
        }

        private static ProblemException invalid(String what) {
            return new ProblemException(Problem.badRequest("The query is not valid: " + what));
        }
    }

    /** As the actor of the connection's transaction. */
    static Future<JsonObject> query(SqlConnection connection, String owner, Period period) {
        return connection
                .preparedQuery(QUERY)
                .execute(Tuple.of(
                        owner,
                        period.from().atOffset(ZoneOffset.UTC),
                        period.to().atOffset(ZoneOffset.UTC),
                        period.interval()))
                .map(rows -> {
                    JsonObject document = rows.iterator().next().getJsonObject("document");
                    Double rate = document.getDouble("success_rate");
                    return document.put("target", TARGET)
                            .put("target_met", rate == null || rate >= TARGET)
                            .put("interval", period.interval())
                            .put("from", period.from().toString())
                            .put("to", period.to().toString());
                });
    }
}

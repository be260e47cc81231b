package dev.sluice.models;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.http.Paging;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * Published models in the database, for who owns them or has them shared; what is missing, deleted or another's is one answer.
 * Never blocks.
 */
public final class ModelQueries {
    private static final String WHERE = """
            (owner = $1 or id in (select model_id from shares where grantee = $1))
                and case when $10::boolean then deleted_at is not null and owner = $1 else deleted_at is null end
                and ($2::text is null or position(lower($2) in lower(name || ' ' || description || ' '
                    || array_to_string(tags, ' '))) > 0)
                and ($3::text is null or $3 = any(tags))
                and ($4::int is null or quality_score >= $4)
                and ($5::timestamptz is null or created_at >= $5)
                and ($6::timestamptz is null or created_at < $6)
                and ($7::text is null or dataset_id = $7 or dataset_name = $7)
                and (not $8::boolean or (owner, name, version) in (
                    select owner, name, max(version) from models where deleted_at is null group by owner, name))""";

    private static final String ORDER = """
            case when $9::boolean then quality_score end desc nulls last, created_at desc, id""";

    /** One statement, so that page and total are of one moment; the total comes also when the page is empty. */
    private static final String LIST = """
            select counted.total, page.* from
                (select count(*) as total from models where %1$s) counted
                left join lateral
                (select %2$s, row_number() over (order by %3$s) as place from models where %1$s
                    order by %3$s limit $11 offset $12) page
                on true
            order by place""".formatted(WHERE, Model.COLUMNS, ORDER);

    private final Database database;

    public ModelQueries(Database database) {
        this.database = database;
    }

    /** One page and how many there are on all. */
    record Listed(List<Model> models, long total) {}

    Future<Listed> list(String subject, ModelFilter filter, Paging page) {
        Tuple values = Tuple.of(subject);
        filter.addTo(values);
        values.addInteger(page.limit()).addLong(page.offset());
        return database.as(
                new Actor.Owner(subject),
                connection -> connection.preparedQuery(LIST).execute(values).map(rows -> {
                    List<Model> models = new ArrayList<>();
                    long total = 0;
                    for (Row row : rows) {
                        total = row.getLong("total");
                        if (row.getUUID("id") != null) {
                            models.add(Model.of(row));
                        }
                    }
                    return new Listed(models, total);
                }));
    }

    /** Fails with 404. */
    Future<Model> find(String subject, UUID id) {
        return database.call("select " + Model.COLUMNS + " from model_of($1, $2)", Tuple.of(subject, id))
                .map(rows -> first(rows).orElseThrow(ModelQueries::notFound));
    }

    /** The subject's own; fails with 404 for those that are shared with it as well. */
    Future<Model> findOwn(String subject, UUID id) {
        return find(subject, id).map(model -> {
            if (!model.owner().equals(subject)) {
                throw notFound();
            }
            return model;
        });
    }

    /** What a link was issued for, if it still is; fails with 404. */
    Future<Model> linked(String subject, UUID id, long epoch, long shareEpoch) {
        return database.call(
                        "select " + Model.COLUMNS + " from linked_model($1, $2, $3, $4)",
                        Tuple.of(subject, id, epoch, shareEpoch))
                .map(rows -> first(rows).orElseThrow(ModelQueries::notFound));
    }

    /** In the order of the archive. */
    Future<List<ModelFile>> files(String subject, UUID id) {
        return database.call(
                        "select path, size, mode, modified_at, crc32, sha256, deflated_sha256, deflated_size, safety,"
                                + " findings, summary::text as summary from files_of_model($1, $2)",
                        Tuple.of(subject, id))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(ModelFile::of)
                        .toList());
    }

    /** All versions of a model's name that the subject may read, newest first. */
    Future<List<Model>> versions(String subject, Model model) {
        return models(
                subject,
                "select " + Model.COLUMNS
                        + " from models where owner = $1 and name = $2 and deleted_at is null order by version desc",
                Tuple.of(model.owner(), model.name()));
    }

    /** Those of them that the subject may read, in that order. */
    Future<List<Model>> find(String subject, List<UUID> ids) {
        return models(
                subject,
                "select " + Model.COLUMNS + " from models where id = any($1) and deleted_at is null"
                        + " and (owner = $2 or id in (select model_id from shares where grantee = $2))"
                        + " order by array_position($1, id)",
                Tuple.tuple().addArrayOfUUID(ids.toArray(UUID[]::new)).addString(subject));
    }

    /** 0 for the owner; else of the share by which the subject reads it. */
    Future<Long> shareEpoch(String subject, Model model) {
        if (model.owner().equals(subject)) {
            return Future.succeededFuture(0L);
        }
        return database.as(
                new Actor.Owner(subject),
                connection -> connection
                        .preparedQuery("select epoch from shares where model_id = $1 and grantee = $2")
                        .execute(Tuple.of(model.id(), subject))
                        .map(rows -> {
                            if (rows.size() == 0) {
                                throw notFound();
                            }
                            return rows.iterator().next().getLong("epoch");
                        }));
    }

    private Future<List<Model>> models(String subject, String sql, Tuple values) {
        return database.as(
                new Actor.Owner(subject),
                connection -> connection
                        .preparedQuery(sql)
                        .execute(values)
                        .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                .map(Model::of)
                                .toList()));
    }

    static Optional<Model> first(RowSet<Row> rows) {
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(Model.of(rows.iterator().next()));
    }

    /** The one answer for what is missing, deleted or another's. */
    static ProblemException notFound() {
        return new ProblemException(Problem.notFound("Model not found"));
    }
}

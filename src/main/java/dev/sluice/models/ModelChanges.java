package dev.sluice.models;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** What owners do with their models; anyone else's are not found. Never blocks. */
public final class ModelChanges {
    private static final String DELETE = """
            update models set deleted_at = clock_timestamp(), updated_at = clock_timestamp(), epoch = nextval('link_epochs')
            where owner = $1 and id = any($2) and deleted_at is null returning\s""" + Model.COLUMNS;

    /** Under a new epoch: no link from before the deletion works again. */
    private static final String RESTORE = """
            update models set deleted_at = null, updated_at = clock_timestamp(), epoch = nextval('link_epochs')
            where owner = $1 and id = $2 and deleted_at is not null returning\s""" + Model.COLUMNS;

    private static final String LOCK =
            "select " + Model.COLUMNS + " from models where owner = $1 and id = $2 and deleted_at is null for update";

    private static final String CHANGE = """
            update models set name = $3, version = $4, description = coalesce($5, description), tags = coalesce($6, tags),
                updated_at = clock_timestamp()
            where owner = $1 and id = $2 returning\s""" + Model.COLUMNS;

    /** The content of an earlier version again, under a new number: what was published stays as it was. */
    private static final String ROLL_BACK = """
            insert into models (owner, name, version, job_id, origin, description, tags, quality_score, convergence,
                final_loss, perplexity, size, total_cost, dataset_id, dataset_name, config, training_summary, metrics,
                algorithm, task_type, safety, archive_tag, archive_size, archive_sha256)
            select owner, name, $3, job_id, 'rollback', description, tags, quality_score, convergence,
                final_loss, perplexity, size, total_cost, dataset_id, dataset_name, config, training_summary, metrics,
                algorithm, task_type, safety, archive_tag, archive_size, archive_sha256
            from models where owner = $1 and id = $2 returning\s""" + Model.COLUMNS;

    private static final String ROLL_BACK_FILES = """
            insert into model_files (model_id, owner, position, path, directory, size, mode, modified_at, crc32, sha256,
                deflated_sha256, deflated_size, safety, findings, summary)
            select $2, owner, position, path, directory, size, mode, modified_at, crc32, sha256,
                deflated_sha256, deflated_size, safety, findings, summary
            from model_files where model_id = $1""";

    /** What the grantee was told of the model. */
    private static final String TAKE_BACK =
            "delete from notifications where model_id = $1 and sender = $2 and owner = $3 and owner <> sender";

    /** Whoever may read them is told what becomes of them. */
    private static final String TELL_READERS = """
            insert into notifications (owner, sender, type, job_id, model_id, message)
            select grantee, $1::text, $3::text, models.job_id, models.id,
                $1::text || $4::text || models.name || ' version ' || models.version
            from shares join models on models.id = shares.model_id where models.owner = $1 and models.id = any($2)""";

    private final Database database;

    public ModelChanges(Database database) {
        this.database = database;
    }

    /** A model that its owner saves. */
    Future<Model> save(NewModel model, String requestId) {
        return as(model.job().owner(), connection -> ModelRows.insert(connection, model, requestId));
    }

    /** A new name begins, or goes on with, its own versions. */
    Future<Model> change(String owner, UUID id, ModelPatch patch, String requestId) {
        return as(
                owner,
                connection -> lock(connection, owner, id).compose(model -> {
                    boolean renamed = patch.name() != null && !patch.name().equals(model.name());
                    String name = patch.name() == null ? model.name() : patch.name();
                    Future<Integer> version = renamed
                            ? ModelRows.nextVersion(connection, owner, name)
                            : Future.succeededFuture(model.version());
                    return version.compose(number -> {
                        Tuple values = Tuple.of(owner, id, name, number);
                        values.addString(patch.description());
                        values.addValue(
                                patch.tags() == null ? null : patch.tags().toArray(String[]::new));
                        return one(connection, CHANGE, values)
                                .compose(changed -> ModelRows.record(
                                                connection, changed, "model.changed", "change", requestId)
                                        .map(changed));
                    });
                }));
    }

    /** Which of them there were. */
    Future<List<UUID>> delete(String owner, List<UUID> ids, String requestId) {
        return as(
                owner,
                connection -> connection
                        .preparedQuery(DELETE)
                        .execute(Tuple.of(owner).addArrayOfUUID(ids.toArray(UUID[]::new)))
                        .compose(rows -> {
                            List<UUID> deleted = new ArrayList<>();
                            Future<Void> recorded = Future.succeededFuture();
                            for (Row row : rows) {
                                Model model = Model.of(row);
                                deleted.add(model.id());
                                recorded = recorded.compose(done ->
                                        ModelRows.record(connection, model, "model.deleted", "delete", requestId));
                            }
                            return recorded.compose(done ->
                                            tellReaders(connection, owner, deleted, "model.deleted", " deleted model "))
                                    .map(deleted);
                        }));
    }

    Future<Model> restore(String owner, UUID id, String requestId) {
        return as(
                owner,
                connection -> one(connection, RESTORE, Tuple.of(owner, id))
                        .compose(model -> ModelRows.record(connection, model, "model.restored", "restore", requestId)
                                .compose(done -> tellReaders(
                                        connection, owner, List.of(id), "model.restored", " restored model "))
                                .map(model)));
    }

    Future<Model> rollBack(String owner, UUID id, String requestId) {
        return as(
                owner,
                connection -> lock(connection, owner, id)
                        .compose(earlier -> ModelRows.nextVersion(connection, owner, earlier.name())
                                .compose(version -> one(connection, ROLL_BACK, Tuple.of(owner, id, version)))
                                .compose(model -> connection
                                        .preparedQuery(ROLL_BACK_FILES)
                                        .execute(Tuple.of(id, model.id()))
                                        .compose(done -> ModelRows.tell(
                                                connection,
                                                owner,
                                                model,
                                                "model.rolled_back",
                                                "Model " + model.name() + " is back at version " + earlier.version()
                                                        + ", as version " + model.version()))
                                        .compose(told -> ModelRows.record(
                                                connection, model, "model.rolled_back", "rollback", requestId))
                                        .map(model))));
    }

    /** Who may read the model besides its owner, and since when. */
    record Share(String grantee, Instant since) {}

    Future<List<Share>> shares(String owner, UUID id) {
        return as(
                owner,
                connection -> lock(connection, owner, id)
                        .compose(model -> connection
                                .preparedQuery(
                                        "select grantee, created_at from shares where model_id = $1 order by grantee")
                                .execute(Tuple.of(id)))
                        .map(rows -> {
                            List<Share> shares = new ArrayList<>();
                            rows.forEach(row -> shares.add(new Share(
                                    row.getString("grantee"),
                                    row.getOffsetDateTime("created_at").toInstant())));
                            return shares;
                        }));
    }

    /** Whether it was not shared with them before. */
    Future<Boolean> share(String owner, UUID id, String grantee, String requestId) {
        return as(
                owner,
                connection -> lock(connection, owner, id)
                        .compose(model -> connection
                                .preparedQuery(
                                        "insert into shares (model_id, owner, grantee) values ($1, $2, $3) on conflict do nothing")
                                .execute(Tuple.of(id, owner, grantee))
                                .compose(rows -> rows.rowCount() == 0
                                        ? Future.succeededFuture(false)
                                        : ModelRows.tell(
                                                        connection,
                                                        grantee,
                                                        model,
                                                        "model.shared",
                                                        owner + " shares model " + model.name() + " version "
                                                                + model.version() + " with you")
                                                .compose(told -> ModelRows.record(
                                                        connection,
                                                        model,
                                                        "model.shared",
                                                        "share",
                                                        requestId,
                                                        with(grantee)))
                                                .map(true))));
    }

    /** Ends the grantee's links with it, and takes back what it was told of the model; whether it was shared with them. */
    Future<Boolean> unshare(String owner, UUID id, String grantee, String requestId) {
        return as(
                owner,
                connection -> lock(connection, owner, id)
                        .compose(model -> connection
                                .preparedQuery("delete from shares where model_id = $1 and owner = $2 and grantee = $3")
                                .execute(Tuple.of(id, owner, grantee))
                                .compose(rows -> rows.rowCount() == 0
                                        ? Future.succeededFuture(false)
                                        : connection
                                                .preparedQuery(TAKE_BACK)
                                                .execute(Tuple.of(id, owner, grantee))
                                                .compose(taken -> ModelRows.record(
                                                        connection,
                                                        model,
                                                        "model.unshared",
                                                        "unshare",
                                                        requestId,
                                                        with(grantee)))
                                                .map(true))));
    }

    private static JsonObject with(String grantee) {
        return new JsonObject().put("grantee", grantee);
    }

    /** Forgets what was deleted so long ago; its contents are collected later. Returns how many there were. */
    public Future<Integer> purge(Duration after) {
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery("""
                                delete from models where id in (
                                    select id from models where deleted_at < now() - make_interval(secs => $1)
                                    limit 1000 for update skip locked)""")
                        .execute(Tuple.of(after.toMillis() / 1e3))
                        .map(rows -> rows.rowCount()));
    }

    private static Future<Void> tellReaders(
            SqlConnection connection, String owner, List<UUID> models, String type, String what) {
        Tuple values = Tuple.of(owner)
                .addArrayOfUUID(models.toArray(UUID[]::new))
                .addString(type)
                .addString(what);
        return connection.preparedQuery(TELL_READERS).execute(values).mapEmpty();
    }

    private static Future<Model> lock(SqlConnection connection, String owner, UUID id) {
        return one(connection, LOCK, Tuple.of(owner, id));
    }

    private static Future<Model> one(SqlConnection connection, String sql, Tuple values) {
        return connection
                .preparedQuery(sql)
                .execute(values)
                .map(rows -> ModelQueries.first(rows).orElseThrow(ModelQueries::notFound));
    }

    private <T> Future<T> as(String owner, Function<SqlConnection, Future<T>> work) {
        return database.as(new Actor.Owner(owner), work);
    }
}

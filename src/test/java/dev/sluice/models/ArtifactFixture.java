package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One job with artifacts, an upstream that does what the test says, and servers that publish. */
abstract class ArtifactFixture {
    static final String TAG = "\"v1\"";
    static final byte[] CONTENT = new byte[200_000];
    static final int HALF = 100_000;

    @TempDir
    Path volume;

    TestDatabase database;
    ScriptedUpstream upstream;
    final CountDownLatch released = new CountDownLatch(1);

    @BeforeEach
    void open() {
        new Random(1).nextBytes(CONTENT);
        database = TestDatabase.fresh();
        upstream = new ScriptedUpstream((request, reply) -> reply.good(request, CONTENT, TAG));
    }

    @AfterEach
    void close() {
        released.countDown();
        upstream.close();
        database.close();
    }

    /** A completed job with these files left elsewhere. */
    void job(String... paths) {
        JsonArray artifacts = new JsonArray();
        Stream.of(paths)
                .forEach(
                        path -> artifacts.add(new JsonObject().put("path", path).put("url", upstream.url("/" + path))));
        sql(
                "insert into jobs (job_id, owner, name, status, completed_at, artifact_urls) values ('run', 'ann', 'run', 'completed', now(), '"
                        + artifacts.encode() + "')");
    }

    PublishingReplica replica() throws Exception {
        return new PublishingReplica(database, volume).start();
    }

    /** First half a file, then nothing more until it is released. */
    void stopsAmidTheFirst() {
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, HALF);
                released.await();
                reply.body(CONTENT, HALF, CONTENT.length);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
    }

    void awaitPublished() {
        until("published", () -> text("select publication from jobs").equals("published"));
        assertThat(text("select count(*)::text from models")).isEqualTo("1");
        assertThat(text("select coalesce(publish_error, 'none') from jobs")).isEqualTo("none");
        assertThat(text("select count(*)::text from fetched_artifacts")).isEqualTo("0");
        assertThat(rows("select distinct size from model_files"))
                .extracting(row -> row.getLong(0))
                .containsExactly((long) CONTENT.length);
    }

    List<String> asked() {
        return upstream.requests().stream().map(ScriptedUpstream.Request::path).toList();
    }

    List<String> audited() {
        return rows("select event_type from audit where action = 'fetch' and resource_id = 'run' order by at").stream()
                .map(row -> row.getString(0))
                .toList();
    }

    /** As time does. */
    void endLease() {
        sql("update jobs set publish_lease_until = now() - interval '1 s'");
    }

    String text(String sql) {
        return rows(sql).get(0).getString(0);
    }

    List<Row> rows(String sql) {
        return TestDatabase.await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query(sql)
                                .execute()
                                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                        .toList())));
    }

    void sql(String sql) {
        TestDatabase.await(database.database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }

    static void until(String what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        try {
            while (!condition.call()) {
                assertThat(System.nanoTime()).as(what).isLessThan(deadline);
                Thread.sleep(10);
            }
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new AssertionError(what, failed);
        }
    }
}

package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.Paging;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rows themselves, as two replicas write them. Each test has an owner of its own. */
class DownloadHistoryTest {
    private static final long TOTAL = 1_000;

    private static TestDatabase test;

    @BeforeAll
    static void start() {
        test = TestDatabase.fresh();
    }

    @AfterAll
    static void close() {
        test.close();
    }

    /** A process that writes. */
    private static final class Writer {
        private final UUID id = UUID.randomUUID();
        private long batch;

        Writer() {
            TestDatabase.await(test.database().call("select heartbeat($1)", Tuple.of(id)));
        }

        Future<?> write(JsonObject... changes) {
            return write(++batch, changes);
        }

        Future<?> write(long number, JsonObject... changes) {
            return test.database()
                    .call(
                            "select record_downloads($1, $2, $3, $4)",
                            Tuple.of(id, number, 900L, new JsonArray(List.of(changes))));
        }

        JsonObject began(String owner, String request, boolean whole) {
            return new JsonObject()
                    .put("transfer", id + "/" + request)
                    .put("fingerprint", owner)
                    .put("owner", owner)
                    .put("kind", "model")
                    .put("resource_type", "job")
                    .put("resource", "of-" + owner)
                    .put("filename", "model.zip")
                    .put("tag", "\"t\"")
                    .put("address", "::1")
                    .put("user_agent", "")
                    .put("whole", whole)
                    .put("total", TOTAL);
        }

        JsonObject ended(String owner, String request, String outcome, long low, long high) {
            return new JsonObject()
                    .put("transfer", id + "/" + request)
                    .put("fingerprint", owner)
                    .put("ended", outcome)
                    .put("low", low)
                    .put("high", high);
        }

        void stops() {
            sql("update replicas set seen_at = now() - interval '2 minutes' where id = '" + id + "'");
        }
    }

    private static void sql(String statement) {
        TestDatabase.await(test.database()
                .as(
                        new Actor.Background(),
                        connection -> connection.query(statement).execute()));
    }

    private static List<JsonObject> downloads(String owner) {
        JsonArray all = TestDatabase.await(new HistoryQueries(test.database()).list(owner, new Paging(1, 100)))
                .getJsonArray("downloads");
        return IntStream.range(0, all.size()).mapToObj(all::getJsonObject).toList();
    }

    private static JsonObject download(String owner) {
        List<JsonObject> all = downloads(owner);
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    @Test
    void manyRangesOverTwoReplicasAtOnceAreOneRow() {
        Writer[] writers = {new Writer(), new Writer()};
        List<Future<?>> writing = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            writing.add(writers[i % 2].write(writers[i % 2].began("ann", "r" + i, false)));
        }
        TestDatabase.await(Future.all(writing));
        assertThat(download("ann").getString("outcome")).isEqualTo("active");
        writing.clear();
        for (int i = 0; i < 10; i++) {
            writing.add(
                    writers[i % 2].write(writers[i % 2].ended("ann", "r" + i, "partial", i * 100L, (i + 1) * 100L)));
        }
        TestDatabase.await(Future.all(writing));
        assertThat(download("ann").getString("outcome")).isEqualTo("completed");
        assertThat(download("ann").getLong("bytes")).isEqualTo(TOTAL);
    }

    @Test
    void aBatchThatComesAgainChangesNothing() {
        Writer writer = new Writer();
        JsonObject[] batch = {
            writer.began("bob", "a", true),
            writer.ended("bob", "a", "partial", 0, TOTAL),
            writer.began("bob", "b", true),
            writer.ended("bob", "b", "client_left", 0, 10)
        };
        TestDatabase.await(writer.write(7, batch));
        TestDatabase.await(writer.write(7, batch));
        assertThat(downloads("bob")).hasSize(2);
    }

    @Test
    void whatAProcessWasAtWhenItDiedIsUnknown() {
        Writer writer = new Writer();
        TestDatabase.await(writer.write(writer.began("cid", "a", true)));
        assertThat(download("cid").getString("outcome")).isEqualTo("active");
        writer.stops();
        assertThat(download("cid").getString("outcome")).isEqualTo("unknown");
        Writer other = new Writer();
        TestDatabase.await(other.write(other.began("cid", "b", false)));
        assertThat(download("cid").getString("outcome")).isEqualTo("active");
        TestDatabase.await(other.write(other.ended("cid", "b", "partial", 0, TOTAL)));
        assertThat(download("cid").getString("outcome")).isEqualTo("completed");
    }

    @Test
    void whoComesBackAfterTheWindowBeginsAnew() {
        Writer writer = new Writer();
        TestDatabase.await(
                writer.write(writer.began("dan", "a", true), writer.ended("dan", "a", "client_left", 0, 500)));
        sql("update downloads set active_at = now() - interval '14 minutes' where owner = 'dan'");
        TestDatabase.await(
                writer.write(writer.began("dan", "b", false), writer.ended("dan", "b", "client_left", 500, 600)));
        assertThat(download("dan").getLong("bytes")).isEqualTo(600);
        sql("update downloads set active_at = now() - interval '16 minutes' where owner = 'dan'");
        TestDatabase.await(writer.write(writer.began("dan", "c", false)));
        assertThat(downloads("dan")).hasSize(2);
    }

    @Test
    void aSlowDownloadIsOneForAsLongAsItGoesOn() {
        Writer writer = new Writer();
        TestDatabase.await(writer.write(writer.began("eva", "a", false)));
        sql("update downloads set active_at = now() - interval '3 hours' where owner = 'eva'");
        TestDatabase.await(writer.write(writer.began("eva", "b", false)));
        assertThat(downloads("eva")).hasSize(1);
    }

    @Test
    void aConnectionThatIsDroppedWhenOthersHaveTheRestLeavesACompleteDownload() {
        Writer writer = new Writer();
        TestDatabase.await(writer.write(
                writer.began("fay", "a", true),
                writer.began("fay", "b", false),
                writer.ended("fay", "b", "partial", 500, TOTAL),
                writer.ended("fay", "a", "client_left", 0, 700)));
        assertThat(download("fay").getString("outcome")).isEqualTo("completed");
    }

    @Test
    void connectionsMayBeDroppedInAnyOrder() {
        Writer writer = new Writer();
        TestDatabase.await(writer.write(
                writer.began("kim", "a", true),
                writer.began("kim", "b", false),
                writer.began("kim", "c", false),
                writer.ended("kim", "b", "partial", 500, TOTAL),
                writer.ended("kim", "c", "client_left", 700, 700),
                writer.ended("kim", "a", "client_left", 0, 700)));
        assertThat(download("kim").getString("outcome")).isEqualTo("completed");
    }

    @Test
    void bytesThatWereOnlySentToAClientThatLeftAreNoCompleteDownload() {
        Writer writer = new Writer();
        TestDatabase.await(
                writer.write(writer.began("gil", "a", true), writer.ended("gil", "a", "client_left", 0, TOTAL)));
        assertThat(download("gil").getString("outcome")).isEqualTo("client_left");
    }

    @Test
    void nobodySeesOrWritesAnothers() {
        Writer writer = new Writer();
        TestDatabase.await(writer.write(writer.began("hal", "a", true)));
        assertThat(downloads("ida")).isEmpty();
        for (String statement :
                List.of("select id from downloads", "update downloads set owner = 'ida' returning id")) {
            assertThat(TestDatabase.await(test.database()
                                    .as(
                                            new Actor.Owner("ida"),
                                            c -> c.query(statement).execute()))
                            .size())
                    .isZero();
        }
        assertThatThrownBy(() -> TestDatabase.await(test.database()
                        .as(new Actor.Owner("ida"), c -> c.query("""
                                insert into downloads (owner, kind, resource_type, resource, filename, tag, address,
                                    user_agent, fingerprint, total_bytes)
                                values ('ida', '', '', '', '', '', '', '', 'ida', 0)""").execute())))
                .isInstanceOf(PgException.class);
    }

    @Test
    void downloadsAreCountedByWhatWasDownloaded() {
        Writer writer = new Writer();
        TestDatabase.await(writer.write(writer.began("jan", "a", true)));
        assertThat(TestDatabase.await(new HistoryQueries(test.database()).count("job", List.of("of-jan", "of-nobody"))))
                .isEqualTo(Map.of("of-jan", 1L));
    }
}

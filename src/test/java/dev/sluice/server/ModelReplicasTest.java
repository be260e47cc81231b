package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two servers on one database and one volume: what one does holds on the other. Each test has an owner of its own. */
class ModelReplicasTest {
    private static final int JOBS = 6;
    private static final int BIG = 32 << 20;

    private static TestServer one;
    private static TestServer other;

    @BeforeAll
    static void start() {
        one = TestServer.builder().with("ingest.poll-interval", "100ms").start();
        other = TestServer.builder()
                .beside(one)
                .with("ingest.poll-interval", "100ms")
                .start();
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
    }

    @Test
    void eachJobIsPublishedOnce() {
        List<String> jobs = IntStream.range(0, JOBS).mapToObj(i -> "once-" + i).toList();
        for (int i = 0; i < JOBS; i++) {
            (i % 2 == 0 ? one : other).completed("ann", jobs.get(i), Map.of("model/w.bin", Models.noise(10_000 + i)));
        }
        jobs.forEach(job -> new Models(one).published("ann", job));
        JsonObject all = new Models(other).list("ann", "?limit=100");
        assertThat(all.getJsonArray("models"))
                .extracting(model -> ((JsonObject) model).getString("job_id"))
                .containsExactlyInAnyOrderElementsOf(jobs);
        assertThat(json(one.get(one.token("ann"), "/api/notifications")).getJsonArray("notifications"))
                .hasSize(JOBS);
    }

    @Test
    void whatNobodyToldOfIsFoundByTheInterval() {
        one.write("untold", "model/w.bin", Models.noise(5_000));
        TestDatabase.await(one.database()
                .database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query("insert into jobs (job_id, owner, name, status, completed_at)"
                                        + " values ('untold', 'gil', 'untold', 'completed', now())")
                                .execute()));
        assertThat(new Models(one).published("gil", "untold").getLong("size")).isEqualTo(5_000);
    }

    @Test
    void aLinkOfOneOpensOnTheOtherUntilEitherEndsIt() {
        String path = "/api/models/" + published("bea", "linked");
        String share = path + "/shares/rob";
        assertThat(call(one, "bea", "PUT", share)).isEqualTo(201);
        String owners = issue(one, "bea", path);
        String readers = issue(one, "rob", path);
        for (String link : List.of(owners, readers)) {
            assertThat(open(one, link).statusCode()).isEqualTo(200);
            assertThat(open(other, link).body()).isEqualTo(open(one, link).body());
        }
        assertThat(call(one, "bea", "DELETE", share)).isEqualTo(200);
        assertEnded(readers);
        assertThat(open(other, owners).statusCode()).isEqualTo(200);
        assertThat(call(other, "bea", "DELETE", path)).isEqualTo(200);
        assertEnded(owners);
    }

    @Test
    void aDownloadUnderWayFinishesWhenItsModelIsDeleted() throws Exception {
        byte[] big = Models.noise(BIG);
        String id = new Models(one)
                .ofFiles("cid", "big", Map.of("model/w.bin", big))
                .getString("id");
        String file = "/api/models/" + id + "/files/w.bin";
        try (RawConnection held = RawConnection.to(other)) {
            // The body follows the head, as if it were the answer to HEAD.
            assertThat(held.head("GET", other.token("cid"), file)
                            .receive("HEAD")
                            .status())
                    .isEqualTo(200);
            held.skip(1000);
            assertThat(call(one, "cid", "DELETE", "/api/models/" + id)).isEqualTo(200);
            assertProblem(one.get(one.token("cid"), file), 404, "Model not found");
            held.skip(BIG - 1000);
        }
    }

    @Test
    void aStoredKeyThatIsDeletedOpensNothingSoonAfterwards() {
        String path = "/api/models/" + published("dan", "signed");
        String link = issue(one, "dan", path);
        assertThat(open(other, link).statusCode()).isEqualTo(200);
        TestDatabase.await(one.database()
                .database()
                .as(
                        new Actor.Background(),
                        connection -> connection.query("delete from link_keys").execute()));
        for (TestServer server : List.of(one, other)) {
            Models.eventually(() -> assertThat(open(server, link).statusCode()).isEqualTo(404));
        }
        // They agree on another.
        Models.eventually(() -> {
            String fresh = issue(one, "dan", path);
            assertThat(open(one, fresh).statusCode()).isEqualTo(200);
            assertThat(open(other, fresh).statusCode()).isEqualTo(200);
        });
        assertThat(open(one, link).statusCode()).isEqualTo(404);
    }

    @Test
    void twoKeysLiveWhileOneReplacesTheOther() {
        String path = "/api/models/" + published("eva", "rotated");
        String old = "k1:" + "b2xkZXIta2V5LW9mLTMyLWJ5dGVzLW9yLW1vcmUhISE=";
        String fresh = "k2:" + "bmV3ZXIta2V5LW9mLTMyLWJ5dGVzLW9yLW1vcmUhISE=";
        String byOld;
        try (TestServer before = with(old)) {
            byOld = issue(before, "eva", path);
            assertThat(open(before, byOld).statusCode()).isEqualTo(200);
        }
        String byFresh;
        try (TestServer during = with(fresh + "," + old)) {
            byFresh = issue(during, "eva", path);
            assertThat(open(during, byOld).statusCode()).isEqualTo(200);
            assertThat(open(during, byFresh).statusCode()).isEqualTo(200);
        }
        try (TestServer after = with(fresh)) {
            assertThat(open(after, byOld).statusCode()).isEqualTo(404);
            assertThat(open(after, byFresh).statusCode()).isEqualTo(200);
        }
    }

    /** Both ask the database at each request. */
    private static void assertEnded(String link) {
        assertThat(open(one, link).statusCode()).isEqualTo(404);
        assertThat(open(other, link).statusCode()).isEqualTo(404);
    }

    private static TestServer with(String secrets) {
        return TestServer.builder().beside(one).with("links.secrets", secrets).start();
    }

    private static String published(String owner, String job) {
        return new Models(one)
                .ofFiles(owner, job, Map.of("model/w.bin", Models.noise(20_000)))
                .getString("id");
    }

    private static String issue(TestServer server, String owner, String model) {
        HttpResponse<byte[]> response = server.post(server.token(owner), model + "/download", "");
        Models.expect(200, response);
        return json(response).getJsonObject("data").getJsonObject("archive").getString("url");
    }

    private static HttpResponse<byte[]> open(TestServer server, String link) {
        return server.send(HttpRequest.newBuilder(server.uri(link)));
    }

    private static int call(TestServer server, String owner, String method, String path) {
        return server.send(
                        server.request(server.token(owner), path).method(method, HttpRequest.BodyPublishers.noBody()))
                .statusCode();
    }
}

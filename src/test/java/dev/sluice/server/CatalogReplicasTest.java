package dev.sluice.server;

import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.ingest.ScriptedUpstream;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one database and one volume: whichever is asked answers for both. Each test has a model of its own. */
class CatalogReplicasTest {
    private static final byte[] CONTENT = Models.noise(200_000);
    private static final CountDownLatch LEFT = new CountDownLatch(1);

    @TempDir
    static Path directory;

    private static ScriptedUpstream upstream;
    private static TestServer one;
    private static TestServer other;

    @BeforeAll
    static void start() throws Exception {
        upstream = new ScriptedUpstream((request, reply) -> {
            if (request.path().equals("/hangs")) {
                reply.head(200, "ETag", "\"v1\"", "Content-Length", "200000").body(CONTENT, 0, 50_000);
                reply.hang();
                LEFT.countDown();
            } else {
                reply.good(request, CONTENT, "\"v1\"");
            }
        });
        Path catalog = Files.writeString(
                directory.resolve("catalog.yaml"), """
                models:
                  - {id: good, name: Good, file_name: good.gguf, url: "%s"}
                  - {id: hangs, name: Hangs, file_name: hangs.gguf, url: "%s"}
                """.formatted(upstream.url("/good"), upstream.url("/hangs")));
        one = with(TestServer.builder(), catalog).start();
        other = with(TestServer.builder().beside(one), catalog).start();
    }

    private static TestServer.Builder with(TestServer.Builder builder, Path catalog) {
        return builder.with("catalog.file", catalog.toString())
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port());
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
        upstream.close();
    }

    private static int change(TestServer server, String method, String path) {
        return server.send(server.request(server.token("root", Scope.ADMIN), path)
                        .method(method, HttpRequest.BodyPublishers.noBody()))
                .statusCode();
    }

    private static String status(TestServer server, String model) {
        return json(server.get(server.token("ann"), "/api/catalog/" + model + "/progress"))
                .getString("status");
    }

    @Test
    void whatOneIsAskedForBothTellAndDeliverAndEitherDeletes() {
        assertThat(change(one, "POST", "/api/catalog/good/download")).isEqualTo(202);
        Models.eventually(() -> assertThat(status(other, "good")).isEqualTo("completed"));
        assertThat(status(one, "good")).isEqualTo("completed");
        for (TestServer server : new TestServer[] {one, other}) {
            assertThat(server.get(server.token("ann"), "/api/catalog/good/file").body())
                    .isEqualTo(CONTENT);
        }
        assertThat(change(other, "DELETE", "/api/catalog/good")).isEqualTo(204);
        assertThat(one.get(one.token("ann"), "/api/catalog/good/file").statusCode())
                .isEqualTo(404);
    }

    @Test
    void whatOneIsAskedForTheOtherCancelsAndTheUpstreamIsLeft() throws Exception {
        assertThat(change(one, "POST", "/api/catalog/hangs/download")).isEqualTo(202);
        Models.eventually(() -> assertThat(status(other, "hangs")).isEqualTo("downloading"));
        Models.eventually(() -> assertThat(upstream.requests())
                .extracting(ScriptedUpstream.Request::path)
                .contains("/hangs"));
        assertThat(change(other, "DELETE", "/api/catalog/hangs/download")).isEqualTo(200);
        assertThat(LEFT.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(status(one, "hangs")).isEqualTo("cancelled");
        assertThat(change(one, "DELETE", "/api/catalog/hangs/download"))
                .as("it has ended")
                .isEqualTo(409);
    }
}

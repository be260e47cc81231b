package dev.sluice.jobs;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.access.Subject;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On a socket, with the real database; routes and the exit for problems are stand-ins for the server's. */
class JobHandlersTest {
    private static final String JOBS = "/api/training/jobs";

    @TempDir
    private static Path root;

    private static Vertx vertx;
    private static TestDatabase database;
    private static HttpServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    /** The jobs that the handlers said have completed. */
    private static final List<JobId> completed = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        vertx = Vertx.vertx();
        database = TestDatabase.fresh();
        JobHandlers handlers = new JobHandlers(
                new JobQueries(database.database()),
                new MetricQueries(database.database()),
                new Workspace(root),
                vertx.createSharedWorkerExecutor("test-workspace", 2),
                job -> completed.add(job.id()));
        server = await(vertx.createHttpServer().requestHandler(routes(handlers)).listen(0, "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
        database.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        JobTables.empty(database);
    }

    private static Router routes(JobHandlers handlers) {
        Router router = Router.router(vertx);
        router.route().handler(JobHandlersTest::authenticate);
        router.route().handler(BodyHandler.create(false));
        router.post(JOBS).handler(answering(handlers::register));
        router.get(JOBS).handler(answering(handlers::list));
        router.patch(JOBS + "/:job_id").handler(answering(handlers::patch));
        router.get(JOBS + "/:job_id").handler(answering(handlers::get));
        router.post(JOBS + "/:job_id/metrics").handler(answering(handlers::metrics));
        router.get("/api/training/:job_id/metrics").handler(answering(handlers::metricsOf));
        router.get("/api/training/:job_id/leaderboard").handler(answering(handlers::leaderboard));
        return router;
    }

    /** The header {@code Subject} is taken at its word: {@code trainer} may write. */
    private static void authenticate(RoutingContext ctx) {
        String owner = ctx.request().getHeader("Subject");
        Set<Scope> scopes = owner.equals("trainer") ? Set.of(Scope.INGEST) : Set.of();
        ctx.put(Subject.class.getName(), new Subject(owner, scopes, Instant.MAX));
        ctx.next();
    }

    private static Handler<RoutingContext> answering(Function<RoutingContext, Future<Void>> call) {
        return ctx -> call.apply(ctx).onFailure(failure -> {
            Problem problem = failure instanceof ProblemException refused
                    ? refused.problem()
                    : Problem.internal(String.valueOf(failure));
            problem.headers().forEach(ctx.response()::putHeader);
            ctx.response().setStatusCode(problem.status()).end(new JsonObject(problem.document("-")).encode());
        });
    }

    @Test
    void aTrainerRegistersAndTheOwnerReads() {
        HttpResponse<String> created =
                post("trainer", JOBS, "{\"job_id\":\"run-1\",\"owner\":\"alice\",\"name\":\"Fine-tune\"}");
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(created.headers().map())
                .containsEntry("location", List.of("/api/training/jobs/run-1"))
                .containsEntry("content-type", List.of("application/json"))
                .containsEntry("cache-control", List.of("no-store"));
        HttpResponse<String> read = get("alice", JOBS + "/run-1");
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(read.body()).isEqualTo(created.body());
        assertThat(new JsonObject(get("alice", JOBS).body())
                        .getJsonArray("jobs")
                        .getJsonObject(0))
                .isEqualTo(new JsonObject(created.body()));
    }

    @Test
    void theSecondOfOneIdIsAConflict() {
        register("run-1");
        HttpResponse<String> second = post("trainer", JOBS, "{\"job_id\":\"run-1\",\"owner\":\"bob\",\"name\":\"x\"}");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("\"Job already exists\"").doesNotContain("alice");
    }

    @Test
    void aPatchAnswersTheJobAsItIsNow() {
        register("run-1");
        HttpResponse<String> running = patch("run-1", "{\"status\":\"running\"}");
        assertThat(running.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(running.body()).getString("status")).isEqualTo("running");
        assertThat(patch("run-1", "{\"status\":\"pending\"}").statusCode()).isEqualTo(409);
        assertThat(patch("run-2", "{\"status\":\"running\"}").statusCode()).isEqualTo(404);
        assertThat(patch("%2e%2e", "{\"status\":\"running\"}").statusCode()).isEqualTo(404);
    }

    @Test
    void metricsAreReadInParts() {
        register("run-1");
        String points = IntStream.range(0, 5_000)
                .mapToObj(step -> "{\"step\":" + step + ",\"train_loss\":0.5}")
                .collect(Collectors.joining(",", "[", "]"));
        assertThat(post("trainer", JOBS + "/run-1/metrics", points).body()).isEqualTo("{\"accepted\":5000}");
        JsonObject part = new JsonObject(
                get("alice", "/api/training/run-1/metrics?limit=3&after=1").body());
        assertThat(part.getJsonArray("metrics").getJsonObject(0).getInteger("step"))
                .isEqualTo(2);
        assertThat(part.getInteger("next_after")).isEqualTo(4);
        JsonObject all =
                new JsonObject(get("alice", "/api/training/run-1/metrics").body());
        assertThat(all.getJsonArray("metrics")).hasSize(5_000);
        assertThat(all.getValue("next_after")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/training/jobs",
        "PATCH, /api/training/jobs/run-1",
        "PATCH, /api/training/jobs/_x",
        "POST, /api/training/jobs/run-1/metrics"
    })
    void withoutTheScopeNothingElseIsLookedAt(String method, String path) {
        HttpResponse<String> refused = send("alice", method, path, "not json", Map.of("Content-Type", "text/plain"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
                .contains("Bearer error=\"insufficient_scope\", scope=\"sluice:ingest\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/training/jobs/ID", "/api/training/ID/metrics", "/api/training/ID/leaderboard"})
    void missingForeignAndImpossibleJobsAreOneAnswer(String path) {
        register("run-1");
        String foreign = get("bob", path.replace("ID", "run-1")).body();
        assertThat(foreign).contains("\"status\":404").contains("\"Job not found\"");
        assertThat(get("bob", path.replace("ID", "run-2")).body()).isEqualTo(foreign);
        assertThat(get("bob", path.replace("ID", "a%00b")).body()).isEqualTo(foreign);
        assertThat(get("trainer", path.replace("ID", "run-1")).body())
                .as("the scope to write is none to read")
                .isEqualTo(foreign);
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, 201",
        "'Application/JSON; charset=utf-8', 201",
        "application/vnd.example.job+json, 201",
        "text/plain, 415",
        "application/jsonp, 415",
        "application/x-www-form-urlencoded, 415"
    })
    void aBodyHasToBeJson(String contentType, int status) {
        assertThat(send("trainer", "POST", JOBS, "{\"name\":\"x\"}", Map.of("Content-Type", contentType))
                        .statusCode())
                .isEqualTo(status);
    }

    @Test
    void aBodyWithoutATypeIsRefused() {
        assertThat(send("trainer", "POST", JOBS, "{\"name\":\"x\"}", Map.of()).statusCode())
                .isEqualTo(415);
    }

    @Test
    void faultsOfABodyAreListed() {
        for (String body : new String[] {"{\"total_cost\":-1}", "{\"total_cost\":-1}" + " ".repeat(64 * 1024)}) {
            HttpResponse<String> refused = post("trainer", JOBS, body);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(new JsonObject(refused.body()).getJsonArray("errors"))
                    .containsExactlyInAnyOrder(
                            new JsonObject().put("pointer", "/name").put("detail", "is required"),
                            new JsonObject().put("pointer", "/total_cost").put("detail", "must not be negative"));
        }
        assertThat(post("trainer", JOBS, "").body()).contains("is empty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"page=0", "page=x", "limit=0", "limit=101", "limit=", "status=done", "page=1&page=2", "limit=1.5"
            })
    void faultsOfAQueryAreListed(String query) {
        HttpResponse<String> refused = get("alice", JOBS + "?" + query);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(refused.body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("pointer"))
                .isEqualTo(query.substring(0, query.indexOf('=')));
    }

    private void register(String id) {
        String body = "{\"job_id\":\"" + id + "\",\"owner\":\"alice\",\"name\":\"a job\"}";
        assertThat(post("trainer", JOBS, body).statusCode()).isEqualTo(201);
    }

    private HttpResponse<String> get(String subject, String path) {
        return send(subject, "GET", path, "", Map.of());
    }

    private HttpResponse<String> post(String subject, String path, String body) {
        return send(subject, "POST", path, body, Map.of("Content-Type", "application/json"));
    }

    private HttpResponse<String> patch(String id, String body) {
        return send("trainer", "PATCH", JOBS + "/" + id, body, Map.of("Content-Type", "application/json"));
    }

    private HttpResponse<String> send(
            String subject, String method, String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.actualPort() + path))
                .header("Subject", subject)
                .method(method, BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return client.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    @Test
    void whoeverWantsToKnowIsToldOnceThatAJobHasCompleted() {
        register("run-done");
        for (String status : new String[] {"running", "completed", "completed"}) {
            send(
                    "trainer",
                    "PATCH",
                    JOBS + "/run-done",
                    "{\"status\":\"" + status + "\"}",
                    Map.of("Content-Type", "application/json"));
        }
        assertThat(completed).filteredOn(new JobId("run-done")::equals).hasSize(1);
    }
}

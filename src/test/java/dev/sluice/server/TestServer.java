package dev.sluice.server;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.Scope;
import dev.sluice.access.TokenIssuer;
import dev.sluice.archive.TemporaryTree;
import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Settings;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A whole server on real parts: a database of its own, a data directory of its own, free ports. Closing it fails when it
 * left a staged file behind. Blocking; for test threads.
 */
public final class TestServer implements AutoCloseable {
    /** Longer than any busy machine takes, so that nobody is refused but for the reason that the test gives. */
    private static final Patience LONG =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMinutes(1), Duration.ofMinutes(1));

    private static final String SECRET = "a secret of the tests, thirty-two bytes or more";

    private final TestDatabase database;
    private final Path data;
    private final Server server;
    private final Vertx issuers;
    private final TokenIssuer tokens;
    private final TokenIssuer past;
    private final String scheme;
    private final HttpClient client;

    private TestServer(
            TestDatabase database,
            Path data,
            Server server,
            AccessConfig access,
            Optional<TestCertificate> certificate) {
        HttpClient.Builder clients = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        certificate.ifPresent(trusted -> clients.sslContext(trusted.trusting()));
        this.client = clients.build();
        this.scheme = certificate.isPresent() ? "https" : "http";
        this.database = database;
        this.data = data;
        this.server = server;
        this.issuers = Vertx.vertx();
        this.tokens = new TokenIssuer(issuers, access, Clock.systemUTC());
        this.past = new TokenIssuer(issuers, access, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    }

    public static Builder builder() {
        return new Builder();
    }

    public static TestServer start() {
        return builder().start();
    }

    /** Settings by key, over those that every test server has. */
    public static final class Builder {
        private final Map<String, String> settings = new LinkedHashMap<>();
        private Optional<TestCertificate> certificate = Optional.empty();
        private Clock clock = Clock.systemUTC();
        private Patience patience = LONG;

        /** The server's, not that of its tokens and its database. */
        Builder clock(Clock another) {
            clock = another;
            return this;
        }

        /** As impatient as those that people run: for tests of that. */
        public Builder impatient() {
            patience = Patience.USUAL;
            return this;
        }

        /** Patient but with those who wait for a place. */
        Builder impatientQueue() {
            patience = new Patience(LONG.database(), LONG.statement(), LONG.intent(), Patience.USUAL.queue());
            return this;
        }

        /** TLS, and HTTP/2 for who wants it. */
        Builder tls(TestCertificate shown) {
            certificate = Optional.of(shown);
            return with("http.tls-certificate", shown.chain().toString())
                    .with("http.tls-key", shown.key().toString());
        }

        /** A further replica: on the other's database, and on its volume. */
        Builder beside(TestServer other) {
            return with("database.url", other.database.url()).with("data.dir", other.data.toString());
        }

        public Builder with(String key, String value) {
            settings.put(key, value);
            return this;
        }

        public TestServer start() {
            TestDatabase database = TestDatabase.fresh();
            try {
                Path data = Files.createTempDirectory("sluice-test");
                Map<String, String> all = new LinkedHashMap<>();
                all.put("http.host", "127.0.0.1");
                all.put("http.port", "0");
                all.put("management.host", "127.0.0.1");
                all.put("management.port", "0");
                all.put("data.dir", data.toString());
                all.put("database.url", database.url());
                all.put("auth.jwt-secret", SECRET);
                all.putAll(settings);
                ServerConfig config =
                        ServerConfig.from(Settings.read(Optional.empty(), Map.of(), all), ServerConfig.Mode.PRODUCTION);
                AccessConfig access = Main.access(config.auth());
                Server server = TestDatabase.await(Server.start(config, access, clock, patience));
                return new TestServer(database, data, server, access, certificate);
            } catch (IOException failed) {
                database.close();
                throw new UncheckedIOException(failed);
            } catch (InvalidConfiguration invalid) {
                database.close();
                throw new IllegalArgumentException(invalid);
            }
        }
    }

    int port() {
        return server.port();
    }

    Router router() {
        return server.router();
    }

    /** As SIGTERM begins it. */
    Future<Void> drain(Duration timeout) {
        return server.drain(timeout);
    }

    public URI uri(String path) {
        return URI.create(scheme + "://127.0.0.1:" + server.port() + path);
    }

    public URI managementUri(String path) {
        return URI.create("http://127.0.0.1:" + server.managementPort() + path);
    }

    public TestDatabase database() {
        return database;
    }

    /** Where a trainer on the same volume writes. */
    public Path workspace() {
        return data.resolve("workspace");
    }

    /** For reading one's own. */
    public String token(String owner) {
        return tokens.issue(owner, Set.of(), Duration.ofHours(1));
    }

    public String token(String owner, Scope first, Scope... more) {
        return tokens.issue(owner, EnumSet.of(first, more), Duration.ofHours(1));
    }

    /** Once good, and well signed. */
    public String expiredToken(String owner) {
        return past.issue(owner, Set.of(), Duration.ofHours(1));
    }

    /** What a trainer uses, which owns nothing. */
    public String trainer() {
        return token("trainer", Scope.INGEST);
    }

    public HttpRequest.Builder request(String token, String path) {
        return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + token);
    }

    public HttpResponse<byte[]> get(String token, String path, String... headers) {
        HttpRequest.Builder request = request(token, path).GET();
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    public HttpResponse<byte[]> head(String token, String path) {
        return send(request(token, path).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    }

    public HttpResponse<byte[]> post(String token, String path, String json) {
        return send(request(token, path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    public HttpResponse<byte[]> patch(String token, String path, String json) {
        return send(request(token, path)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(json)));
    }

    public HttpResponse<byte[]> put(String token, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = request(token, path).PUT(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    public HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** A job in the status pending. */
    public void register(String owner, String job) {
        expect(
                201,
                post(
                        trainer(),
                        "/api/training/jobs",
                        "{\"job_id\":\"" + job + "\",\"owner\":\"" + owner + "\",\"name\":\"" + job + "\"}"));
    }

    /** A completed job with files that went up by PUT, path to content. */
    public void completed(String owner, String job, Map<String, byte[]> files) {
        register(owner, job);
        expect(200, patch(trainer(), "/api/training/jobs/" + job, "{\"status\":\"running\"}"));
        files.forEach(
                (path, content) -> expect(201, put(trainer(), "/api/training/" + job + "/files/" + path, content)));
        expect(200, patch(trainer(), "/api/training/jobs/" + job, "{\"status\":\"completed\"}"));
    }

    /** Writes into the workspace as a trainer on the same volume does. */
    public Path write(String job, String path, byte[] content) {
        try {
            Path file = workspace().resolve(job).resolve(path);
            Files.createDirectories(file.getParent());
            return Files.write(file, content);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void expect(int status, HttpResponse<byte[]> response) {
        if (response.statusCode() != status) {
            throw new AssertionError(response.statusCode() + " instead of " + status + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        TestDatabase.await(server.stop());
        TestDatabase.await(issuers.close());
        database.close();
        Path staging = workspace().resolve(".staging");
        // One beside another has no workspace of its own.
        try (Stream<Path> staged = Files.exists(staging) ? Files.list(staging) : Stream.empty()) {
            if (staged.findAny().isPresent()) {
                throw new AssertionError("A staged file was left over");
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        TemporaryTree.delete(data);
    }
}

package dev.sluice.server;

import static dev.sluice.server.Models.expect;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.DocumentedApi.Answer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the routes of the running server against its own document, both ways; {@link ApiAnswersTest} holds its answers. */
class ApiDocumentTest {
    private static final Set<String> MIDDLEWARE = Set.of("/api/", "/ml/");

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyRouteIsDocumentedAndEveryDocumentedOperationIsRouted() throws IOException {
        Set<String> routed = new TreeSet<>();
        for (Route route : server.router().getRoutes()) {
            if (route.methods() == null || route.getName() == null || MIDDLEWARE.contains(route.getName())) {
                continue;
            }
            String path = route.getName().replaceAll(":(\\w+)", "{$1}");
            for (HttpMethod method : route.methods()) {
                routed.add(method.name() + " " + path);
            }
        }
        Set<String> documented = new TreeSet<>();
        DocumentedApi.of(server).operations().keySet().forEach(operation -> {
            documented.add(operation);
            // The document says so once for all of them.
            documented.add(operation.replaceFirst("^GET ", "HEAD "));
        });
        assertThat(documented).isEqualTo(routed);
    }

    @Test
    void itsVersionIsThatOfTheServer() {
        String version = Responses.json(server.get("", "/version")).getString("version");
        assertThat(version).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(new String(server.get("", "/api/openapi.yaml").body(), StandardCharsets.UTF_8))
                .containsOnlyOnce("\n  version: \"" + version + "\"\n");
    }

    @Test
    void whoHasTheDocumentIsNotSentItAgain() {
        for (String target : Set.of("/api/openapi.yaml", "/docs")) {
            HttpResponse<byte[]> first = server.get("", target);
            expect(200, first);
            expect(304, server.get("", target, "If-None-Match", field(first, "ETag")));
            expect(200, server.get("", target, "If-None-Match", "\"other\""));
        }
    }

    @Test
    void aCrowdIsRefusedAsTheDocumentSays() throws IOException {
        try (TestServer small = TestServer.builder()
                .with("delivery.max-streams", "2")
                .with("delivery.max-streams-per-owner", "1")
                .impatientQueue()
                .start()) {
            DocumentedApi api = DocumentedApi.of(small);
            String anns = big(small, "ann");
            String bobs = big(small, "bob");
            String cids = big(small, "cid");
            String file = "GET /api/training/{job_id}/files/{path}";
            try (RawConnection hers = held(small, "ann", anns)) {
                api.check(file, 429, Answer.of(small.get(small.token("ann"), anns)));
                String archive = "/api/training/ann/download/model";
                api.check(
                        "GET /api/training/{job_id}/download/model",
                        429,
                        Answer.of(small.get(small.token("ann"), archive)));
                try (RawConnection his = held(small, "bob", bobs)) {
                    api.check(file, 503, Answer.of(small.get(small.token("cid"), cids)));
                }
            }
            assertThat(api.faults()).isEmpty();
        }
    }

    /** A download whose head is read and nothing more. Made when it is wanted, for a connection that asks for nothing is closed. */
    private static RawConnection held(TestServer server, String owner, String path) throws IOException {
        RawConnection holder = RawConnection.to(server);
        holder.head("GET", server.token(owner), path).receive("HEAD");
        return holder;
    }

    /** Of a job that runs, for its publication would be in the way. It takes no space. */
    private static String big(TestServer server, String owner) throws IOException {
        server.register(owner, owner);
        new Models(server).run(owner);
        Path file = server.write(owner, "model/big.bin", new byte[0]);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(BigFile.SIZE);
        }
        return "/api/training/" + owner + "/files/model/big.bin";
    }
}

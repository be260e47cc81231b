package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads that end early, say too much or aim elsewhere: nothing of them is seen, and what was there stays. */
class RefusedUploadTest {
    private static final int QUOTA = 64 << 10;
    private static final String FILES = "/api/training/job/files/";
    private static final byte[] KEPT = "kept".repeat(100).getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.builder().with("ingest.max-file-size", "64KiB").start();
        server.register("alice", "job");
        assertThat(server.put(server.trainer(), FILES + "model/kept", KEPT).statusCode())
                .isEqualTo(201);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsSeen() {
        awaitUntil(() -> staged().isEmpty());
        assertThat(visible()).containsExactly("model/kept");
        assertThat(server.get(server.token("alice"), FILES + "model/kept").body())
                .isEqualTo(KEPT);
    }

    @Test
    void aFileMayFillTheQuotaButNotExceedIt() throws IOException {
        assertThat(server.put(server.trainer(), FILES + "full", new byte[QUOTA]).statusCode())
                .isEqualTo(201);
        Files.delete(server.workspace().resolve("job/full"));
        assertProblem(put(server.trainer(), "full", new byte[QUOTA + 1]), 413);
    }

    /** The answer to an upload whose body may be refused while it is on its way: the rest is not taken then. */
    private static RawConnection.Response put(String token, String path, byte[] body) throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head("PUT", token, FILES + path, "Content-Length: " + body.length);
            try {
                connection.send(body);
            } catch (SocketException closed) {
                // What was answered before is there to be read.
            }
            return connection.receive("PUT");
        }
    }

    @Test
    void whatSaysThatItIsTooLargeIsRefusedBeforeItIsSent() throws IOException {
        for (String length : new String[] {"" + (QUOTA + 1), "9223372036854775807"}) {
            try (RawConnection connection = RawConnection.to(server)) {
                connection.head("PUT", server.trainer(), FILES + "model/kept", "Content-Length: " + length);
                RawConnection.Response refused = connection.receive("PUT");
                assertThat(refused.status()).isEqualTo(413);
                assertThat(new JsonObject(refused.text()).getString("detail"))
                        .isEqualTo("A file may have at most 65536 bytes");
                assertThat(refused.fields()).containsEntry("connection", "close");
            }
        }
    }

    @Test
    void whatTurnsOutTooLargeWhileItIsSentIsRefused() throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head("PUT", server.trainer(), FILES + "model/kept", "Transfer-Encoding: chunked");
            connection.send("10000\r\n" + "x".repeat(QUOTA) + "\r\n1\r\nx\r\n");
            assertThat(connection.receive("PUT").status()).isEqualTo(413);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length: 1000, half",
        "Transfer-Encoding: chunked, '4\r\nhalf\r\n'",
        "Transfer-Encoding: chunked, '9\r\nhalf'"
    })
    void aBodyThatEndsEarlyLeavesNothing(String framing, String part) throws IOException {
        for (String path : new String[] {"model/kept", "model/never"}) {
            try (RawConnection connection = RawConnection.to(server)) {
                connection.head("PUT", server.trainer(), FILES + path, framing).send(part);
                awaitUntil(() -> !staged().isEmpty());
            }
            awaitUntil(() -> staged().isEmpty());
        }
    }

    @Test
    void aBrokenChunkLeavesNothing() throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            connection
                    .head("PUT", server.trainer(), FILES + "model/kept", "Transfer-Encoding: chunked")
                    .send("4\r\nhalf\r\nnot a length\r\n0\r\n\r\n");
            assertThat(connection.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aBodyIsAskedForOnlyWhenItWouldBeTaken() throws IOException {
        String expect = "Expect: 100-continue";
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head("PUT", server.trainer(), FILES + "model/kept", expect, "Content-Length: " + KEPT.length);
            assertThat(connection.receive("PUT").status()).isEqualTo(100);
            assertThat(connection.send(KEPT).receive("PUT").status()).isEqualTo(204);
            RawConnection.Response next = connection.exchange("GET", server.token("alice"), FILES + "model/kept");
            assertThat(next.body()).isEqualTo(KEPT);
        }
        List<String[]> refused = List.of(
                new String[] {"404", server.trainer(), "/api/training/none/files/a", "Content-Length: 4"},
                new String[] {"403", server.token("alice"), FILES + "a", "Content-Length: 4"},
                new String[] {"401", "garbage", FILES + "a", "Content-Length: 4"},
                new String[] {"413", server.trainer(), FILES + "a", "Content-Length: 70000"},
                new String[] {"409", server.trainer(), FILES + "model", "Content-Length: 4"});
        for (String[] request : refused) {
            try (RawConnection connection = RawConnection.to(server)) {
                connection.head("PUT", request[1], request[2], expect, request[3]);
                int status = connection.receive("PUT").status();
                if (status == 100) {
                    status = connection.send("four").receive("PUT").status();
                    assertThat(request[0]).as("known only when it is published").isEqualTo("409");
                }
                assertThat(status).isEqualTo(Integer.parseInt(request[0]));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "identity, gzip", "x-unknown"})
    void aCodedBodyIsRefused(String coding) {
        assertProblem(server.put(server.trainer(), FILES + "coded", new byte[9], "Content-Encoding", coding), 415);
    }

    @Test
    void aPartOfAFileIsRefused() {
        assertProblem(
                server.put(server.trainer(), FILES + "model/kept", new byte[4], "Content-Range", "bytes 0-3/9"), 400);
    }

    @Test
    void aReaderMayNotWriteEvenWithABodyUnderWay() throws IOException {
        assertProblem(put(server.token("alice"), "model/kept", new byte[QUOTA]), 403);
        assertProblem(
                server.send(
                        server.request(server.token("alice"), FILES + "mine").PUT(BodyPublishers.ofString("mine"))),
                403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../escape",
                "model/../../escape",
                "model/../../../../escape",
                "../other/files/escape",
                "%2e%2e/escape",
                ".%2e/escape",
                "%2e%2e/other/files/escape",
                "..%2fescape",
                "..%2fother%2fescape",
                "%2e%2e%2fescape",
                "model/%2e%2e%2f%2e%2e%2fescape",
                "..\\escape",
                "..%5cescape",
                "model%5c..%5cescape",
                "%2fetc%2fescape",
                "C:%5cescape",
                "C:/escape",
                "a%00escape",
                "a%0aescape",
                "a%7fescape",
                "./escape",
                "model/./escape",
                "model/escape/.",
                "model/escape/..",
                "escape/",
                "%ff%feescape%",
                "escape%zz"
            })
    void aNameThatLeadsElsewhereIsRefused(String name) throws IOException {
        refuse(name);
        if (!name.startsWith("C:/")) {
            refuse("model/" + name);
        }
    }

    @Test
    void aNameLongerThanAnyFileSystemsIsRefused() throws IOException {
        refuse("n".repeat(256));
        refuse("%c3%bc".repeat(128));
        refuse("d/".repeat(2100) + "escape");
    }

    private static void refuse(String name) throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head("PUT", server.trainer(), FILES + name, "Content-Length: 6");
            RawConnection.Response response = connection.send("escape").receive("PUT");
            assertThat(response.status()).as(name + ": " + response.text()).isIn(400, 404);
            assertThat(response.fields()).containsEntry("content-type", "application/problem+json");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%252e%252e%252fescape", "%252e%252e", "...", "..a", "%25", ".hidden"})
    void aNameThatOnlyLooksLikeAWayUpIsAnOrdinaryOne(String name) throws IOException {
        String path = FILES + "odd/" + name;
        assertThat(server.put(server.trainer(), path, KEPT).statusCode()).isEqualTo(201);
        assertThat(server.get(server.token("alice"), path).body()).isEqualTo(KEPT);
        Path directory = server.workspace().resolve("job/odd");
        try (Stream<Path> files = Files.list(directory)) {
            files.toList().forEach(RefusedUploadTest::delete);
        }
        Files.delete(directory);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<String> visible() {
        List<String> all = new ArrayList<>(
                json(server.get(server.token("alice"), "/api/training/job/files")).getJsonArray("files").stream()
                        .map(file -> ((JsonObject) file).getString("path"))
                        .toList());
        try (Stream<Path> data = Files.walk(server.workspace().getParent())) {
            data.filter(path -> path.getFileName().toString().contains("escape"))
                    .forEach(path -> all.add(path.toString()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return all;
    }

    private static List<Path> staged() {
        try (Stream<Path> files = Files.list(server.workspace().resolve(".staging"))) {
            return files.toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** For what a server does after it has answered, or without answering. */
    private static void awaitUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 30 s").isLessThan(deadline);
            LockSupport.parkNanos(2_000_000);
        }
    }
}

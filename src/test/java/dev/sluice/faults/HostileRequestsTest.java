package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.TestServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that two readers could understand differently, and what is no request at all: one answer at most, and the end. */
@Tag("faults")
@ExtendWith(Leaks.class)
class HostileRequestsTest {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");
    private static final String SMUGGLED = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String JOBS = "POST /api/training/jobs HTTP/1.1\r\nHost: localhost\r\n";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.completed("alice", "run-1", Map.of("model/weights.bin", new byte[1000]));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String said(String request) throws IOException {
        try (Wire wire = new Wire(server.uri("/").getPort())) {
            wire.send(request);
            wire.finish();
            return wire.readToEnd();
        }
    }

    private static List<Integer> statuses(String said) {
        List<Integer> statuses = new ArrayList<>();
        Matcher status = STATUS.matcher(said);
        while (status.find()) {
            statuses.add(Integer.parseInt(status.group(1)));
        }
        return statuses;
    }

    /** Each is followed by a request that must not be answered, for who stands in between may take it for a body. */
    static Stream<Arguments> smuggling() {
        return Stream.of(
                Arguments.of(
                        "both lengths",
                        JOBS + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
                Arguments.of(
                        "both lengths, the other way round",
                        JOBS + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED),
                Arguments.of("two lengths", JOBS + "Content-Length: 0\r\nContent-Length: 47\r\n\r\n" + SMUGGLED),
                Arguments.of("a list of lengths", JOBS + "Content-Length: 0, 47\r\n\r\n" + SMUGGLED),
                Arguments.of("a signed length", JOBS + "Content-Length: +0\r\n\r\n" + SMUGGLED),
                Arguments.of("a negative length", JOBS + "Content-Length: -1\r\n\r\n" + SMUGGLED),
                Arguments.of("a length in hexadecimal", JOBS + "Content-Length: 0x0\r\n\r\n" + SMUGGLED),
                Arguments.of("an unknown coding", JOBS + "Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED),
                Arguments.of(
                        "chunked, and not last",
                        JOBS + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED),
                Arguments.of(
                        "a blank before the colon", JOBS + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED),
                Arguments.of("a line without colon", JOBS + "Content-Length 0\r\n\r\n" + SMUGGLED),
                Arguments.of("NUL in a value", JOBS + "X: a\0b\r\nContent-Length: 0\r\n\r\n" + SMUGGLED),
                Arguments.of("NUL in a name", JOBS + "X\0: a\r\nContent-Length: 0\r\n\r\n" + SMUGGLED),
                Arguments.of("a carriage return alone", JOBS + "X: a\rY: b\r\nContent-Length: 0\r\n\r\n" + SMUGGLED),
                Arguments.of(
                        "a chunk that is longer than it says",
                        JOBS + "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n" + SMUGGLED),
                Arguments.of(
                        "a negative chunk", JOBS + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n" + SMUGGLED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("smuggling")
    void whatIsAmbiguousIsRefusedAndEndsTheConnection(String name, String request) throws IOException {
        List<Integer> statuses = statuses(said(request));
        assertThat(statuses).hasSizeLessThanOrEqualTo(1).allMatch(status -> status >= 400 && status < 600);
        nothingHappened();
    }

    /** RFC 9112 §5.2: the request ends before what another would take for its body, which is no request. */
    @Test
    void aFoldedFieldIsOneValue() throws IOException {
        String folded = JOBS + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED;
        assertThat(statuses(said(folded))).containsExactly(401, 400);
    }

    /** RFC 9112 §3.2. */
    @Test
    void aRequestNamesExactlyOneHost() throws IOException {
        assertThat(statuses(said("GET /version HTTP/1.1\r\n\r\n"))).containsExactly(400);
        assertThat(statuses(said("GET /version HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\n\r\n")))
                .containsExactly(400);
        assertThat(statuses(said("GET /version HTTP/1.0\r\n\r\n"))).hasSize(1).doesNotContain(400);
    }

    static Stream<Arguments> junk() {
        byte[] noise = new byte[100_000];
        new Random(20_260_402).nextBytes(noise);
        String latin = new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1);
        return Stream.of(
                Arguments.of("noise", latin),
                Arguments.of("noise without line ends", latin.replace("\n", "")),
                Arguments.of("TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"),
                Arguments.of("HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                Arguments.of("an endless line", "GET /" + "a".repeat(1 << 20)),
                Arguments.of("a long target", "GET /" + "a".repeat(64 << 10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                Arguments.of(
                        "a long field",
                        "GET /version HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(1 << 20) + "\r\n\r\n"),
                Arguments.of(
                        "many fields",
                        "GET /version HTTP/1.1\r\nHost: localhost\r\n" + "X: a\r\n".repeat(100_000) + "\r\n"),
                Arguments.of("no version", "GET /version\r\n\r\n"),
                Arguments.of("a version to come", "GET /version HTTP/3.7\r\nHost: localhost\r\n\r\n"),
                Arguments.of("a method of NUL", "\0\0\0\0 /version HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("junk")
    void whatIsNoRequestIsRefused(String name, String request) throws IOException {
        String said;
        try {
            said = said(request);
        } catch (IOException reset) {
            said = "[reset]";
        }
        assertThat(statuses(said)).allMatch(status -> status >= 400 && status < 600);
        nothingHappened();
    }

    @Test
    void deepJsonIsRefused() {
        for (String bomb : List.of(
                "[".repeat(5_000_000),
                "{\"a\":".repeat(1_000_000),
                "{\"job_id\":\"deep\",\"owner\":\"alice\",\"name\":\"deep\",\"config\":" + "{\"a\":".repeat(10_000)
                        + "1" + "}".repeat(10_000) + "}",
                "{\"job_id\":\"big\",\"owner\":\"alice\",\"name\":\"big\",\"total_cost\":1e999999999}",
                "{\"job_id\":\"long\",\"owner\":\"alice\",\"name\":\"long\",\"total_cost\":" + "9".repeat(1_000_000)
                        + "}")) {
            assertThat(server.post(server.trainer(), "/api/training/jobs", bomb).statusCode())
                    .as(bomb.substring(0, 60))
                    .isBetween(400, 499);
        }
        nothingHappened();
    }

    private static void nothingHappened() {
        assertThat(server.get(server.token("alice"), "/api/training/run-1/files/model/weights.bin")
                        .statusCode())
                .isEqualTo(200);
    }
}

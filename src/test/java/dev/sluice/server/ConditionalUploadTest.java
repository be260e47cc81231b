package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.HttpDate;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads that are meant for what is in their place, or for nothing there (RFC 9110 §13.1, §13.2). */
class ConditionalUploadTest {
    private static final String FILES = "/api/training/job/files/";
    private static final String PRESENT = FILES + "model/present";
    private static final String ABSENT = FILES + "model/absent";
    private static final byte[] OLD = bytes("what was there");
    private static final byte[] NEW = bytes("what is to be there");
    private static final Instant MODIFIED = Instant.parse("2026-03-01T12:00:00.750Z");
    private static final String DATE = HttpDate.format(MODIFIED);
    private static final String EARLIER = HttpDate.format(MODIFIED.minusSeconds(1));
    private static final String FAILED = "The file is not in the state that the upload was made for";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.register("alice", "job");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void oneFileIsThere() throws IOException {
        Path file = server.write("job", "model/present", OLD);
        Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
        Files.deleteIfExists(file.resolveSibling("absent"));
    }

    /** A refused upload is answered only after it was cancelled. */
    @AfterEach
    void nothingIsStaged() throws IOException {
        try (Stream<Path> staged = Files.list(server.workspace().resolve(".staging"))) {
            assertThat(staged).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "TAG", "\"other\", TAG", " , TAG,"})
    void whatIfMatchNamesIsReplaced(String tags) {
        replaces("If-Match", named(tags));
    }

    /** §8.8.3.2: strongly; a weak tag names no bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"\"other\"", "W/TAG", "\"other\", W/TAG", "TAG TAG", "no tag"})
    void whatIfMatchDoesNotNameStays(String tags) {
        refuses("If-Match", named(tags));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"other\"", "W/\"other\", \"another\""})
    void whatIfNoneMatchDoesNotNameIsReplaced(String tags) {
        replaces("If-None-Match", tags);
    }

    /** 412 and not 304, which is for reads (§13.1.2); weakly (§8.8.3.2). */
    @ParameterizedTest
    @ValueSource(strings = {"*", "TAG", "W/TAG", "\"other\", W/TAG"})
    void whatIfNoneMatchNamesStays(String tags) {
        refuses("If-None-Match", named(tags));
    }

    @Test
    void whatIsOlderThanItsDateIsReplacedAndWhatIsYoungerStays() {
        assertThat(field(get(PRESENT), "Last-Modified")).isEqualTo(DATE);
        refuses("If-Unmodified-Since", EARLIER);
        replaces("If-Unmodified-Since", DATE);
    }

    /** §13.1.4. */
    @Test
    void aDateThatIsNoneIsIgnored() {
        replaces("If-Unmodified-Since", "yesterday");
    }

    /** §13.2.2: step 2 is only for requests without If-Match. */
    @Test
    void ifMatchGoesBeforeADate() {
        refuses("If-Match", "\"other\"", "If-Unmodified-Since", DATE);
        replaces("If-Match", tag(), "If-Unmodified-Since", EARLIER);
    }

    @Test
    void allThatIsAskedForHasToHold() {
        refuses("If-Match", tag(), "If-None-Match", tag());
        refuses("If-Unmodified-Since", DATE, "If-None-Match", "*");
        replaces("If-Match", tag(), "If-None-Match", "\"other\"");
    }

    /** §13.1.3, §13.1.5, §14.2. */
    @Test
    void whatIsForReadsIsIgnored() {
        replaces("If-Modified-Since", DATE, "If-Range", "\"other\"", "Range", "bytes=0-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "\"other\""})
    void whatIsNotThereMatchesNothing(String tags) {
        assertProblem(put(ABSENT, "If-Match", tags), 412, FAILED);
        assertThat(get(ABSENT).statusCode()).isEqualTo(404);
        assertThat(put(ABSENT, "If-None-Match", tags).statusCode()).isEqualTo(201);
        assertThat(get(ABSENT).body()).isEqualTo(NEW);
    }

    /** §13.1.4: what is not there was modified at no time. */
    @Test
    void whatIsNotThereIsNotYoungerThanAnyDate() {
        assertThat(put(ABSENT, "If-Unmodified-Since", EARLIER).statusCode()).isEqualTo(201);
    }

    @Test
    void theTagOfWhatWentUpIsWhatTheNextUploadMayName() {
        replaces("If-Match", tag());
        String first = tag();
        assertThat(put(PRESENT, "If-Match", first).statusCode()).isEqualTo(204);
        assertProblem(put(PRESENT, "If-Match", first), 412, FAILED);
    }

    /** §13.2.1: what would be refused anyway is refused for that. */
    @Test
    void otherRefusalsGoFirst() {
        String[] failing = {"If-Match", "\"other\""};
        assertProblem(server.put(server.trainer(), "/api/training/none/files/a", NEW, failing), 404, "Job not found");
        assertProblem(server.put("garbage", PRESENT, NEW, failing), 401);
        assertProblem(server.put(server.token("alice"), PRESENT, NEW, failing), 403);
        assertProblem(put(FILES + "..%2fother", failing), 400);
        assertProblem(put(PRESENT, "If-Match", "\"other\"", "Content-Encoding", "gzip"), 415);
        assertProblem(put(PRESENT, "If-Match", "\"other\"", "Content-Digest", "sha-256=:short:"), 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"If-Match: \"other\"", "If-None-Match: *", "If-Unmodified-Since: Sun, 01 Mar 2020 12:00:00 GMT"})
    void theBodyIsNotAskedForNorRead(String condition) throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head(
                    "PUT", server.trainer(), PRESENT, condition, "Expect: 100-continue", "Content-Length: 1000");
            RawConnection.Response refused = connection.receive("PUT");
            assertProblem(refused, 412);
            assertThat(refused.fields()).containsEntry("connection", "close");
            assertThat(connection.isClosedByServer()).isTrue();
        }
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head("PUT", server.trainer(), PRESENT, condition, "Content-Length: 1000");
            assertProblem(connection.receive("PUT"), 412);
        }
        assertThat(get(PRESENT).body()).isEqualTo(OLD);
    }

    @Test
    void whoComesSecondWithItsBodyCreatesNothing() throws IOException {
        try (RawConnection slow = begun(ABSENT, "If-None-Match: *")) {
            assertThat(put(ABSENT, "If-None-Match", "*").statusCode()).isEqualTo(201);
            assertProblem(ended(slow), 412);
            // The whole body was read, so that the connection serves on.
            assertThat(slow.exchange("GET", server.token("alice"), ABSENT).body())
                    .isEqualTo(NEW);
        }
    }

    @Test
    void whoComesSecondWithItsBodyReplacesNothing() throws IOException {
        try (RawConnection named = begun(PRESENT, "If-Match: " + tag());
                RawConnection dated = begun(PRESENT, "If-Unmodified-Since: " + DATE)) {
            assertThat(put(PRESENT).statusCode()).isEqualTo(204);
            assertProblem(ended(named), 412);
            assertProblem(ended(dated), 412);
        }
        assertThat(get(PRESENT).body()).isEqualTo(NEW);
    }

    @Test
    void whatWasRemovedMeanwhileIsNotReplaced() throws IOException {
        try (RawConnection slow = begun(PRESENT, "If-Match: *")) {
            Files.delete(server.workspace().resolve("job/model/present"));
            assertProblem(ended(slow), 412);
        }
        assertThat(get(PRESENT).statusCode()).isEqualTo(404);
    }

    @Test
    void whatHoldsUntilTheBodyIsThereIsDone() throws IOException {
        try (RawConnection slow = begun(ABSENT, "If-None-Match: *")) {
            assertThat(ended(slow).status()).isEqualTo(201);
        }
        try (RawConnection slow = begun(PRESENT, "If-Match: " + tag())) {
            assertThat(ended(slow).status()).isEqualTo(204);
        }
        assertThat(get(ABSENT).body()).isEqualTo(bytes("half"));
        assertThat(get(PRESENT).body()).isEqualTo(bytes("half"));
    }

    /** An upload whose condition held at first, for its body was asked for, and that is not at its end. */
    private static RawConnection begun(String path, String condition) throws IOException {
        RawConnection connection = RawConnection.to(server);
        connection.head("PUT", server.trainer(), path, condition, "Expect: 100-continue", "Transfer-Encoding: chunked");
        assertThat(connection.receive("PUT").status()).isEqualTo(100);
        return connection.send("4\r\nhalf\r\n");
    }

    private static RawConnection.Response ended(RawConnection connection) throws IOException {
        return connection.send("0\r\n\r\n").receive("PUT");
    }

    private static void replaces(String... condition) {
        assertThat(put(PRESENT, condition).statusCode()).isEqualTo(204);
        assertThat(get(PRESENT).body()).isEqualTo(NEW);
    }

    private static void refuses(String... condition) {
        assertProblem(put(PRESENT, condition), 412, FAILED);
        assertThat(get(PRESENT).body()).isEqualTo(OLD);
    }

    private static String named(String tags) {
        return tags.replace("TAG", tag());
    }

    private static String tag() {
        return field(get(PRESENT), "ETag");
    }

    private static HttpResponse<byte[]> put(String path, String... condition) {
        return server.put(server.trainer(), path, NEW, condition);
    }

    private static HttpResponse<byte[]> get(String path) {
        return server.get(server.token("alice"), path);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ranges and conditions beside Debian's nginx on the same bytes: status, Content-Range and body are the same, but for the
 * differences that are listed with the sections of RFC 9110 that allow, or demand, what we do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NginxDifferenceTest {
    private static final int LENGTH = 10_000;

    /** Stands for the entity tag, or the modification date, that the asked server itself gave. */
    private static final String TAG = "TAG";

    private static final String DATE = "DATE";
    private static final String EARLIER = "Sat, 01 Jan 2000 00:00:00 GMT";
    private static final String LATER = "Fri, 01 Jan 2100 00:00:00 GMT";

    @TempDir
    private static Path dir;

    private final HttpClient client = HttpClient.newHttpClient();
    private TestServer server;
    private Nginx nginx;

    /** @param differs what we answer instead of nginx and why both are right, when we do */
    record Case(List<String> fields, Optional<Difference> differs) {
        @Override
        public String toString() {
            return fields + differs.map(why -> " differs: " + why.reason()).orElse("");
        }
    }

    record Difference(int ours, int nginx, String reason) {}

    @BeforeAll
    void start() throws Exception {
        byte[] content = new byte[LENGTH];
        new Random(1).nextBytes(content);
        server = TestServer.start();
        server.completed("alice", "run-1", Map.of("model/file.bin", content));
        Path file = server.workspace().resolve("run-1/model/file.bin");
        Path root = Files.createDirectories(dir.resolve("root"));
        Files.copy(file, root.resolve("file.bin"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        nginx = Nginx.start(dir, "", Map.of("files", "root " + root + ";"));
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (nginx != null) {
            nginx.close();
        }
        if (server != null) {
            server.close();
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String range : List.of(
                "bytes=0-0",
                "bytes=0-99",
                "bytes=9999-",
                "bytes=9990-20000",
                "bytes=-1",
                "bytes=-10000",
                "bytes=-20000",
                "bytes=10000-",
                "bytes=10000-10001",
                "bytes=-0",
                "bytes=0-",
                "bytes= 5-9",
                "bytes=0-99999999999999")) {
            cases.add(same("Range", range));
        }
        for (String malformed : List.of("bytes=a-b", "bytes=5-4", "bytes=--5", "bytes=5")) {
            cases.add(differs(
                    200, 416, "§14.2: an invalid ranges-specifier may be ignored or refused", "Range", malformed));
        }
        cases.add(same("Range", "bytes="));
        cases.add(differs(200, 206, "§14.1.1: the grammar has no blanks in a range", "Range", "bytes=5 - 9"));
        cases.add(same("Range", "chapters=1-2"));
        cases.add(differs(200, 206, "§14.2: several ranges may be answered by the whole", "Range", "bytes=0-9,20-29"));
        for (String condition : List.of("If-None-Match", "If-Match")) {
            for (String value : List.of(TAG, "\"other\"", "*", "\"other\", " + TAG)) {
                cases.add(same(condition, value));
                cases.add(same(condition, value, "Range", "bytes=0-9"));
            }
        }
        cases.add(same("If-None-Match", "W/" + TAG));
        cases.add(same("If-Match", "W/" + TAG));
        for (String date : List.of(DATE, EARLIER, LATER)) {
            cases.add(same("If-Unmodified-Since", date));
            cases.add(same("If-Range", date, "Range", "bytes=0-9"));
        }
        for (String date : List.of(DATE, EARLIER, "yesterday")) {
            cases.add(same("If-Modified-Since", date));
        }
        cases.add(differs(
                304,
                200,
                "§13.1.3: a date later than the modification means it was not modified; nginx compares for equality",
                "If-Modified-Since",
                LATER));
        cases.add(same("If-Range", "yesterday", "Range", "bytes=0-9"));
        cases.add(differs(200, 412, "§13.1.4: what is no date must be ignored", "If-Unmodified-Since", "yesterday"));
        cases.add(same("If-Range", TAG, "Range", "bytes=0-9"));
        cases.add(same("If-Range", "\"other\"", "Range", "bytes=0-9"));
        cases.add(same("If-Range", TAG, "Range", "bytes=10000-"));
        cases.add(same("If-None-Match", "\"other\"", "If-Modified-Since", DATE));
        cases.add(differs(
                304,
                200,
                "§13.1.3: beside If-None-Match it must be ignored",
                "If-None-Match",
                TAG,
                "If-Modified-Since",
                EARLIER));
        cases.add(differs(
                200,
                412,
                "§13.1.4: beside If-Match it must be ignored",
                "If-Match",
                TAG,
                "If-Unmodified-Since",
                EARLIER));
        cases.add(same("If-Match", "\"other\"", "If-None-Match", TAG));
        cases.add(same("If-Match", TAG, "If-None-Match", TAG));
        return cases;
    }

    private static Case same(String... fields) {
        return new Case(List.of(fields), Optional.empty());
    }

    private static Case differs(int ours, int nginx, String reason, String... fields) {
        return new Case(List.of(fields), Optional.of(new Difference(ours, nginx, reason)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersAsNginxDoesOrAsTheRfcAllows(Case asked) {
        HttpResponse<byte[]> ours =
                ask(server.request(server.token("alice"), "/api/training/run-1/files/model/file.bin"), asked);
        HttpResponse<byte[]> theirs = ask(HttpRequest.newBuilder(nginx.uri("files", "/file.bin")), asked);
        if (asked.differs().isPresent()) {
            assertThat(List.of(ours.statusCode(), theirs.statusCode()))
                    .as("still the difference that is listed")
                    .isEqualTo(List.of(
                            asked.differs().get().ours(), asked.differs().get().nginx()));
            return;
        }
        assertThat(ours.statusCode()).isEqualTo(theirs.statusCode());
        assertThat(ours.headers().firstValue("Content-Range"))
                .isEqualTo(theirs.headers().firstValue("Content-Range"));
        if (ours.statusCode() < 300) {
            assertThat(ours.body()).isEqualTo(theirs.body());
            assertThat(ours.headers().firstValue("Content-Length"))
                    .isEqualTo(theirs.headers().firstValue("Content-Length"));
            assertThat(ours.headers().firstValue("Last-Modified"))
                    .isEqualTo(theirs.headers().firstValue("Last-Modified"));
        }
    }

    private HttpResponse<byte[]> ask(HttpRequest.Builder request, Case asked) {
        HttpResponse<byte[]> plain = send(request.copy());
        String[] fields = asked.fields().stream()
                .map(field -> field.replace(
                                TAG, plain.headers().firstValue("ETag").orElseThrow())
                        .replace(
                                DATE,
                                plain.headers().firstValue("Last-Modified").orElseThrow()))
                .toArray(String[]::new);
        return send(request.copy().headers(fields));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}

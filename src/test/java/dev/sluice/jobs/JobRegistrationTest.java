package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.http.ProblemException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JobRegistrationTest {
    private static final String SHA = "0123456789abcdef".repeat(4);

    private static JobRegistration read(String body) {
        return read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static JobRegistration read(byte[] body) {
        return JobRegistration.read(body, "trainer");
    }

    private static Map<String, String> faultsOf(String body) {
        return BodyFaults.of(JobRegistrationTest::read, body);
    }

    @Test
    void everyMemberIsRead() {
        JobRegistration job = read("{\"job_id\":\"run-1\",\"owner\":\"alice\",\"name\":\"Fine-tune\","
                + "\"dataset\":{\"id\":\"d1\",\"name\":\"Reviews\"},\"config\":{\"lr\":0.10,\"layers\":[1,2]},\"total_cost\":12.50,"
                + "\"artifact_urls\":[{\"path\":\"model/a.bin\",\"url\":\"https://h/a?sig=x\",\"sha256\":\""
                + SHA.toUpperCase(java.util.Locale.ROOT) + "\",\"size\":5}],\"future\":{\"x\":1}}");
        assertThat(job)
                .isEqualTo(new JobRegistration(
                        new JobId("run-1"),
                        "alice",
                        "Fine-tune",
                        new Dataset("d1", "Reviews"),
                        job.config(),
                        new BigDecimal("12.50"),
                        List.of(new ArtifactUrl("model/a.bin", "https://h/a?sig=x", SHA, 5L))));
        assertThat(Json.text(job.config())).isEqualTo("{\"lr\":0.10,\"layers\":[1,2]}");
    }

    @Test
    void onlyANameIsNeeded() {
        JobRegistration job = read("{\"name\":\"x\",\"owner\":null,\"dataset\":null,\"artifact_urls\":null}");
        assertThat(job.owner()).isEqualTo("trainer");
        assertThat(job.id()).isNotEqualTo(read("{\"name\":\"x\"}").id());
        assertThat(job.dataset()).isNull();
        assertThat(job.config()).isEmpty();
        assertThat(job.totalCost()).isNull();
        assertThat(job.artifacts()).isEmpty();
    }

    static List<Arguments> faulty() {
        return List.of(
                arguments("[]", "", "must be an object"),
                arguments("null", "", "must be an object"),
                arguments("\"x\"", "", "must be an object"),
                arguments("{}", "/name", "is required"),
                arguments("{\"name\":null}", "/name", "is required"),
                arguments("{\"name\":7}", "/name", "must be a string"),
                arguments("{\"name\":\"\"}", "/name", "must have 1 to 255 characters"),
                arguments(named("x".repeat(256)), "/name", "must have 1 to 255 characters"),
                arguments(with("\"job_id\":\"jobs\""), "/job_id", null),
                arguments(with("\"job_id\":\"../x\""), "/job_id", null),
                arguments(with("\"job_id\":\"\""), "/job_id", null),
                arguments(with("\"job_id\":3"), "/job_id", "must be a string"),
                arguments(with("\"owner\":\"\""), "/owner", "must have 1 to 255 characters"),
                arguments(with("\"owner\":\"" + "o".repeat(256) + "\""), "/owner", "must have 1 to 255 characters"),
                arguments(with("\"owner\":\"a\\nb\""), "/owner", "must not contain control characters"),
                arguments(with("\"dataset\":\"d\""), "/dataset", "must be an object"),
                arguments(with("\"dataset\":{}"), "/dataset", "must have an id or a name"),
                arguments(with("\"dataset\":{\"id\":1}"), "/dataset/id", "must be a string"),
                arguments(
                        with("\"dataset\":{\"id\":\"" + "d".repeat(256) + "\"}"),
                        "/dataset/id",
                        "must have 1 to 255 characters"),
                arguments(
                        with("\"dataset\":{\"name\":\"" + "d".repeat(256) + "\"}"),
                        "/dataset/name",
                        "must have 1 to 255 characters"),
                arguments(with("\"config\":[]"), "/config", "must be an object"),
                arguments(
                        with("\"config\":{\"a\":\"" + "ü".repeat(32 * 1024) + "\"}"),
                        "/config",
                        "must have at most 65536 bytes of JSON"),
                arguments(with("\"total_cost\":-0.01"), "/total_cost", "must not be negative"),
                arguments(with("\"total_cost\":\"1\""), "/total_cost", "must be a number"),
                arguments(with("\"total_cost\":true"), "/total_cost", "must be a number"),
                arguments(with("\"total_cost\":NaN"), "/total_cost", "must be a finite number"),
                arguments(with("\"total_cost\":1,\"total_cost\":2"), "/total_cost", "is given more than once"),
                arguments(with("\"artifact_urls\":{}"), "/artifact_urls", "must be an array"),
                arguments(with("\"artifact_urls\":[\"x\"]"), "/artifact_urls/0", "must be an object"),
                arguments(artifacts("\"url\":\"http://h/\""), "/artifact_urls/0/path", "is required"),
                arguments(artifacts("\"path\":\"a\""), "/artifact_urls/0/url", "is required"),
                arguments(artifact("../a", "http://h/a"), "/artifact_urls/0/path", null),
                arguments(artifact("/a", "http://h/a"), "/artifact_urls/0/path", null),
                arguments(artifact("a\\\\b", "http://h/a"), "/artifact_urls/0/path", null),
                arguments(artifact("a", "ftp://h/a"), "/artifact_urls/0/url", null),
                arguments(artifact("a", "file:///etc/passwd"), "/artifact_urls/0/url", null),
                arguments(artifact("a", "/a"), "/artifact_urls/0/url", null),
                arguments(artifact("a", "http:///a"), "/artifact_urls/0/url", null),
                arguments(artifact("a", "https://user:pw@h/a"), "/artifact_urls/0/url", null),
                arguments(artifact("a", "http://h/a b"), "/artifact_urls/0/url", null),
                arguments(artifact("a", "http://h/" + "a".repeat(8192)), "/artifact_urls/0/url", null),
                arguments(
                        artifact("a", "http://h/a\",\"sha256\":\"" + SHA.substring(1)),
                        "/artifact_urls/0/sha256",
                        "must be 64 hexadecimal digits"),
                arguments(
                        artifact("a", "http://h/a\",\"sha256\":\"g" + SHA.substring(1)),
                        "/artifact_urls/0/sha256",
                        "must be 64 hexadecimal digits"),
                arguments(
                        artifacts("\"path\":\"a\",\"url\":\"http://h/a\",\"size\":-1"),
                        "/artifact_urls/0/size",
                        "must not be negative"),
                arguments(
                        artifacts("\"path\":\"a\",\"url\":\"http://h/a\",\"size\":1.5"),
                        "/artifact_urls/0/size",
                        "must be a whole number of at most 63 bits"),
                arguments(
                        artifacts("\"path\":\"a\",\"url\":\"http://h/a\"},{\"path\":\"a/b\",\"url\":\"http://h/b\""),
                        "/artifact_urls/1/path",
                        null),
                arguments(
                        artifacts(
                                "\"path\":\"a/b/c\",\"url\":\"http://h/a\"},{\"path\":\"a/b\",\"url\":\"http://h/b\""),
                        "/artifact_urls/1/path",
                        null),
                arguments(
                        artifacts("\"path\":\"a\",\"url\":\"http://h/a\"},{\"path\":\"a\",\"url\":\"http://h/b\""),
                        "/artifact_urls/1/path",
                        "is given more than once"));
    }

    /** One fault each, at its place; a null detail stands for any. */
    @ParameterizedTest
    @MethodSource("faulty")
    void aFaultIsNamedAtItsPlace(String body, String pointer, @org.jspecify.annotations.Nullable String detail) {
        assertThat(faultsOf(body)).containsOnlyKeys(pointer);
        if (detail != null) {
            assertThat(faultsOf(body)).containsEntry(pointer, detail);
        }
    }

    @Test
    void allFaultsAreNamedAtOnce() {
        String body = "{\"job_id\":\"jobs\",\"dataset\":3,\"total_cost\":-1,\"artifact_urls\":[{\"path\":\"..\"}]}";
        assertThat(faultsOf(body))
                .containsOnlyKeys(
                        "/job_id", "/name", "/dataset", "/total_cost", "/artifact_urls/0/path", "/artifact_urls/0/url");
        assertThatThrownBy(() -> read(body))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().detail())
                                .startsWith("The request body is not valid: /job_id must be ")
                                .contains("; /name is required; ")
                                .endsWith("; and 1 more"));
    }

    @Test
    void lengthsCountCharactersNotUtf16Units() {
        assertThat(faultsOf(named("😀".repeat(255)))).isEmpty();
        assertThat(faultsOf(named("😀".repeat(256)))).containsOnlyKeys("/name");
    }

    @Test
    void artifactsEndAtTenThousand() {
        assertThat(read(manyArtifacts(10_000)).artifacts()).hasSize(10_000);
        assertThat(
                        faultsOf(
                                artifacts(
                                        "\"path\":\"a/b\",\"url\":\"http://h/a\"},{\"path\":\"a.b\",\"url\":\"http://h/a\"},{\"path\":\"a/bc\",\"url\":\"http://h/b\"")))
                .as("neighbours that are not below each other")
                .isEmpty();
        assertThat(faultsOf(manyArtifacts(10_001)))
                .containsExactlyEntriesOf(Map.of("/artifact_urls", "must have at most 10000 elements"));
    }

    private static String manyArtifacts(int count) {
        return with("\"artifact_urls\":["
                + IntStream.range(0, count)
                        .mapToObj(number -> "{\"path\":\"f" + number + "\",\"url\":\"http://h/\"}")
                        .collect(Collectors.joining(","))
                + "]");
    }

    private static String named(String name) {
        return "{\"name\":\"" + name + "\"}";
    }

    private static String with(String members) {
        return "{\"name\":\"x\"," + members + "}";
    }

    private static String artifacts(String members) {
        return with("\"artifact_urls\":[{" + members + "}]");
    }

    private static String artifact(String path, String url) {
        return artifacts("\"path\":\"" + path + "\",\"url\":\"" + url + "\"");
    }
}

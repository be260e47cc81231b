package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTest {
    @Test
    void eachMeaningHasItsStatusAndReasonPhrase() {
        assertThat(statusAndTitle(Problem.badRequest("d"))).isEqualTo("400 Bad Request");
        assertThat(statusAndTitle(Problem.unauthorized("d"))).isEqualTo("401 Unauthorized");
        assertThat(statusAndTitle(Problem.forbidden("d"))).isEqualTo("403 Forbidden");
        assertThat(statusAndTitle(Problem.notFound("d"))).isEqualTo("404 Not Found");
        assertThat(statusAndTitle(Problem.methodNotAllowed("GET"))).isEqualTo("405 Method Not Allowed");
        assertThat(statusAndTitle(Problem.conflict("d"))).isEqualTo("409 Conflict");
        assertThat(statusAndTitle(Problem.preconditionFailed("d"))).isEqualTo("412 Precondition Failed");
        assertThat(statusAndTitle(Problem.tooLarge("d"))).isEqualTo("413 Content Too Large");
        assertThat(statusAndTitle(Problem.unsupportedMediaType("d"))).isEqualTo("415 Unsupported Media Type");
        assertThat(statusAndTitle(Problem.rangeNotSatisfiable(9))).isEqualTo("416 Range Not Satisfiable");
        assertThat(statusAndTitle(Problem.tooManyRequests("d", Duration.ofSeconds(1))))
                .isEqualTo("429 Too Many Requests");
        assertThat(statusAndTitle(Problem.internal("d"))).isEqualTo("500 Internal Server Error");
        assertThat(statusAndTitle(Problem.unavailable("d", Duration.ofSeconds(1))))
                .isEqualTo("503 Service Unavailable");
        assertThat(statusAndTitle(Problem.insufficientStorage("d"))).isEqualTo("507 Insufficient Storage");
    }

    /** RFC 9110 §15: a client treats x99 as x00, and so do we. */
    @Test
    void aStatusWithoutAPhraseTakesThatOfItsClass() {
        assertThat(statusAndTitle(Problem.of(499, "d"))).isEqualTo("499 Bad Request");
        assertThat(statusAndTitle(Problem.of(599, "d"))).isEqualTo("599 Internal Server Error");
    }

    @Test
    void theDocumentListsTheMembersOfRfc9457InReadingOrder() {
        Map<String, Object> document =
                Problem.notFound("Job not found").with("success", false).document("request-1");

        assertThat(document)
                .containsExactly(
                        Map.entry("type", "about:blank"),
                        Map.entry("title", "Not Found"),
                        Map.entry("status", 404),
                        Map.entry("detail", "Job not found"),
                        Map.entry("instance", "request-1"),
                        Map.entry("success", false));
    }

    @Test
    void aRefusedTokenCarriesTheChallenge() {
        assertThat(Problem.unauthorized("Token required").headers())
                .containsExactly(Map.entry("WWW-Authenticate", "Bearer error=\"invalid_token\""));
    }

    @Test
    void anUnsatisfiableRangeTellsTheLength() {
        assertThat(Problem.rangeNotSatisfiable(1234).headers())
                .containsExactly(Map.entry("Content-Range", "bytes */1234"));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1000, 1", "1001, 2", "2500, 3", "60000, 60"})
    void retryAfterIsRoundedUpToSecondsAndNeverZero(long millis, String seconds) {
        Duration delay = Duration.ofMillis(millis);

        assertThat(Problem.unavailable("busy", delay).headers()).containsEntry("Retry-After", seconds);
        assertThat(Problem.tooManyRequests("busy", delay).headers()).containsEntry("Retry-After", seconds);
    }

    @Test
    void headersAndExtensionsAddUp() {
        Problem problem = Problem.conflict("taken")
                .with("a", 1)
                .with("b", 2)
                .withHeader("X-A", "1")
                .withHeader("X-B", "2");

        assertThat(problem.extensions()).containsOnly(Map.entry("a", 1), Map.entry("b", 2));
        assertThat(problem.headers()).containsOnly(Map.entry("X-A", "1"), Map.entry("X-B", "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"type", "title", "status", "detail", "instance"})
    void noExtensionReplacesAStandardMember(String member) {
        assertThatThrownBy(() -> Problem.conflict("taken").with(member, "other"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 200, 399, 600})
    void onlyErrorsAreProblems(int status) {
        assertThatThrownBy(() -> Problem.of(status, "d")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theExceptionIsAnOutcomeWithoutAStackTrace() {
        Problem problem = Problem.notFound("Job not found");
        ProblemException exception = new ProblemException(problem);

        assertThat(exception.problem()).isSameAs(problem);
        assertThat(exception).hasMessage("Job not found");
        assertThat(exception.getStackTrace()).isEmpty();
    }

    private static String statusAndTitle(Problem problem) {
        return problem.status() + " " + problem.title();
    }
}

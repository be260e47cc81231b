package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Problem;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionRefusedTest {
    private static final TransferLimits LIMITS = new TransferLimits(
            new TransferLimits.Limit(100, 4),
            new TransferLimits.Limit(8, 2),
            new TransferLimits.Limit(64, 32),
            Duration.ofMinutes(1));

    private static Problem problem(AdmissionRefused.Reason reason) {
        return new AdmissionRefused(CostClass.STREAM, reason).problem(LIMITS);
    }

    @Test
    void theOwnersLimitIs429WithTheLimitInItsFields() {
        Problem problem = problem(AdmissionRefused.Reason.OWNER);
        assertThat(problem.status()).isEqualTo(429);
        assertThat(problem.headers()).containsEntry("RateLimit-Policy", "\"owner\";q=4;qu=\"concurrent-requests\"");
        assertThat(problem.headers().get("RateLimit"))
                .isEqualTo("\"owner\";r=0;t=" + problem.headers().get("Retry-After"));
    }

    @Test
    void theServersLimitIs503() {
        Problem problem = problem(AdmissionRefused.Reason.SERVER);
        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.headers()).containsEntry("RateLimit-Policy", "\"server\";q=100;qu=\"concurrent-requests\"");
    }

    @Test
    void eachClassHasLimitsOfItsOwn() {
        Problem read = new AdmissionRefused(CostClass.READ, AdmissionRefused.Reason.OWNER).problem(LIMITS);
        assertThat(read.status()).isEqualTo(429);
        assertThat(read.detail()).contains("archives").endsWith(": 2");
        assertThat(read.headers()).containsEntry("RateLimit-Policy", "\"read-owner\";q=2;qu=\"concurrent-requests\"");
        Problem ingest = new AdmissionRefused(CostClass.INGEST, AdmissionRefused.Reason.SERVER).problem(LIMITS);
        assertThat(ingest.status()).isEqualTo(503);
        assertThat(ingest.headers())
                .containsEntry("RateLimit-Policy", "\"ingest-server\";q=64;qu=\"concurrent-requests\"");
    }

    @Test
    void aServerThatStopsSaysNothingOfLimits() {
        Problem problem = problem(AdmissionRefused.Reason.DRAINING);
        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.headers()).containsOnlyKeys("Retry-After");
    }

    @Test
    void clientsAreSentBackAtDifferentTimes() {
        Set<Integer> seconds = IntStream.range(0, 200)
                .mapToObj(i -> Integer.valueOf(
                        problem(AdmissionRefused.Reason.OWNER).headers().get("Retry-After")))
                .collect(Collectors.toSet());
        assertThat(seconds).allMatch(wait -> wait >= 1 && wait <= 5).hasSizeGreaterThan(1);
    }
}

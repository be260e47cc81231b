package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** What a reader of request bodies says against one. */
final class BodyFaults {
    private BodyFaults() {}

    /** The faults by pointer; none when the body is taken. */
    static Map<String, String> of(Consumer<byte[]> reader, String body) {
        return of(reader, body.getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, String> of(Consumer<byte[]> reader, byte[] body) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> reader.accept(body));
        Map<String, String> faults = new LinkedHashMap<>();
        if (refused != null) {
            for (Object fault : errors(refused.problem())) {
                Map<?, ?> members = (Map<?, ?>) fault;
                faults.put((String) members.get("pointer"), (String) members.get("detail"));
            }
        }
        return faults;
    }

    private static List<?> errors(Problem problem) {
        if (problem.status() != 400) {
            throw new AssertionError("expected 400, got " + problem);
        }
        return (List<?>) Objects.requireNonNull(problem.extensions().get("errors"));
    }
}

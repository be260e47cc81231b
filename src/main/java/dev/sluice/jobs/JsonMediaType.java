package dev.sluice.jobs;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code application/json} or a type with the suffix {@code +json} (RFC 6838 section 4.2.8), with any parameters. */
public final class JsonMediaType {
    private static final Pattern FORM =
            Pattern.compile("\\s*application/(?:json|[a-z0-9!#$&^_.+-]+\\+json)\\s*(?:;.*)?", Pattern.CASE_INSENSITIVE);

    private JsonMediaType() {}

    /** Throws 415 for any other type, and for none. */
    public static void require(@Nullable String contentType) {
        if (contentType == null || !FORM.matcher(contentType).matches()) {
            throw new ProblemException(Problem.unsupportedMediaType("The request body must be application/json"));
        }
    }
}

package dev.sluice.models;

import dev.sluice.http.EntityTag;
import dev.sluice.jobs.JobUrls;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where published models are served: paths that begin with {@code /}, percent-encoded (RFC 3986 section 2.1). */
final class ModelUrls {
    private ModelUrls() {}

    static String model(UUID id) {
        return "/api/models/" + id;
    }

    static String archive(UUID id, EntityTag tag) {
        return model(id) + "/archive?v=" + JobUrls.version(tag);
    }

    /** Null when the path cannot be asked for. */
    static @Nullable String file(UUID id, String path, EntityTag tag) {
        return JobUrls.mayBeAskedFor(path)
                ? model(id) + "/files/" + JobUrls.encoded(path, "/") + "?v=" + JobUrls.version(tag)
                : null;
    }

    /** A link; its last segment is the name under which the content is saved. */
    static String link(String token, String filename) {
        return "/dl/" + token + "/" + JobUrls.encoded(filename, "");
    }
}

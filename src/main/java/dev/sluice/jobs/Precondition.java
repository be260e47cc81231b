package dev.sluice.jobs;

import dev.sluice.delivery.LivePlans;
import dev.sluice.http.ConditionalRequest;
import dev.sluice.http.Decision;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.http.Validators;
import dev.sluice.storage.LiveFile;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/** What an upload demands of the file in its place (RFC 9110 §13.1): nothing when it has none of those fields. */
record Precondition(ConditionalRequest request) {
    /** Without {@code ?v=}, which asks for a version to read. */
    static Precondition read(HttpServerRequest request) {
        return new Precondition(ConditionalRequest.from(
                request.method().name(), null, field -> request.headers().getAll(field)));
    }

    /** Fails with 412 when the file is not what the sender took it for. Any thread. */
    void require(Optional<LiveFile> current) {
        if (!Decision.permitsChange(request, current.map(Precondition::validators))) {
            throw new ProblemException(
                    Problem.preconditionFailed("The file is not in the state that the upload was made for"));
        }
    }

    /**
     * As a download tells them. Only a time that lies ahead stays as it is, where a download tells its own time instead: two
     * looks at one file have to agree, and a replacement must not pass for what was there before.
     */
    private static Validators validators(LiveFile file) {
        return new Validators(LivePlans.tag(file), file.modified());
    }
}

package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.http.ByteRange;
import dev.sluice.http.ContentDisposition;
import dev.sluice.http.Decision;
import dev.sluice.http.HttpDate;
import dev.sluice.http.Validators;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.Base64;

/** The header fields of a download: the same for GET and HEAD, for files and archives. */
final class ResponseHead {
    private final Representation representation;
    private final Instant now;
    private final Instant lastModified;

    /** @param now when the response originates: content cannot be newer (RFC 9110 §8.8.2.1) */
    ResponseHead(Representation representation, Instant now) {
        this.representation = representation;
        this.now = now;
        this.lastModified = representation.lastModified().isAfter(now) ? now : representation.lastModified();
    }

    /** What the client will know of the content, and what its conditions are compared with. */
    Validators validators() {
        return new Validators(representation.tag(), lastModified);
    }

    /** Fields of 200 and 206. */
    void writeTo(HttpServerResponse response, Decision decision, ArchiveLayout slice) {
        response.setStatusCode(decision.status());
        validatorsTo(response);
        response.putHeader(HttpHeaders.CONTENT_TYPE, representation.mediaType());
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(slice.length()));
        response.putHeader(
                "Content-Disposition",
                ContentDisposition.attachment(representation.filename()).toString());
        if (decision instanceof Decision.Part part) {
            response.putHeader(
                    HttpHeaders.CONTENT_RANGE,
                    part.range().contentRange(representation.layout().length()));
        }
        representation.sha256().ifPresent(digest -> {
            String base64 = Base64.getEncoder().encodeToString(digest);
            response.putHeader("Repr-Digest", "sha-256=:" + base64 + ":");
            response.putHeader("Digest", "sha-256=" + base64);
        });
        response.putHeader("X-Content-Type-Options", "nosniff");
        response.putHeader("X-Accel-Buffering", "no");
    }

    /** Fields of 304 as well (RFC 9110 §15.4.5). */
    void validatorsTo(HttpServerResponse response) {
        response.putHeader(HttpHeaders.ETAG, representation.tag().toString());
        response.putHeader(HttpHeaders.DATE, HttpDate.format(now));
        response.putHeader(HttpHeaders.LAST_MODIFIED, HttpDate.format(lastModified));
        response.putHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
        response.putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
        // Beside Origin, where that counts.
        response.headers().add(HttpHeaders.VARY, "Authorization, Cookie");
    }

    /** The bytes of the layout that the decision asks for. */
    ArchiveLayout slice(Decision decision) {
        if (decision instanceof Decision.Part part) {
            ByteRange range = part.range();
            return representation.layout().slice(range.first(), range.last() + 1);
        }
        return representation.layout();
    }
}

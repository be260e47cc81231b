package dev.sluice.delivery;

import dev.sluice.audit.AuditEvent;
import dev.sluice.audit.AuditLog;
import dev.sluice.audit.AuditOutcome;
import dev.sluice.audit.Printable;
import dev.sluice.http.ByteRange;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.metrics.Outcome;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is written of every body that is sent: in the audit log, where each request is a row that is committed before the first
 * byte, and in the history, where all requests of one download are one. Event loop.
 */
public final class DownloadRecords {
    private static final Logger log = LoggerFactory.getLogger(DownloadRecords.class);

    private static final int LONGEST_AGENT = 256;
    private static final int LATEST_RETRY = 5;

    private final AuditLog audit;
    private final DownloadHistory history;

    public DownloadRecords(AuditLog audit, DownloadHistory history) {
        this.audit = audit;
        this.history = history;
    }

    /** One body that has been recorded as begun, and is to be recorded as ended. */
    final class Recorded {
        private final AuditEvent event;
        private final DownloadHistory.Request request;
        private final String kind;
        private final long first;
        private boolean ended;

        private Recorded(AuditEvent event, DownloadHistory.Request request, String kind, long first) {
            this.event = event;
            this.request = request;
            this.kind = kind;
            this.first = first;
        }

        /**
         * However it ended; again, nothing happens.
         *
         * @param bytes of the body that left
         */
        void ended(Outcome outcome, long bytes, Duration took) {
            if (ended) {
                return;
            }
            ended = true;
            String type = kind + ".download." + end(outcome);
            JsonObject details = new JsonObject().put("bytes", bytes).put("duration_seconds", took.toMillis() / 1e3);
            audit.end(new AuditOutcome(event.id(), type, outcome.label(), details));
            history.ended(request, outcome, first, first + bytes);
        }
    }

    private static String end(Outcome outcome) {
        return switch (outcome) {
            case COMPLETED -> "completed";
            case REDIRECTED -> "redirected";
            case CLIENT_LEFT, CONTENT_FAILED, STALLED, DRAINED -> "aborted";
        };
    }

    /**
     * Completes when the intent is committed. Fails with 503 when it cannot be: nothing is sent then of which nobody would know.
     *
     * @param range absent means the whole
     */
    Future<Recorded> begin(Asked asked, Representation representation, Optional<ByteRange> range) {
        String address = asked.address();
        String agent = Printable.of(agent(asked), LONGEST_AGENT);
        long total = representation.layout().length();
        JsonObject details = new JsonObject()
                .put("filename", representation.filename())
                .put("total_bytes", total)
                .put("address", address)
                .put("user_agent", agent);
        range.ifPresent(part -> details.put("range", part.contentRange(total)));
        AuditEvent event = AuditEvent.of(
                representation.kind() + ".download.started",
                asked.owner(),
                "download",
                asked.resourceType(),
                asked.resource(),
                details,
                asked.id());
        return audit.begin(event)
                .map(committed -> new Recorded(
                        event,
                        history.began(asked, representation, range.isEmpty(), address, agent),
                        representation.kind(),
                        range.map(ByteRange::first).orElse(0L)))
                .recover(failure -> {
                    log.debug("Not begun, because it could not be recorded [{}]", asked.id(), failure);
                    return Future.failedFuture(new ProblemException(Problem.unavailable(
                            "Downloads cannot be recorded at the moment",
                            Duration.ofSeconds(ThreadLocalRandom.current().nextInt(1, LATEST_RETRY + 1)))));
                });
    }

    private static String agent(Asked asked) {
        @Nullable String agent = asked.request().getHeader(HttpHeaders.USER_AGENT);
        return agent == null ? "" : agent;
    }
}

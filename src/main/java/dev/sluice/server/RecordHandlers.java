package dev.sluice.server;

import dev.sluice.access.Authenticated;
import dev.sluice.access.Scope;
import dev.sluice.access.Subject;
import dev.sluice.audit.AuditQueries;
import dev.sluice.delivery.DownloadStatistics;
import dev.sluice.delivery.HistoryQueries;
import dev.sluice.http.Paging;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What was recorded, for those whom it concerns. Event loop; each future completes when the answer is written. */
final class RecordHandlers {
    private final HistoryQueries history;
    private final AuditQueries audit;
    private final Clock clock;

    RecordHandlers(HistoryQueries history, AuditQueries audit, Clock clock) {
        this.history = history;
        this.audit = audit;
        this.clock = clock;
    }

    /** {@code GET /api/downloads?page&limit}: the subject's own, newest first. */
    Future<Void> downloads(RoutingContext ctx) {
        return read(ctx, (subject, query) -> history.list(subject.owner(), Paging.from(query)));
    }

    /** {@code GET /api/downloads/stats?interval&from&to}: of the subject's own. */
    Future<Void> statistics(RoutingContext ctx) {
        return read(
                ctx,
                (subject, query) -> history.statistics(subject.owner(), DownloadStatistics.Period.from(query, clock)));
    }

    /** {@code GET /api/audit?page&limit&action&resource&actor}: what the subject did, or anyone for who may see that. */
    Future<Void> audit(RoutingContext ctx) {
        return read(ctx, (subject, query) -> {
            AuditQueries.Filter filter =
                    new AuditQueries.Filter(text(query, "action"), text(query, "resource"), text(query, "actor"));
            Paging paging = Paging.from(query);
            return subject.has(Scope.ADMIN)
                    ? audit.ofEveryone(filter, paging)
                    : audit.of(subject.owner(), filter, paging);
        });
    }

    @FunctionalInterface
    private interface Reading {
        Future<JsonObject> of(Subject subject, Function<String, List<String>> query);
    }

    private static Future<Void> read(RoutingContext ctx, Reading reading) {
        return Future.succeededFuture(Authenticated.subject(ctx))
                .compose(subject -> reading.of(subject, ctx.queryParams()::getAll))
                .compose(document -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                        // Told to a HEAD as well, which gets no body.
                        .putHeader(
                                HttpHeaders.CONTENT_LENGTH,
                                Integer.toString(document.toBuffer().length()))
                        .end(document.toBuffer()));
    }

    private static Optional<String> text(Function<String, List<String>> query, String name) {
        List<String> values = query.apply(name);
        if (values.size() > 1 || values.stream().anyMatch(value -> value.indexOf('\0') >= 0)) {
            throw new ProblemException(Problem.badRequest("The query is not valid: " + name + " must be one text"));
        }
        return values.stream().findFirst();
    }
}

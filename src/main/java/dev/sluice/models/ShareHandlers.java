package dev.sluice.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Json;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/** Who else may read a model, as its owner wants it. Event loop. */
public final class ShareHandlers {
    /** Path parameter. */
    public static final String GRANTEE = "grantee";

    private static final int MAX_OWNER = 255;

    private final ModelQueries models;
    private final ModelChanges changes;

    ShareHandlers(ModelQueries models, ModelChanges changes) {
        this.models = models;
        this.changes = changes;
    }

    /** {@code GET /api/models/{id}/shares}. */
    public Future<Void> list(RoutingContext ctx) {
        return own(ctx).compose(model -> changes.shares(model.owner(), model.id()))
                .compose(shares -> {
                    ObjectNode data = Json.object();
                    data.set(
                            "shares",
                            Json.array(
                                    shares,
                                    share -> json(share.grantee())
                                            .put("created_at", share.since().toString())));
                    return Answers.send(ctx, 200, data);
                });
    }

    /** {@code PUT /api/models/{id}/shares/{owner}}: 201, or 200 when it was shared before. */
    public Future<Void> put(RoutingContext ctx) {
        return own(ctx).compose(model -> {
            String grantee = grantee(ctx);
            if (grantee.equals(model.owner())) {
                throw new ProblemException(Problem.badRequest("A model cannot be shared with its owner"));
            }
            return changes.share(model.owner(), model.id(), grantee, Answers.requestId(ctx))
                    .compose(added -> Answers.send(ctx, added ? 201 : 200, json(grantee)));
        });
    }

    /** {@code DELETE /api/models/{id}/shares/{owner}}: 404 when it was not shared with them. */
    public Future<Void> delete(RoutingContext ctx) {
        return own(ctx).compose(model -> changes.unshare(
                        model.owner(), model.id(), grantee(ctx), Answers.requestId(ctx))
                .compose(gone -> gone
                        ? Answers.send(ctx, 200, json(grantee(ctx)))
                        : Future.failedFuture(new ProblemException(Problem.notFound("Share not found")))));
    }

    private Future<Model> own(RoutingContext ctx) {
        return Future.succeededFuture().compose(start -> models.findOwn(Answers.subject(ctx), Answers.id(ctx)));
    }

    /** As a token's subject may be. */
    private static String grantee(RoutingContext ctx) {
        String grantee = ctx.pathParam(GRANTEE);
        if (grantee.isEmpty()
                || grantee.codePointCount(0, grantee.length()) > MAX_OWNER
                || grantee.codePoints()
                        .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
            throw new ProblemException(Problem.badRequest(
                    "An owner id has 1 to " + MAX_OWNER + " characters, none of them a control character"));
        }
        return grantee;
    }

    private static ObjectNode json(String grantee) {
        return Json.object().put("owner", grantee).put("permission", "read");
    }
}

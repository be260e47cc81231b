package dev.sluice.jobs;

import dev.sluice.access.Scope;
import dev.sluice.access.Subject;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;

/** The check of a scope, with the challenge of RFC 6750 §3.1. */
public final class Scopes {
    private Scopes() {}

    public static void require(Subject subject, Scope scope) {
        if (!subject.has(scope)) {
            throw new ProblemException(Problem.forbidden("The token lacks the scope " + scope.value())
                    .withHeader(
                            "WWW-Authenticate",
                            "Bearer error=\"insufficient_scope\", scope=\"" + scope.value() + "\""));
        }
    }
}

package dev.sluice.access;

import java.time.Instant;
import java.util.Set;

/**
 * Who asks, as a verified token says.
 *
 * @param owner the {@code sub} claim, 1 to 255 characters without controls
 * @param scopes the scopes this server knows; others in the token are ignored
 * @param expiresAt the {@code exp} claim, without leeway
 */
public record Subject(String owner, Set<Scope> scopes, Instant expiresAt) {
    public Subject {
        scopes = Set.copyOf(scopes);
    }

    public boolean has(Scope scope) {
        return scopes.contains(scope);
    }
}

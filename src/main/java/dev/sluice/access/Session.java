package dev.sluice.access;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A browser's session: its cookie holds the bearer token, which no script can read. Browsers add cookies to requests by themselves, so
 * that a write by cookie must also show what only our own pages know: a digest of the token. Nothing is kept on the server.
 */
public record Session(String token) {
    public static final String COOKIE = "sluice_session";

    /** Longest token that browsers keep: 4,096 bytes of name, value and attributes (RFC 6265 §6.1). */
    public static final int MAX_LENGTH = 3_800;

    static final String CSRF_HEADER = "X-CSRF-Token";

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    /** Empty when there is no such cookie, or more than one and so no telling which is ours. */
    public static Optional<Session> of(HttpServerRequest request) {
        // Not the server's own parser, which keeps one of several with the same name.
        List<String> found = request.headers().getAll(HttpHeaders.COOKIE).stream()
                .flatMap(field -> Arrays.stream(field.split(";")))
                .map(String::strip)
                .filter(pair -> pair.startsWith(COOKIE + "="))
                .map(pair -> pair.substring(COOKIE.length() + 1))
                .toList();
        return found.size() == 1 ? Optional.of(new Session(found.get(0))) : Optional.empty();
    }

    /** Of the token, which it does not reveal; for the page, which sends it back with each write. */
    public String csrfToken() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("sluice csrf ".getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Whether this request is our own page's: it only reads (RFC 9110 §9.2.1), or shows the token of the page. */
    public boolean allows(HttpServerRequest request) {
        @Nullable String shown = request.getHeader(CSRF_HEADER);
        return SAFE_METHODS.contains(request.method().name())
                || (shown != null
                        && MessageDigest.isEqual(
                                shown.getBytes(StandardCharsets.UTF_8),
                                csrfToken().getBytes(StandardCharsets.UTF_8)));
    }
}

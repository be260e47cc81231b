package dev.sluice.access;

import java.util.List;
import java.util.Optional;

/** The token of an {@code Authorization} header (RFC 6750 section 2.1). */
public final class BearerToken {
    /** Longest token that is looked at, in characters: 8 KiB. */
    static final int MAX_LENGTH = 8 * 1024;

    private static final String SCHEME = "Bearer";

    private BearerToken() {}

    /** The token, when the scheme is {@code Bearer} (in any case) and what follows is one b64token of at most 8 KiB. */
    public static Optional<String> from(String authorizationHeader) {
        if (!authorizationHeader.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        int start = SCHEME.length();
        while (start < authorizationHeader.length() && authorizationHeader.charAt(start) == ' ') {
            start++;
        }
        int length = authorizationHeader.length() - start;
        if (start == SCHEME.length() || length > MAX_LENGTH) {
            return Optional.empty();
        }
        String token = authorizationHeader.substring(start);
        return isB64Token(token) ? Optional.of(token) : Optional.empty();
    }

    /** {@code 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="}, without a pattern's machinery for each request. */
    private static boolean isB64Token(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '=') {
            end--;
        }
        for (int at = 0; at < end; at++) {
            char c = text.charAt(at);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean digit = c >= '0' && c <= '9';
            if (!letter && !digit && "-._~+/".indexOf(c) < 0) {
                return false;
            }
        }
        return end > 0;
    }

    /** The token of a request's only {@code Authorization} header; none when the header is missing or repeated. */
    public static Optional<String> from(List<String> authorizationHeaders) {
        return authorizationHeaders.size() == 1 ? from(authorizationHeaders.get(0)) : Optional.empty();
    }
}

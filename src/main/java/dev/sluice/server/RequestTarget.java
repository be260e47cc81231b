package dev.sluice.server;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What a request's target must be before anybody reads a name from it. Event loop. */
final class RequestTarget {
    /** RFC 3986 §2.1: a percent sign is followed by two hexadecimal digits. */
    private static final Pattern MALFORMED_ENCODING = Pattern.compile("%(?![0-9a-fA-F]{2})");

    private static final Pattern NOT_ASCII = Pattern.compile("%[89a-fA-F]");

    private static final Pattern DOT_SEGMENT = Pattern.compile("/(?:\\.|%2[eE]){1,2}(?:/|$)");

    private RequestTarget() {}

    /**
     * Names and queries are decoded in many places, none of which has to expect a broken encoding, or to name what was not
     * asked for. As for dot segments, the router resolves them (RFC 3986 §5.2.4), as clients do before they send: what
     * arrives with one was made of a name that leads up, and would be taken for another job's path. Few targets have what
     * the patterns look for.
     */
    static void requireWellFormed(RoutingContext ctx) {
        String uri = ctx.request().uri();
        if (uri.indexOf('%') >= 0) {
            if (MALFORMED_ENCODING.matcher(uri).find()) {
                throw new ProblemException(Problem.badRequest("The URL has a malformed percent-encoding"));
            }
            // Nothing is called by a link but what was signed: one that was changed is told as all others are.
            if (!uri.startsWith("/dl/") && NOT_ASCII.matcher(uri).find() && !encodesUtf8(uri)) {
                throw new ProblemException(Problem.badRequest("The URL's percent-encoding is not one of UTF-8"));
            }
        }
        String path = ctx.request().path();
        if ((path.contains("/.") || path.contains("/%"))
                && DOT_SEGMENT.matcher(path).find()) {
            throw new ProblemException(Problem.badRequest("The path must not have . or .. as a segment"));
        }
        ctx.next();
    }

    /** RFC 3986 §2.5. All other characters stand for one byte each, as they were received. */
    private static boolean encodesUtf8(String uri) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length());
        for (int i = 0; i < uri.length(); i++) {
            if (uri.charAt(i) == '%') {
                bytes.write(Integer.parseInt(uri, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(uri.charAt(i));
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }
}

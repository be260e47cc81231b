package dev.sluice.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A failure as its client sees it: a problem detail (RFC 9457) with the header fields that its status code demands.
 * It never carries exception text, paths or stack traces; {@code detail} is written for the client.
 *
 * <p>The type is always {@code about:blank}: the status code says what happened and the title is its reason phrase
 * (RFC 9457 §4.2.1).
 *
 * @param status     400 to 599
 * @param title      the reason phrase of the status
 * @param detail     one sentence about this occurrence
 * @param extensions further members of the document, none of them a standard one
 * @param headers    response fields that belong to this failure, such as {@code Retry-After}
 */
public record Problem(
        int status, String title, String detail, Map<String, Object> extensions, Map<String, String> headers) {
    /** The media type of {@link #document}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final Set<String> STANDARD_MEMBERS = Set.of("type", "title", "status", "detail", "instance");

    public Problem {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("not an error status: " + status);
        }
        extensions = Map.copyOf(extensions);
        headers = Map.copyOf(headers);
        for (String member : STANDARD_MEMBERS) {
            if (extensions.containsKey(member)) {
                throw new IllegalArgumentException("a standard member is no extension: " + member);
            }
        }
    }

    /** Any other error status; the title is its reason phrase. */
    public static Problem of(int status, String detail) {
        return new Problem(status, reasonPhrase(status), detail, Map.of(), Map.of());
    }

    public static Problem badRequest(String detail) {
        return of(400, detail);
    }

    /** The challenge is the same whatever is wrong with the token (RFC 6750 §3.1). */
    public static Problem unauthorized(String detail) {
        return of(401, detail).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    }

    public static Problem forbidden(String detail) {
        return of(403, detail);
    }

    /** Also the answer for what is deleted or another's: nobody learns which. */
    public static Problem notFound(String detail) {
        return of(404, detail);
    }

    /**
     * Names what would be allowed, as RFC 9110 §15.5.6 demands.
     *
     * @param allowed methods separated by ", "
     */
    public static Problem methodNotAllowed(String allowed) {
        return of(405, "The method is not allowed here").withHeader("Allow", allowed);
    }

    public static Problem conflict(String detail) {
        return of(409, detail);
    }

    public static Problem preconditionFailed(String detail) {
        return of(412, detail);
    }

    public static Problem tooLarge(String detail) {
        return of(413, detail);
    }

    public static Problem unsupportedMediaType(String detail) {
        return of(415, detail);
    }

    /**
     * Tells the length, so that the client can ask better (RFC 9110 §15.5.17).
     *
     * @param length bytes of the whole representation
     */
    public static Problem rangeNotSatisfiable(long length) {
        return of(416, "The range lies beyond the end of " + length + " bytes")
                .withHeader("Content-Range", ByteRange.unsatisfied(length));
    }

    public static Problem tooManyRequests(String detail, Duration retryAfter) {
        return of(429, detail).withRetryAfter(retryAfter);
    }

    public static Problem internal(String detail) {
        return of(500, detail);
    }

    public static Problem unavailable(String detail, Duration retryAfter) {
        return of(503, detail).withRetryAfter(retryAfter);
    }

    public static Problem insufficientStorage(String detail) {
        return of(507, detail);
    }

    public Problem with(String member, Object value) {
        return new Problem(status, title, detail, plus(extensions, member, value), headers);
    }

    public Problem withHeader(String name, String value) {
        return new Problem(status, title, detail, extensions, plus(headers, name, value));
    }

    /**
     * The members of the JSON document, in the order in which people read them.
     *
     * @param instance identifies this occurrence: the request id
     */
    public Map<String, Object> document(String instance) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "about:blank");
        members.put("title", title);
        members.put("status", status);
        members.put("detail", detail);
        members.put("instance", instance);
        members.putAll(extensions);
        return members;
    }

    /** Whole seconds, rounded up: a client that comes a little late is served, one that comes early is not. */
    private Problem withRetryAfter(Duration delay) {
        long seconds = delay.plusSeconds(1).minusNanos(1).toSeconds();
        return withHeader("Retry-After", Long.toString(Math.max(1, seconds)));
    }

    private static <V> Map<String, V> plus(Map<String, V> map, String key, V value) {
        Map<String, V> extended = new LinkedHashMap<>(map);
        extended.put(key, value);
        return extended;
    }

    private static String reasonPhrase(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 406 -> "Not Acceptable";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 410 -> "Gone";
            case 411 -> "Length Required";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 415 -> "Unsupported Media Type";
            case 416 -> "Range Not Satisfiable";
            case 417 -> "Expectation Failed";
            case 422 -> "Unprocessable Content";
            case 428 -> "Precondition Required";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 507 -> "Insufficient Storage";
            // RFC 9110 §15: an unknown code is treated as the x00 of its class.
            default -> status / 100 == 4 ? "Bad Request" : "Internal Server Error";
        };
    }
}

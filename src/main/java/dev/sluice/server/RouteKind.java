package dev.sluice.server;

import io.vertx.core.http.HttpMethod;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a request asks for, as the meters call it: from its target alone, because most errors come before a route is found. */
enum RouteKind {
    DOWNLOAD,
    UPLOAD,
    API,
    OTHER;

    private static final Pattern CONTENT =
            Pattern.compile("/api/.*/(?:download|archive|file|files/[^/]+)(?:/.*)?|/ml/.*|/dl/.*");

    /** @param path as it was sent */
    static RouteKind of(HttpMethod method, String path) {
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        if (reads && isContent(path)) {
            return DOWNLOAD;
        }
        if (method.equals(HttpMethod.PUT) && isContent(path)) {
            return UPLOAD;
        }
        return path.startsWith("/api/") ? API : OTHER;
    }

    /** Most paths have none of what the pattern looks for, which tries each way through them. */
    private static boolean isContent(String path) {
        return (path.startsWith("/ml/")
                        || path.startsWith("/dl/")
                        || path.contains("/download")
                        || path.contains("/archive")
                        || path.contains("/file"))
                && CONTENT.matcher(path).matches();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

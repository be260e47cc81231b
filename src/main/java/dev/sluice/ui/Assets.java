package dev.sluice.ui;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Modules, style and icon, out of the jar into memory once. Their path names their content, so that browsers keep them for good and never
 * mix those of two releases.
 */
final class Assets {
    static final String MODULES = "api.js chart.js dom.js format.js frame.js parts.js";

    private static final List<String> NAMES = List.of("""
            app.css parts.css favicon.svg api.js chart.js dom.js format.js frame.js parts.js models.js model.js model-files.js
            model-owner.js compare.js jobs.js job.js job-results.js catalog.js downloads.js""".split("\\s"));

    private static final Map<String, String> MEDIA_TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, Buffer> contents;
    private final String fingerprint;

    private Assets(Map<String, Buffer> contents, String fingerprint) {
        this.contents = contents;
        this.fingerprint = fingerprint;
    }

    static Assets load() {
        Map<String, Buffer> contents = new LinkedHashMap<>();
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : NAMES) {
                byte[] content = read("assets/" + name);
                contents.put(name, Buffer.buffer(content));
                digest.update(content);
            }
            return new Assets(contents, HexFormat.of().formatHex(digest.digest(), 0, 8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String text(String name) {
        return new String(read(name), UTF_8);
    }

    private static byte[] read(String name) {
        try (@Nullable InputStream resource = Assets.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("The program lacks its resource " + name);
            }
            return resource.readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Path of the folder, without a slash at its end. */
    String folder() {
        return "/assets/" + fingerprint;
    }

    /** {@code GET /assets/{fingerprint}/{name}}. */
    Future<Void> send(RoutingContext ctx, String release, String name) {
        @Nullable Buffer content = contents.get(name);
        if (content == null || !release.equals(fingerprint)) {
            return Future.failedFuture(new ProblemException(Problem.notFound("Not found")));
        }
        return send(ctx, name, content, "public, max-age=31536000, immutable");
    }

    /** {@code GET /favicon.ico} and {@code .svg}, where browsers look without being told. */
    Future<Void> icon(RoutingContext ctx) {
        return send(ctx, "favicon.svg", requireNonNull(contents.get("favicon.svg")), "public, max-age=86400");
    }

    private static Future<Void> send(RoutingContext ctx, String name, Buffer content, String caching) {
        return ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPES.get(name.substring(name.lastIndexOf('.') + 1)))
                .putHeader(HttpHeaders.CACHE_CONTROL, caching)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()))
                .end(content);
    }
}

package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.http.EntityTag;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document of this server, as it was written and as a page. The same for everyone, and needs no token. Both are made
 * when somebody first asks, by a worker: a start would take a tenth longer. Event loop.
 */
final class ApiDocument {
    private static final String RESOURCE = "openapi.yaml";

    private volatile @Nullable Contents made;

    /** @param policy of the page */
    private record Contents(Content yaml, Content html, String policy) {}

    private Future<Contents> contents(RoutingContext ctx) {
        Contents known = made;
        return known == null ? ctx.vertx().executeBlocking(this::make) : Future.succeededFuture(known);
    }

    private synchronized Contents make() throws IOException {
        Contents known = made;
        if (known != null) {
            return known;
        }
        byte[] source = new String(read(RESOURCE), UTF_8)
                .replace("@version@", Version.CURRENT)
                .getBytes(UTF_8);
        String style = new String(read("docs.css"), UTF_8);
        JsonNode document = new YAMLMapper().readTree(source);
        Buffer page = Buffer.buffer(new ApiPage(document).render(style));
        // CSP level 3: of all that could be in a page, this one style.
        String policy = "default-src 'none'; style-src 'sha256-"
                + Base64.getEncoder().encodeToString(sha256(style.getBytes(UTF_8)))
                + "'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        Contents contents = new Contents(
                Content.of("application/yaml", Buffer.buffer(source)),
                Content.of("text/html; charset=utf-8", page),
                policy);
        made = contents;
        return contents;
    }

    private static byte[] read(String name) throws IOException {
        try (@Nullable InputStream resource = ApiDocument.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("The program lacks its resource " + name);
            }
            return resource.readAllBytes();
        }
    }

    /** {@code GET /api/openapi.yaml}. */
    Future<Void> document(RoutingContext ctx) {
        return contents(ctx).compose(contents -> contents.yaml().send(ctx));
    }

    /** {@code GET /docs}. */
    Future<Void> page(RoutingContext ctx) {
        return contents(ctx).compose(contents -> {
            ctx.response()
                    .putHeader("Content-Security-Policy", contents.policy())
                    .putHeader("X-Frame-Options", "DENY")
                    .putHeader("Referrer-Policy", "same-origin");
            return contents.html().send(ctx);
        });
    }

    private record Content(String mediaType, Buffer bytes, EntityTag tag) {
        static Content of(String mediaType, Buffer bytes) {
            String digest = HexFormat.of().formatHex(sha256(bytes.getBytes()), 0, 16);
            return new Content(mediaType, bytes, EntityTag.strong(digest));
        }

        Future<Void> send(RoutingContext ctx) {
            ctx.response()
                    .putHeader(HttpHeaders.ETAG, tag.toString())
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                    .putHeader("X-Content-Type-Options", "nosniff");
            if (isKnown(ctx)) {
                return ctx.response().setStatusCode(304).end();
            }
            return ctx.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, mediaType)
                    .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length()))
                    .end(bytes);
        }

        /** RFC 9110 §13.1.2. */
        private boolean isKnown(RoutingContext ctx) {
            return ctx.request().headers().getAll(HttpHeaders.IF_NONE_MATCH).stream()
                    .flatMap(line -> Arrays.stream(line.split(",")))
                    .map(String::strip)
                    .anyMatch(field -> field.equals("*")
                            || EntityTag.parse(field).filter(tag::weakEquals).isPresent());
        }
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}

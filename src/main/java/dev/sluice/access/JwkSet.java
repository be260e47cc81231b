package dev.sluice.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A fetched JWK set (RFC 7517 section 5). */
record JwkSet(ObjectNode document) {
    private static final Logger LOG = LoggerFactory.getLogger(JwkSet.class);

    /** Throws {@link IllegalArgumentException} if the bytes are no JWK set. */
    static JwkSet parse(byte[] utf8) {
        ObjectNode document =
                StrictJson.object(utf8).orElseThrow(() -> new IllegalArgumentException("not a JSON object"));
        JsonNode keys = document.get("keys");
        if (keys == null || !keys.isArray()) {
            throw new IllegalArgumentException("no keys array");
        }
        return new JwkSet(document);
    }

    /** The keys that may verify tokens. Others are left out, as RFC 7517 section 5 asks, and named by position. */
    List<VerificationKey> usable(Vertx vertx) {
        List<VerificationKey> usable = new ArrayList<>();
        int position = 0;
        for (JsonNode key : document.get("keys")) {
            position++;
            try {
                if (!(key instanceof ObjectNode jwk)) {
                    throw new IllegalArgumentException("not a JSON object");
                }
                usable.add(VerificationKey.of(vertx, jwk));
            } catch (IllegalArgumentException e) {
                LOG.warn("Key {} of the JWK set is not used: {}", position, e.getMessage());
            }
        }
        return usable;
    }
}

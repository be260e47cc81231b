package dev.sluice.access;

import static dev.sluice.access.InvalidToken.Reason.MALFORMED;
import static dev.sluice.access.InvalidToken.Reason.MALFORMED_JSON;
import static dev.sluice.access.InvalidToken.Reason.SIGNATURE;
import static dev.sluice.access.InvalidToken.Reason.TOO_LONG;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A JWS in compact serialization (RFC 7515 section 7.1), taken apart but not verified. */
final class CompactToken {
    /** The last header that was read: an issuer's tokens all have the same, so most need not be read again. */
    private static volatile @Nullable Read last;

    private final String text;
    private final JoseHeader header;
    private final ObjectNode claims;
    private final byte[] signature;

    private CompactToken(String text, JoseHeader header, ObjectNode claims, byte[] signature) {
        this.text = text;
        this.header = header;
        this.claims = claims;
        this.signature = signature;
    }

    private record Read(String part, JoseHeader header) {}

    /** Throws {@link InvalidToken} for what is no signed token, or one whose header is not acceptable. */
    static CompactToken parse(String text) {
        if (text.length() > BearerToken.MAX_LENGTH) {
            throw new InvalidToken(TOO_LONG);
        }
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw new InvalidToken(MALFORMED);
        }
        JoseHeader header = header(parts[0]);
        ObjectNode claims = object(parts[1]);
        byte[] signature = decode(parts[2]);
        if (signature.length == 0 || !header.algorithm().mayHaveSignatureOf(signature.length)) {
            throw new InvalidToken(SIGNATURE);
        }
        return new CompactToken(text, header, claims, signature);
    }

    String text() {
        return text;
    }

    Algorithm algorithm() {
        return header.algorithm();
    }

    Optional<String> keyId() {
        return header.keyId();
    }

    ObjectNode claims() {
        return claims;
    }

    /** What is signed: the first two parts as they came (RFC 7515 section 5.1). */
    byte[] signingInput() {
        return text.substring(0, text.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII);
    }

    /** Not to be changed. */
    byte[] signature() {
        return signature;
    }

    private static JoseHeader header(String part) {
        Read known = last;
        if (known == null || !known.part().equals(part)) {
            known = new Read(part, JoseHeader.of(object(part)));
            last = known;
        }
        return known.header();
    }

    private static ObjectNode object(String part) {
        return StrictJson.object(decode(part)).orElseThrow(() -> new InvalidToken(MALFORMED_JSON));
    }

    /** Without padding, white space or stray bits in the last character: exactly one text for the same bytes. */
    private static byte[] decode(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
                throw new InvalidToken(MALFORMED);
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new InvalidToken(MALFORMED);
        }
    }
}

package dev.sluice.http;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The digests that a message declares in {@code Content-Digest}, {@code Repr-Digest} or the older {@code Digest}. */
public sealed interface DigestField {
    /** The known algorithms among those declared, possibly none; others are ignored (RFC 9530 §2). */
    record Declared(Map<Digest.Algorithm, Digest> digests) implements DigestField {
        public Declared {
            digests = Map.copyOf(digests);
        }

        public Optional<byte[]> sha256() {
            return Optional.ofNullable(digests.get(Digest.Algorithm.SHA_256)).map(Digest::bytes);
        }

        public Optional<byte[]> sha512() {
            return Optional.ofNullable(digests.get(Digest.Algorithm.SHA_512)).map(Digest::bytes);
        }
    }

    /**
     * Not readable. Who sends a digest wants it checked, so this is better refused than ignored.
     *
     * @param reason one sentence for the client, without anything that the client sent
     */
    record Malformed(String reason) implements DigestField {}

    /**
     * Reads {@code Content-Digest} or {@code Repr-Digest}: a dictionary of byte sequences (RFC 9530 §2, RFC 9651 §3.2).
     * Members of unknown algorithms are skipped, whatever their type; of a repeated key the last member counts.
     *
     * @param field the value, several lines joined by ", "; null when absent, which declares nothing
     */
    static DigestField parse(@Nullable String field) {
        return field == null ? new Declared(Map.of()) : new DigestDictionary(field).read();
    }

    /**
     * Reads the older {@code Digest}: {@code algorithm=value} pairs, algorithms without case (RFC 3230 §4.3.2).
     *
     * @param field the value, several lines joined by ", "; null when absent, which declares nothing
     */
    static DigestField parseLegacy(@Nullable String field) {
        Map<Digest.Algorithm, Digest> digests = new EnumMap<>(Digest.Algorithm.class);
        FieldScanner scanner = new FieldScanner(field == null ? "" : field);
        scanner.skipSeparators();
        while (!scanner.atEnd()) {
            String member = scanner.takeWhile(c -> c != ',').strip();
            scanner.skipSeparators();
            // The first one: base64 pads with the same character.
            int equals = member.indexOf('=');
            if (equals < 1) {
                return new Malformed("Digest is no list of algorithm=value");
            }
            Optional<Digest.Algorithm> algorithm =
                    Digest.Algorithm.of(member.substring(0, equals).toLowerCase(Locale.ROOT));
            if (algorithm.isPresent()) {
                Optional<Digest> digest = Digest.parse(algorithm.get(), member.substring(equals + 1));
                if (digest.isEmpty()) {
                    return new Malformed(
                            "Digest has no valid " + algorithm.get().key());
                }
                digests.put(algorithm.get(), digest.get());
            }
        }
        return new Declared(digests);
    }
}

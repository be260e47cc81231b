package dev.sluice.http;

import java.util.Optional;

/**
 * An entity tag (RFC 9110 §8.8.3): a name for one state of one representation, byte for byte when it is strong.
 *
 * @param opaque what stands between the quotes
 * @param weak   whether only the meaning is the same, not the bytes
 */
public record EntityTag(String opaque, boolean weak) {
    public EntityTag {
        if (!opaque.chars().allMatch(EntityTag::isTagCharacter)) {
            throw new IllegalArgumentException("no entity tag: a character outside RFC 9110 §8.8.3");
        }
    }

    public static EntityTag strong(String opaque) {
        return new EntityTag(opaque, false);
    }

    /** Exactly one quoted tag, with {@code W/} in front when weak; spaces around it are allowed. */
    public static Optional<EntityTag> parse(String value) {
        FieldScanner scanner = new FieldScanner(value);
        scanner.skipSpaces();
        Optional<EntityTag> tag = scan(scanner);
        scanner.skipSpaces();
        return scanner.atEnd() ? tag : Optional.empty();
    }

    /** Equal and both strong: the only comparison that may join bytes (RFC 9110 §8.8.3.2). */
    public boolean strongEquals(EntityTag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    /** Equal whether strong or weak (RFC 9110 §8.8.3.2). */
    public boolean weakEquals(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /** As in a header field: {@code "abc"} or {@code W/"abc"}. */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + opaque + '"';
    }

    /** The tag at the scanner's position, which moves behind it; empty when there is none. */
    static Optional<EntityTag> scan(FieldScanner scanner) {
        boolean weak = scanner.skip("W/");
        if (!scanner.skip('"')) {
            return Optional.empty();
        }
        String opaque = scanner.takeWhile(EntityTag::isTagCharacter);
        return scanner.skip('"') ? Optional.of(new EntityTag(opaque, weak)) : Optional.empty();
    }

    /** The etagc of RFC 9110 §8.8.3: visible ASCII but the quote, and obs-text. No escapes: a backslash is itself. */
    private static boolean isTagCharacter(int c) {
        return c == 0x21 || (c >= 0x23 && c <= 0x7E) || (c >= 0x80 && c <= 0xFF);
    }
}

package dev.sluice.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The value of {@code If-Match} or {@code If-None-Match} (RFC 9110 §13.1.1, §13.1.2).
 *
 * <p>A malformed value lists no tag, so that it matches nothing: {@code If-Match} then fails and {@code If-None-Match}
 * then sends the whole, the safe side of both.
 *
 * @param any  whether the value is {@code *}, which any existing representation matches
 * @param tags in the order given; empty with {@code *}
 */
record EntityTags(boolean any, List<EntityTag> tags) {
    private static final EntityTags MALFORMED = new EntityTags(false, List.of());

    EntityTags {
        tags = List.copyOf(tags);
    }

    static EntityTags parse(String value) {
        if (value.strip().equals("*")) {
            return new EntityTags(true, List.of());
        }
        List<EntityTag> tags = new ArrayList<>();
        FieldScanner scanner = new FieldScanner(value);
        scanner.skipSeparators();
        while (!scanner.atEnd()) {
            Optional<EntityTag> tag = EntityTag.scan(scanner);
            scanner.skipSpaces();
            if (tag.isEmpty() || !(scanner.atEnd() || scanner.isAt(','))) {
                return MALFORMED;
            }
            tags.add(tag.get());
            scanner.skipSeparators();
        }
        return new EntityTags(false, tags);
    }

    /** Whether a listed tag strongly equals the current one; {@code *} lists none. */
    boolean listsStrongly(EntityTag current) {
        return tags.stream().anyMatch(current::strongEquals);
    }

    /** Whether a listed tag weakly equals the current one; {@code *} lists none. */
    boolean listsWeakly(EntityTag current) {
        return tags.stream().anyMatch(current::weakEquals);
    }
}

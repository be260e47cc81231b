package dev.sluice.access;

import java.util.Arrays;
import java.util.Optional;

/** What a token allows beyond reading, saving and sharing the subject's own things. */
public enum Scope {
    /** Writes jobs and files for any owner. */
    INGEST("sluice:ingest"),
    /** Changes the catalog and reads everyone's audit rows. */
    ADMIN("sluice:admin");

    private final String value;

    Scope(String value) {
        this.value = value;
    }

    /** The word in a token's {@code scope} claim (RFC 8693 section 4.2). */
    public String value() {
        return value;
    }

    static Optional<Scope> of(String value) {
        return Arrays.stream(values())
                .filter(scope -> scope.value.equals(value))
                .findFirst();
    }
}

package dev.sluice.archive;

import dev.sluice.archive.InvalidGlob.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * Which entries go into an archive: those that an include glob accepts, or all when there is none, less those that an exclude glob
 * accepts.
 *
 * <p>{@code *} and {@code ?} stay within a segment, {@code **} crosses segments ({@code **}{@code /} may also stand for none),
 * {@code [a-z]} and {@code [!a-z]} are one character, <code>{a,b}</code> is either, {@code \} makes the next character ordinary. A glob
 * without a '/' means the last segment at any depth, one that starts with '/' the path from the top. What matches a directory accepts
 * everything beneath it. Immutable; any thread may use it.
 */
public final class EntryFilter {
    public static final int MAX_PATTERNS = 64;
    /** In UTF-16 code units. */
    public static final int MAX_PATTERN_LENGTH = 1024;

    private final List<Glob> include;
    private final List<Glob> exclude;

    private EntryFilter(List<Glob> include, List<Glob> exclude) {
        this.include = include;
        this.exclude = exclude;
    }

    /**
     * Compiles the patterns a client sent.
     *
     * @throws InvalidGlob when a pattern is empty, malformed or too long, or when there are too many in all
     */
    public static EntryFilter of(List<String> include, List<String> exclude) {
        return new EntryFilter(
                globs(Role.INCLUDE, include, MAX_PATTERNS),
                globs(Role.EXCLUDE, exclude, MAX_PATTERNS - include.size()));
    }

    private static List<Glob> globs(Role role, List<String> patterns, int limit) {
        if (patterns.size() > limit) {
            throw new InvalidGlob(role, limit, "is one more than the " + MAX_PATTERNS + " allowed");
        }
        List<Glob> globs = new ArrayList<>(patterns.size());
        for (int i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).length() > MAX_PATTERN_LENGTH) {
                throw new InvalidGlob(role, i, "is over " + MAX_PATTERN_LENGTH + " characters");
            }
            int position = i;
            globs.add(Glob.compile(patterns.get(i), fault -> new InvalidGlob(role, position, fault)));
        }
        return List.copyOf(globs);
    }

    /** In time proportional to the length of the path times that of the globs, at the very worst. */
    public boolean accepts(String path) {
        return (include.isEmpty() || anyMatches(include, path)) && !anyMatches(exclude, path);
    }

    /** Whether it accepts everything, so that the archive is the unfiltered one. */
    public boolean acceptsAll() {
        return include.isEmpty() && exclude.isEmpty();
    }

    private static boolean anyMatches(List<Glob> globs, String path) {
        for (Glob glob : globs) {
            if (glob.accepts(path)) {
                return true;
            }
        }
        return false;
    }
}

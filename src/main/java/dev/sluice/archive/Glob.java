package dev.sluice.archive;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * One glob as a nondeterministic automaton, run by the set of its live states (Thompson, "Regular Expression Search Algorithm", 1968): no
 * backtracking, so no glob makes matching explode.
 */
final class Glob {
    private static final int START = 0;

    private final State[] states;
    private final int accepting;

    private Glob(List<State> states, int accepting) {
        this.states = states.toArray(State[]::new);
        this.accepting = accepting;
    }

    /** Compiles a glob as {@link EntryFilter} describes them; throws what {@code fault} makes of a description of what is wrong. */
    static Glob compile(String glob, Function<String, InvalidGlob> fault) {
        Parser parser = new Parser(glob, fault);
        parser.parse();
        return new Glob(parser.states, parser.at);
    }

    /** Whether the path, or a directory above it, matches. */
    boolean accepts(String path) {
        BitSet live = new BitSet(states.length);
        BitSet next = new BitSet(states.length);
        enter(START, live);
        for (int i = 0; i < path.length() && !live.isEmpty(); ) {
            int c = path.codePointAt(i);
            if (c == '/' && live.get(accepting)) {
                return true;
            }
            next.clear();
            for (int s = live.nextSetBit(0); s >= 0; s = live.nextSetBit(s + 1)) {
                if (states[s].consumes.test(c)) {
                    enter(states[s].target, next);
                }
            }
            BitSet spent = live;
            live = next;
            next = spent;
            i += Character.charCount(c);
        }
        return live.get(accepting);
    }

    private void enter(int state, BitSet live) {
        if (!live.get(state)) {
            live.set(state);
            for (int free : states[state].free) {
                enter(free, live);
            }
        }
    }

    private static final class State {
        private IntPredicate consumes = c -> false;
        private int target;
        private final List<Integer> free = new ArrayList<>(2);
    }

    private static final class Parser {
        private final String glob;
        private final Function<String, InvalidGlob> fault;
        private final List<State> states = new ArrayList<>();
        private int next;
        /** The state that what was parsed so far leads to; it has no moves yet. */
        private int at = newState();

        Parser(String glob, Function<String, InvalidGlob> fault) {
            String trimmed = glob.endsWith("/") && !glob.endsWith("\\/") ? glob.substring(0, glob.length() - 1) : glob;
            if (trimmed.isEmpty()) {
                throw fault.apply("is empty");
            }
            boolean lastSegmentOnly = !trimmed.contains("/");
            this.glob = lastSegmentOnly ? "**/" + trimmed : trimmed.startsWith("/") ? trimmed.substring(1) : trimmed;
            this.fault = fault;
        }

        void parse() {
            sequence(true, false);
        }

        private void sequence(boolean segmentStart, boolean inBraces) {
            while (next < glob.length()) {
                char c = glob.charAt(next);
                if (inBraces && (c == ',' || c == '}')) {
                    return;
                }
                switch (c) {
                    case '*' -> stars(segmentStart);
                    case '?' -> {
                        next++;
                        consume(Parser::withinSegment);
                    }
                    case '[' -> consume(characterClass());
                    case '{' -> alternatives(segmentStart);
                    default -> {
                        int literal = literal();
                        consume(found -> found == literal);
                    }
                }
                segmentStart = glob.charAt(next - 1) == '/';
            }
        }

        private void stars(boolean segmentStart) {
            int first = next;
            while (glob.startsWith("*", next)) {
                next++;
            }
            if (next - first == 1) {
                loop(Parser::withinSegment);
            } else if (segmentStart && glob.startsWith("/", next)) {
                next++;
                wholeSegments();
            } else {
                loop(c -> true);
            }
        }

        /** Any number of segments with their '/', none included. */
        private void wholeSegments() {
            int before = at;
            at = newState();
            states.get(before).free.add(at);
            loop(c -> true);
            consume(c -> c == '/');
            states.get(before).free.add(at);
        }

        private void alternatives(boolean segmentStart) {
            int before = at;
            int after = newState();
            do {
                next++;
                at = newState();
                states.get(before).free.add(at);
                sequence(segmentStart, true);
                states.get(at).free.add(after);
            } while (glob.startsWith(",", next));
            if (next == glob.length()) {
                throw fault.apply("has a '{' without '}'");
            }
            next++;
            at = after;
        }

        private IntPredicate characterClass() {
            next++;
            boolean negated = glob.startsWith("!", next) || glob.startsWith("^", next);
            if (negated) {
                next++;
            }
            IntPredicate members = c -> false;
            int first = next;
            while (next == first || !glob.startsWith("]", next)) {
                int low = member();
                int high = low;
                if (glob.startsWith("-", next) && !glob.startsWith("-]", next)) {
                    next++;
                    high = member();
                }
                int from = low;
                int to = high;
                members = members.or(c -> from <= c && c <= to);
            }
            next++;
            return (negated ? members.negate() : members).and(Parser::withinSegment);
        }

        private int member() {
            if (next == glob.length()) {
                throw fault.apply("has a '[' without ']'");
            }
            return literal();
        }

        private int literal() {
            if (glob.charAt(next) == '\\') {
                next++;
                if (next == glob.length()) {
                    throw fault.apply("ends in '\\'");
                }
            }
            int c = glob.codePointAt(next);
            next += Character.charCount(c);
            return c;
        }

        private static boolean withinSegment(int c) {
            return c != '/';
        }

        private void consume(IntPredicate which) {
            int target = newState();
            states.get(at).consumes = which;
            states.get(at).target = target;
            at = target;
        }

        private void loop(IntPredicate which) {
            int target = newState();
            states.get(at).consumes = which;
            states.get(at).target = at;
            states.get(at).free.add(target);
            at = target;
        }

        private int newState() {
            states.add(new State());
            return states.size() - 1;
        }
    }
}

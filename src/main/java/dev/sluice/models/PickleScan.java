package dev.sluice.models;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle's opcodes (protocols 0 to 5, CPython's {@code Lib/pickletools.py}) to learn what it would import; nothing is made
 * of it. The machine's stack is followed as far as names go: protocol 4 takes them from there. Worker thread.
 */
final class PickleScan {
    private static final int MAX_STACK = 1 << 18;
    private static final int MAX_IMPORTS = 1_000;

    /** Texts that are longer are no names and not kept. UTF-16 code units, or bytes of UTF-8. */
    private static final int MAX_NAME = 200;

    /** Of all texts that are remembered, UTF-16 code units. */
    private static final int MAX_MEMO = 64 << 20;

    private static final int MEMO_ENTRY = 64;

    private static final Object MARK = new Object();
    private static final Object THING = new Object();

    /** No pickle, or one that is broken: what comes before the fault would have been run. */
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }

    private final PickleBytes in;
    private final Set<String> imports = new LinkedHashSet<>();
    private final List<Object> stack = new ArrayList<>();
    private final Map<Long, String> memo = new HashMap<>();
    private long memoized;
    private long memoCharacters;

    PickleScan(PickleBytes in) {
        this.in = in;
    }

    /** As {@code module name}, in the order of the file. */
    Set<String> imports() {
        return imports;
    }

    /** Reads one pickle, up to its STOP. */
    void scan() throws IOException {
        stack.clear();
        memo.clear();
        memoized = 0;
        memoCharacters = 0;
        try {
            while (step(in.next())) {
                if (stack.size() > MAX_STACK || memoCharacters > MAX_MEMO || imports.size() > MAX_IMPORTS) {
                    throw new Malformed("is too complex to be looked through");
                }
            }
        } catch (EOFException ended) {
            throw new Malformed("ends before its end");
        }
    }

    /** Whether another follows. */
    private boolean step(int opcode) throws IOException {
        switch (opcode) {
            case '.' -> {
                return false;
            }
            case '(' -> stack.add(MARK);
            case '0' -> pop(1);
            case '1' -> popMark();
            case '2' -> stack.add(stack.isEmpty() ? THING : stack.get(stack.size() - 1));
            case 'F', 'I', 'L', 'P' -> {
                in.line();
                stack.add(THING);
            }
            case 'S', 'V' -> stack.add(kept(unquoted(in.line())));
            case 'N', ')', ']', '}', 0x88, 0x89, 0x8f, 0x97 -> stack.add(THING);
            case 'K' -> skip(1);
            case 'M' -> skip(2);
            case 'J' -> skip(4);
            case 'G' -> skip(8);
            case 'U', 0x8c -> stack.add(text(in.number(1)));
            case 'T', 'X' -> stack.add(text(in.number(4)));
            case 0x8d -> stack.add(text(in.number(8)));
            case 'C', 0x8a -> skip(in.number(1));
            case 'B', 0x8b -> skip(in.number(4));
            case 0x8e, 0x96 -> skip(in.number(8));
            case 'Q' -> replace(1);
            case 'R', 0x81, 0x86 -> replace(2);
            case 0x85 -> replace(1);
            case 0x87, 0x92 -> replace(3);
            case 'a', 'b' -> pop(1);
            case 's' -> pop(2);
            case 'e', 'u', 0x90 -> popMark();
            case 'd', 'l', 'o', 't', 0x91 -> {
                popMark();
                stack.add(THING);
            }
            case 'c' -> {
                found(in.line(), in.line());
                stack.add(THING);
            }
            case 'i' -> {
                found(in.line(), in.line());
                popMark();
                stack.add(THING);
            }
            case 0x93 -> stackGlobal();
            case 0x82, 0x83, 0x84 -> {
                imports.add("copyreg extension " + in.number(1 << (opcode - 0x82)));
                stack.add(THING);
            }
            case 'p' -> put(index(in.line()));
            case 'q' -> put(in.number(1));
            case 'r' -> put(in.number(4));
            case 0x94 -> put(memoized);
            case 'g' -> get(index(in.line()));
            case 'h' -> get(in.number(1));
            case 'j' -> get(in.number(4));
            case 0x80 -> in.skip(1);
            case 0x95 -> in.skip(8);
            case 0x98 -> {
                // The buffer on top becomes read-only.
            }
            default -> throw new Malformed("has a byte that is no opcode");
        }
        return true;
    }

    private void stackGlobal() {
        int top = stack.size();
        @Nullable String module = top < 2 ? null : name(stack.get(top - 2));
        @Nullable String name = top < 1 ? null : name(stack.get(top - 1));
        found(module == null ? "(computed)" : module, name == null ? "(computed)" : name);
        replace(2);
    }

    private static @Nullable String name(Object value) {
        return value instanceof String text ? text : null;
    }

    private void found(String module, String name) {
        imports.add(shortened(module) + " " + shortened(name));
    }

    private static String shortened(String name) {
        return name.length() > MAX_NAME ? name.substring(0, MAX_NAME) + "…" : name;
    }

    private static Object kept(String text) {
        return text.length() > MAX_NAME ? THING : text;
    }

    /** A bytes-like value of that many bytes. */
    private void skip(long length) throws IOException {
        in.skip(length);
        stack.add(THING);
    }

    private Object text(long length) throws IOException {
        if (length > MAX_NAME) {
            in.skip(length);
            return THING;
        }
        return new String(in.bytes((int) length), StandardCharsets.UTF_8);
    }

    private void put(long index) {
        memoized++;
        if (!stack.isEmpty() && stack.get(stack.size() - 1) instanceof String text) {
            memo.put(index, text);
            // An entry itself counts too, since texts may be empty.
            memoCharacters += MEMO_ENTRY + text.length();
        } else {
            memo.remove(index);
        }
    }

    private void get(long index) {
        String text = memo.get(index);
        stack.add(text == null ? THING : text);
    }

    private void replace(int count) {
        pop(count);
        stack.add(THING);
    }

    private void pop(int count) {
        for (int i = 0; i < count && !stack.isEmpty(); i++) {
            stack.remove(stack.size() - 1);
        }
    }

    private void popMark() {
        while (!stack.isEmpty() && stack.remove(stack.size() - 1) != MARK) {
            // Up to the mark.
        }
    }

    private static long index(String line) throws Malformed {
        try {
            return Long.parseLong(line.strip());
        } catch (NumberFormatException malformed) {
            throw new Malformed("has a memo index that is no number");
        }
    }

    private static String unquoted(String line) {
        return line.length() > 1 && (line.startsWith("'") || line.startsWith("\""))
                ? line.substring(1, line.length() - 1)
                : line;
    }
}

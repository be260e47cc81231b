package dev.sluice.demo;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes Python's pickle format, protocol 4 (PEP 3154), for plain data only: dict, list, float, int, bool and str.
 * No opcode it knows imports or calls anything, so its files are safe to load; they are not framed or memoized, which
 * the format leaves open.
 */
final class PickleWriter {
    private static final int PROTO = 0x80;
    private static final int VERSION = 4;
    private static final int EMPTY_DICT = '}';
    private static final int SETITEMS = 'u';
    private static final int EMPTY_LIST = ']';
    private static final int APPENDS = 'e';
    private static final int MARK = '(';
    private static final int BINFLOAT = 'G';
    private static final int BININT = 'J';
    private static final int BINUNICODE = 'X';
    private static final int NEWTRUE = 0x88;
    private static final int NEWFALSE = 0x89;
    private static final int STOP = '.';

    private final DataOutputStream out;

    private PickleWriter(OutputStream out) {
        this.out = new DataOutputStream(out);
    }

    /**
     * Writes one pickle and leaves {@code out} open. Dicts are written in the order of their keys.
     *
     * @throws IllegalArgumentException for a value that is not plain data
     */
    static void write(OutputStream out, Object value) throws IOException {
        PickleWriter writer = new PickleWriter(out);
        writer.out.writeByte(PROTO);
        writer.out.writeByte(VERSION);
        writer.save(value);
        writer.out.writeByte(STOP);
        writer.out.flush();
    }

    private void save(Object value) throws IOException {
        if (value instanceof String text) {
            saveString(text);
        } else if (value instanceof Double number) {
            out.writeByte(BINFLOAT);
            out.writeDouble(number);
        } else if (value instanceof Integer number) {
            out.writeByte(BININT);
            out.writeInt(Integer.reverseBytes(number));
        } else if (value instanceof Boolean flag) {
            out.writeByte(flag ? NEWTRUE : NEWFALSE);
        } else if (value instanceof Map<?, ?> map) {
            saveDict(map);
        } else if (value instanceof List<?> list) {
            saveList(list);
        } else if (value instanceof double[] numbers) {
            saveList(Arrays.stream(numbers).boxed().toList());
        } else if (value instanceof int[] numbers) {
            saveList(Arrays.stream(numbers).boxed().toList());
        } else if (value instanceof double[][] rows) {
            saveList(Arrays.asList(rows));
        } else {
            throw new IllegalArgumentException("not plain data: " + value.getClass());
        }
    }

    private void saveString(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeByte(BINUNICODE);
        out.writeInt(Integer.reverseBytes(bytes.length));
        out.write(bytes);
    }

    private void saveDict(Map<?, ?> map) throws IOException {
        // Immutable maps iterate in an order that differs from one run of the JVM to the next.
        Map<String, Object> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put((String) key, value));
        out.writeByte(EMPTY_DICT);
        out.writeByte(MARK);
        for (Map.Entry<String, Object> entry : sorted.entrySet()) {
            saveString(entry.getKey());
            save(entry.getValue());
        }
        out.writeByte(SETITEMS);
    }

    private void saveList(List<?> list) throws IOException {
        out.writeByte(EMPTY_LIST);
        out.writeByte(MARK);
        for (Object element : list) {
            save(element);
        }
        out.writeByte(APPENDS);
    }
}

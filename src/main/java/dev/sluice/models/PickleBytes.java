package dev.sluice.models;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle as its opcodes take them. Ends by {@link EOFException}. */
final class PickleBytes {
    private static final int MAX_LINE = 64 * 1024;
    private static final int BUFFER = 1 << 16;

    private final InputStream in;

    PickleBytes(InputStream in) {
        this.in = new BufferedInputStream(in, BUFFER);
    }

    int next() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new EOFException();
        }
        return octet;
    }

    /** Whether the bytes that follow are these; takes none. */
    boolean startsPickle() throws IOException {
        in.mark(2);
        int first = in.read();
        int second = in.read();
        in.reset();
        return first == 0x80 && second >= 2 && second <= 5;
    }

    /** Little-endian and unsigned. */
    long number(int octets) throws IOException {
        long number = 0;
        for (int i = 0; i < octets; i++) {
            number |= (long) next() << (8 * i);
        }
        if (number < 0) {
            throw new PickleScan.Malformed("has a length beyond any file");
        }
        return number;
    }

    byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }

    void skip(long count) throws IOException {
        in.skipNBytes(count);
    }

    /** Up to a line feed, without it. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = next(); octet != '\n'; octet = next()) {
            if (line.size() == MAX_LINE) {
                throw new PickleScan.Malformed("has a line without end");
            }
            line.write(octet);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}

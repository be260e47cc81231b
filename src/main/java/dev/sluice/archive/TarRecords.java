package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The tar format on one screen: the pax interchange format of POSIX.1-2001 (IEEE Std 1003.1, "pax"), which is ustar plus an extended
 * header wherever ustar's fields fall short. Owners are 0 and nameless.
 */
final class TarRecords {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int PREFIX = 155;
    private static final int CHECKSUM_AT = 148;
    /** What eleven octal digits hold. */
    private static final long OCTAL_LIMIT = 1L << 33;

    private static final char REGULAR_FILE = '0';
    private static final char DIRECTORY = '5';
    private static final char PAX_EXTENDED_HEADER = 'x';
    /** What an extractor that knows no pax would call the records. */
    private static final Path PAX_PATH = new Path("", "././@PaxHeader");

    private TarRecords() {}

    /** The entry's ustar header, after an extended header when its path, size or time does not fit. */
    static void headers(Fields out, Entry entry) {
        String wanted = entry.isDirectory() ? entry.name() + "/" : entry.name().value();
        Path path = Path.of(wanted);
        long size = entry.size();
        long modified = entry.modified().getEpochSecond();

        List<byte[]> records = new ArrayList<>(0);
        if (!path.says(wanted)) {
            records.add(paxRecord("path", wanted));
        }
        if (size >= OCTAL_LIMIT) {
            records.add(paxRecord("size", Long.toString(size)));
            size = 0;
        }
        if (modified < 0 || modified >= OCTAL_LIMIT) {
            records.add(paxRecord("mtime", Long.toString(modified)));
            modified = 0;
        }
        if (!records.isEmpty()) {
            int length = records.stream().mapToInt(record -> record.length).sum();
            out.block(ustarHeader(PAX_PATH, 0644, length, 0, PAX_EXTENDED_HEADER));
            records.forEach(out::block);
            out.zeros(padding(length));
        }
        char type = entry.isDirectory() ? DIRECTORY : REGULAR_FILE;
        out.block(ustarHeader(path, entry.mode(), size, modified, type));
    }

    /** Two blocks of zeros. */
    static void end(Fields out) {
        out.zeros(2 * BLOCK);
    }

    /** Bytes from the end of content to the next block. */
    static int padding(long size) {
        return (int) (-size & (BLOCK - 1));
    }

    private static byte[] ustarHeader(Path path, int mode, long size, long modified, char type) {
        ByteBuffer header = ByteBuffer.allocate(BLOCK);
        text(header, path.name, NAME);
        octal(header, mode, 8);
        octal(header, 0, 8); // uid
        octal(header, 0, 8); // gid
        octal(header, size, 12);
        octal(header, modified, 12); // Unix seconds
        text(header, "        ", 8); // checksum: eight spaces while it is summed
        header.put((byte) type);
        text(header, "", 100); // linkname
        text(header, "ustar", 6); // magic, NUL-terminated
        text(header, "00", 2); // version
        text(header, "", 32); // uname
        text(header, "", 32); // gname
        octal(header, 0, 8); // devmajor
        octal(header, 0, 8); // devminor
        text(header, path.prefix, PREFIX);
        int sum = 0;
        for (byte b : header.array()) {
            sum += b & 0xFF;
        }
        octal(header.position(CHECKSUM_AT), sum, 7); // six digits and a NUL; the last space stays
        return header.array();
    }

    private static void text(ByteBuffer header, String ascii, int width) {
        int end = header.position() + width;
        header.put(ascii.getBytes(US_ASCII)).position(end);
    }

    /** Zero-filled octal digits and a NUL. */
    private static void octal(ByteBuffer header, long value, int width) {
        String digits = Long.toOctalString(value);
        text(header, "0".repeat(width - 1 - digits.length()) + digits, width);
    }

    /** {@code "%d %s=%s\n"}, where the number is the length of the whole record, the number included. */
    private static byte[] paxRecord(String keyword, String value) {
        byte[] rest = (" " + keyword + "=" + value + "\n").getBytes(UTF_8);
        int length = rest.length;
        while (length != rest.length + Integer.toString(length).length()) {
            length = rest.length + Integer.toString(length).length();
        }
        byte[] digits = Integer.toString(length).getBytes(US_ASCII);
        return ByteBuffer.allocate(length).put(digits).put(rest).array();
    }

    /** A path as ustar holds it: {@code prefix/name}, or {@code name} when the prefix is empty. ASCII. */
    private record Path(String prefix, String name) {
        /** The path itself when it fits, otherwise what an extractor that knows no pax shall make of it. */
        static Path of(String path) {
            String ascii = path.replaceAll("[^\\x20-\\x7E]", "_");
            if (ascii.length() <= NAME) {
                return new Path("", ascii);
            }
            int slash = ascii.lastIndexOf('/', PREFIX);
            if (slash > 0 && slash < ascii.length() - 1 && ascii.length() - slash - 1 <= NAME) {
                return new Path(ascii.substring(0, slash), ascii.substring(slash + 1));
            }
            return new Path("", ascii.substring(0, NAME));
        }

        boolean says(String path) {
            return path.equals(prefix.isEmpty() ? name : prefix + "/" + name);
        }
    }
}

package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

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

    private static final Pattern NOT_ASCII = Pattern.compile("[^\\x20-\\x7E]");

    private TarRecords() {}

    /** The entry's ustar header, after an extended header when its path, size or time does not fit. */
    static void headers(Fields out, Entry entry) {
        String wanted = entry.isDirectory() ? entry.name() + "/" : entry.name().value();
        Path path = Path.of(wanted);
        long modified = entry.modified().getEpochSecond();

        List<byte[]> records = new ArrayList<>(0);
        if (!path.says(wanted)) {
            records.add(paxRecord("path", wanted));
        }
        if (!fitsOctal(entry.size())) {
            records.add(paxRecord("size", Long.toString(entry.size())));
        }
        if (!fitsOctal(modified)) {
            records.add(paxRecord("mtime", Long.toString(modified)));
        }
        if (!records.isEmpty()) {
            int length = records.stream().mapToInt(record -> record.length).sum();
            out.block(BLOCK, () -> ustarHeader(PAX_PATH, 0644, length, 0, PAX_EXTENDED_HEADER));
            records.forEach(record -> out.block(record.length, () -> record));
            out.zeros(padding(length));
        }
        char type = entry.isDirectory() ? DIRECTORY : REGULAR_FILE;
        out.block(BLOCK, () -> ustarHeader(path, entry.mode(), orZero(entry.size()), orZero(modified), type));
    }

    /** Two blocks of zeros. */
    static void end(Fields out) {
        out.zeros(2 * BLOCK);
    }

    /** Bytes from the end of content to the next block. */
    static int padding(long size) {
        return (int) (-size & (BLOCK - 1));
    }

    private static boolean fitsOctal(long value) {
        return value >= 0 && value < OCTAL_LIMIT;
    }

    /** What stands in a field whose value is in the extended header. */
    private static long orZero(long value) {
        return fitsOctal(value) ? value : 0;
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

    /** Filled up with NULs. */
    private static void text(ByteBuffer header, String ascii, int width) {
        header.put(Arrays.copyOf(ascii.getBytes(US_ASCII), width));
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
            String ascii = NOT_ASCII.matcher(path).replaceAll("_");
            if (ascii.length() <= NAME) {
                return new Path("", ascii);
            }
            // Not the one that ends a directory's name.
            int slash = ascii.lastIndexOf('/', Math.min(PREFIX, ascii.length() - 2));
            if (ascii.length() - slash - 1 <= NAME) {
                return new Path(ascii.substring(0, slash), ascii.substring(slash + 1));
            }
            int end = ascii.charAt(NAME - 1) == '/' ? NAME - 1 : NAME;
            return new Path("", ascii.substring(0, end));
        }

        boolean says(String path) {
            return path.equals(prefix.isEmpty() ? name : prefix + "/" + name);
        }
    }
}

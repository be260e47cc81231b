package dev.sluice.models;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Judges files that Python loads by unpickling: plain pickles, several in a row (as PyTorch wrote before 1.6), and zips with
 * pickles in them (as it does since). What a pickle may import without being suspicious is listed; everything else is
 * suspicious, for nobody knows what it does. Worker thread.
 */
final class PickleFiles {
    /** Before the tensors' bytes: magic number, protocol, system, the object, the keys of its storages. */
    private static final int PICKLES_IN_A_ROW = 5;

    private static final int MOST_ENTRIES = 10_000;
    private static final long MOST_INFLATED = 1L << 30;
    private static final long SKIPPED_AT_A_TIME = 1 << 20;
    private static final int MOST_IMPORTS = 10_000;
    private static final int MOST_FINDINGS = 50;
    private static final int MAX_FINDING = 200;

    /** Containers, numbers and the parts of which well-known libraries rebuild their own objects. */
    private static final Pattern KNOWN = Pattern.compile("(?:"
            + "(?:builtins|__builtin__) (?:object|set|frozenset|list|dict|tuple|int|float|str|bytes|bytearray|complex|bool|slice|range)"
            + "|collections (?:OrderedDict|defaultdict|Counter|deque)"
            + "|(?:copyreg|copy_reg) _reconstructor"
            + "|_codecs encode"
            + "|datetime (?:date|time|datetime|timedelta|timezone)"
            + "|numpy(?:\\._?core)?(?:\\.multiarray|\\.numeric)? (?:_reconstruct|scalar|ndarray|dtype|_frombuffer)"
            + "|numpy(?:\\.dtypes)? (?:float|int|uint|bool|complex|str|datetime|timedelta)[0-9_a-zA-Z]*"
            + "|numpy\\.random\\._?(?:pickle|mtrand|mt19937|pcg64|generator)\\S* \\S*"
            + "|torch (?:[A-Z][A-Za-z0-9]*Storage|Size|device|dtype|Tensor|float(?:16|32|64)|bfloat16|u?int(?:8|16|32|64)|bool)"
            + "|torch\\.storage (?:UntypedStorage|TypedStorage|_load_from_bytes)"
            + "|torch\\._utils _rebuild_[a-z0-9_]+"
            + "|torch\\._tensor _rebuild_from_type_v2"
            + "|torch\\.(?:nn|optim)\\.[a-z_.]+ [A-Z]\\w*"
            + "|(?:sklearn|xgboost|lightgbm|catboost)(?:\\.[A-Za-z_]\\w*)+ [A-Za-z_]\\w*"
            + "|scipy\\.sparse\\.\\S+ [a-z_]+"
            + "|pandas\\.(?:core|_libs)\\.\\S+ (?!eval|query)\\w+"
            + ")");

    /** What an import looks like, told from bytes that only happen to be opcodes. */
    private static final Pattern NAMES = Pattern.compile("[A-Za-z_][\\w.]* [A-Za-z_][\\w.]*");

    private PickleFiles() {}

    static Inspection inspect(FileChannel content, long size) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(4);
        content.read(start, 0);
        start.flip();
        if (start.remaining() == 4 && start.getInt(0) == 0x504B0304) {
            return inspectZip(content);
        }
        boolean marked =
                start.remaining() >= 2 && (start.get(0) & 0xFF) == 0x80 && start.get(1) >= 2 && start.get(1) <= 5;
        return inspectPickles(Channels.newInputStream(content.position(0)), marked);
    }

    /** @param marked whether it begins as pickles do since protocol 2; what does not, may be anything */
    private static Inspection inspectPickles(InputStream content, boolean marked) throws IOException {
        PickleBytes bytes = new PickleBytes(content);
        PickleScan scan = new PickleScan(bytes);
        List<String> faults = new ArrayList<>();
        try {
            scan.scan();
        } catch (PickleScan.Malformed malformed) {
            if (!marked
                    && scan.imports().stream()
                            .noneMatch(name -> NAMES.matcher(name).matches())) {
                return Inspection.NOTHING;
            }
            faults.add("the pickle " + malformed.getMessage());
        }
        for (int i = 1; faults.isEmpty() && i < PICKLES_IN_A_ROW && bytes.startsPickle(); i++) {
            try {
                scan.scan();
            } catch (PickleScan.Malformed data) {
                break;
            }
        }
        return judged(scan.imports(), faults);
    }

    private static Inspection inspectZip(FileChannel content) throws IOException {
        Set<String> imports = new LinkedHashSet<>();
        List<String> faults = new ArrayList<>();
        int entries = 0;
        Allowance allowance = new Allowance();
        // The archive closes the channel that it is given; whoever gave it closes it again, which is harmless.
        try (ZipFile zip = ZipFile.builder()
                .setSeekableByteChannel(content)
                .setIgnoreLocalFileHeader(true)
                .get()) {
            for (ZipArchiveEntry entry : java.util.Collections.list(zip.getEntries())) {
                if (++entries > MOST_ENTRIES) {
                    faults.add("the archive has too many entries to be looked through");
                    break;
                }
                if (entry.getName().endsWith(".pkl")) {
                    scan(zip, entry, allowance, imports, faults);
                }
                if (allowance.left <= 0 || faults.size() > MOST_FINDINGS || imports.size() > MOST_IMPORTS) {
                    faults.add("the archive has too much in it to be looked through");
                    break;
                }
            }
        } catch (IOException | IllegalArgumentException unreadable) {
            faults.add("the archive cannot be read");
        }
        return judged(imports, faults);
    }

    private static void scan(
            ZipFile zip, ZipArchiveEntry entry, Allowance allowance, Set<String> imports, List<String> faults)
            throws IOException {
        try (InputStream pickle = new Inflated(zip.getInputStream(entry), allowance)) {
            PickleScan scan = new PickleScan(new PickleBytes(pickle));
            try {
                scan.scan();
            } catch (PickleScan.Malformed malformed) {
                faults.add("the pickle " + shown(entry.getName()) + " " + malformed.getMessage());
            }
            imports.addAll(scan.imports());
        }
    }

    /** Bytes that may still be inflated of one archive, whatever its directory says of their number. */
    private static final class Allowance {
        private long left = MOST_INFLATED;
    }

    /** An entry's bytes, as long as the allowance lasts; then it seems to end. */
    private static final class Inflated extends FilterInputStream {
        private final Allowance allowance;

        Inflated(InputStream in, Allowance allowance) {
            super(in);
            this.allowance = allowance;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = allowance.left <= 0 ? -1 : super.read(into, offset, length);
            allowance.left -= Math.max(0, read);
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = allowance.left <= 0 ? 0 : super.skip(Math.min(count, SKIPPED_AT_A_TIME));
            allowance.left -= skipped;
            return skipped;
        }
    }

    private static Inspection judged(Set<String> imports, List<String> faults) {
        List<String> unknown = new ArrayList<>();
        imports.stream()
                .filter(name -> !KNOWN.matcher(name).matches())
                .limit(MOST_FINDINGS)
                .forEach(name -> unknown.add(shown(name)));
        unknown.addAll(faults);
        return unknown.isEmpty()
                ? Inspection.safe(imports.stream()
                        .limit(MOST_FINDINGS)
                        .map(PickleFiles::shown)
                        .toList())
                : Inspection.suspicious(unknown);
    }

    /** Module and name with a dot between them, without what a page or a database should not be given. */
    private static String shown(String name) {
        return name.replace(' ', '.')
                .codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '?' : c)
                .limit(MAX_FINDING)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

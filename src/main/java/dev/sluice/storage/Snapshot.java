package dev.sluice.storage;

import java.util.Comparator;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * What one subtree of a job's workspace held when it was walked.
 *
 * @param subtree relative to the job's directory, empty for that itself; paths of files and directories begin with it
 * @param files smallest first, equal sizes by path (order of the UTF-8 bytes)
 * @param emptyDirectories by path (order of the UTF-8 bytes)
 */
public record Snapshot(String jobId, String subtree, List<LiveFile> files, List<LiveDirectory> emptyDirectories) {
    private static final Comparator<String> BYTEWISE = Snapshot::compareBytewise;

    public Snapshot {
        files = files.stream()
                .sorted(Comparator.comparingLong(LiveFile::size).thenComparing(LiveFile::path, BYTEWISE))
                .toList();
        emptyDirectories = emptyDirectories.stream()
                .sorted(Comparator.comparing(LiveDirectory::path, BYTEWISE))
                .toList();
    }

    /** A path of this snapshot relative to its subtree. */
    public String relative(String path) {
        return subtree.isEmpty() ? path : path.substring(subtree.length() + 1);
    }

    /** Bytes of all files together. */
    public long size() {
        return files.stream().mapToLong(LiveFile::size).sum();
    }

    /** The order of UTF-8 bytes is that of code points; UTF-16, which {@code String} compares, orders surrogates too early. */
    private static int compareBytewise(String left, String right) {
        PrimitiveIterator.OfInt ours = left.codePoints().iterator();
        PrimitiveIterator.OfInt theirs = right.codePoints().iterator();
        while (ours.hasNext() && theirs.hasNext()) {
            int order = Integer.compare(ours.nextInt(), theirs.nextInt());
            if (order != 0) {
                return order;
            }
        }
        return Boolean.compare(ours.hasNext(), theirs.hasNext());
    }
}

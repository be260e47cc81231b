package dev.sluice.storage;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One walk of one subtree; collects what may be served. */
final class TreeWalk {
    /** Each level holds two descriptors while what lies below it is walked. */
    static final int MAX_DEPTH = 64;

    private final String jobId;
    private final int maxEntries;
    private final List<LiveFile> files = new ArrayList<>();
    private final List<LiveDirectory> emptyDirectories = new ArrayList<>();
    private int entries;

    TreeWalk(String jobId, int maxEntries) {
        this.jobId = jobId;
        this.maxEntries = maxEntries;
    }

    Snapshot of(SecureDirectory directory, String subtree) throws IOException {
        walk(directory, subtree, 1);
        return new Snapshot(jobId, subtree, files, emptyDirectories);
    }

    /** Whether anything in it is served. */
    private boolean walk(SecureDirectory directory, String path, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new TooManyEntries("more than " + MAX_DEPTH + " levels of directories");
        }
        boolean serves = false;
        try {
            for (Path name : directory.names()) {
                if (++entries > maxEntries) {
                    throw new TooManyEntries("more than " + maxEntries + " entries");
                }
                serves |= visit(directory, name, path, depth);
            }
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        return serves;
    }

    private boolean visit(SecureDirectory parent, Path name, String parentPath, int depth) throws IOException {
        Optional<FileStat> stat = parent.stat(name);
        if (stat.isEmpty() || stat.get().kind() == FileStat.Kind.OTHER) {
            return false;
        }
        String path = parentPath.isEmpty() ? text(name) : parentPath + '/' + text(name);
        if (stat.get().kind() == FileStat.Kind.FILE) {
            return files.add(stat.get().file(jobId, path));
        }
        Optional<SecureDirectory> child = parent.enter(name);
        if (child.isEmpty()) {
            return false;
        }
        try (SecureDirectory directory = child.get()) {
            return walk(directory, path, depth + 1)
                    || emptyDirectories.add(new LiveDirectory(
                            path, stat.get().modified(), stat.get().mode()));
        }
    }

    private static String text(Path name) throws UnrepresentableName {
        String text = name.toString();
        try {
            if (Path.of(text).equals(name)) {
                return text;
            }
        } catch (InvalidPathException unmappable) {
            throw new UnrepresentableName("a name in " + System.getProperty("sun.jnu.encoding") + ": " + text);
        }
        throw new UnrepresentableName("not " + System.getProperty("sun.jnu.encoding") + ": " + text);
    }
}

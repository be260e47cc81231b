package dev.sluice.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A path inside a job's directory, taken apart: each part is one name that neither separates nor leads up. The empty path is that
 * directory itself.
 */
record JobPath(String jobId, String path, List<Path> names) {
    /** Bytes of one name, on every common file system of Linux. */
    private static final int NAME_MAX = 255;

    /** Empty when no file could have this path. */
    static Optional<JobPath> of(String jobId, String path) {
        // Names that begin with a dot are ours at the top of a workspace.
        if (jobId.startsWith(".") || jobId.contains("/")) {
            return Optional.empty();
        }
        List<Path> names = new ArrayList<>();
        for (String part : (path.isEmpty() ? jobId : jobId + '/' + path).split("/", -1)) {
            Optional<Path> name = name(part);
            if (name.isEmpty()) {
                return Optional.empty();
            }
            names.add(name.get());
        }
        return Optional.of(new JobPath(jobId, path, List.copyOf(names)));
    }

    /** The directories that lead to it, the job's own first. */
    List<Path> parents() {
        return names.subList(0, names.size() - 1);
    }

    Path last() {
        return names.get(names.size() - 1);
    }

    private static Optional<Path> name(String part) {
        if (part.isEmpty() || part.equals(".") || part.equals("..") || bytes(part) > NAME_MAX) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(part));
        } catch (InvalidPathException nul) {
            // Or characters that the process's locale cannot write: such a file cannot be asked for.
            return Optional.empty();
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}

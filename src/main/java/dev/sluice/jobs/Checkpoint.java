package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.EntityTag;
import dev.sluice.storage.LiveDirectory;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A directory directly under {@code model/}.
 *
 * @param size     bytes of its files together
 * @param files    how many it has, at any depth
 * @param modified when the latest of them was written; of an empty one, when it was emptied
 */
record Checkpoint(String name, long size, int files, Instant modified) {
    /** Oldest first: the order in which training writes them. */
    private static final Comparator<Checkpoint> ORDER =
            Comparator.comparing(Checkpoint::modified).thenComparing(Checkpoint::name);

    /** The checkpoints in a job's {@code model/}. */
    static List<Checkpoint> in(Snapshot model) {
        Map<String, Checkpoint> byName = new TreeMap<>();
        for (LiveFile file : model.files()) {
            String path = model.relative(file.path());
            if (path.contains("/")) {
                add(byName, new Checkpoint(first(path), file.size(), 1, file.modified()));
            }
        }
        for (LiveDirectory empty : model.emptyDirectories()) {
            add(byName, new Checkpoint(first(model.relative(empty.path())), 0, 0, empty.modified()));
        }
        return byName.values().stream().sorted(ORDER).toList();
    }

    private static void add(Map<String, Checkpoint> byName, Checkpoint part) {
        byName.merge(part.name, part, Checkpoint::plus);
    }

    private Checkpoint plus(Checkpoint other) {
        Instant latest = modified.isAfter(other.modified) ? modified : other.modified;
        return new Checkpoint(name, size + other.size, files + other.files, latest);
    }

    private static String first(String path) {
        int end = path.indexOf('/');
        return end < 0 ? path : path.substring(0, end);
    }

    /** What a download of it takes: the same as a walk of its directory finds. */
    Snapshot within(Snapshot model) {
        String directory = model.subtree() + "/" + name;
        return new Snapshot(
                model.jobId(),
                directory,
                model.files().stream()
                        .filter(file -> file.path().startsWith(directory + "/"))
                        .toList(),
                model.emptyDirectories().stream()
                        .filter(empty -> empty.path().startsWith(directory + "/"))
                        .toList());
    }

    /** @param tag of its zip */
    ObjectNode toJson(JobId id, EntityTag tag) {
        return Json.object()
                .put("name", name)
                .put("size", size)
                .put("files", files)
                .put("modified_at", modified.toString())
                .put("url", JobUrls.checkpoint(id, name, tag));
    }
}

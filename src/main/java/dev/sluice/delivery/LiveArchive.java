package dev.sluice.delivery;

import dev.sluice.http.RangePolicy;
import dev.sluice.storage.LiveDirectory;
import dev.sluice.storage.LiveFile;
import java.util.List;

/**
 * Files of a live job that are taken together.
 *
 * @param subtree what the files lie below, relative to the job; entry names are relative to it. Empty: the job itself
 * @param files in the order of their entries
 * @param basename name of the download without extension
 */
public record LiveArchive(
        String owner,
        String jobId,
        String subtree,
        List<LiveFile> files,
        List<LiveDirectory> emptyDirectories,
        String kind,
        String basename,
        RangePolicy ranges) {
    String relative(String path) {
        return subtree.isEmpty() ? path : path.substring(subtree.length() + 1);
    }
}

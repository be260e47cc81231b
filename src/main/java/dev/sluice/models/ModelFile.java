package dev.sluice.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.jobs.Json;
import dev.sluice.storage.BlobId;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A file of a published model, or a directory without any.
 *
 * @param path relative to the model, as on disk
 * @param content empty for a directory
 * @param crc32 0 to 2³²-1
 * @param copy the raw deflate stream by which archives carry it
 */
record ModelFile(
        String path,
        long size,
        int mode,
        Instant modified,
        Optional<BlobId> content,
        long crc32,
        Optional<BlobId> copy,
        Inspection inspection) {
    static ModelFile directory(String path, Instant modified, int mode) {
        return new ModelFile(path, 0, mode, modified, Optional.empty(), 0, Optional.empty(), Inspection.NOTHING);
    }

    static ModelFile of(Row row) {
        long size = row.getLong("size");
        return new ModelFile(
                row.getString("path"),
                size,
                row.getInteger("mode"),
                row.getOffsetDateTime("modified_at").toInstant(),
                Optional.ofNullable(row.getString("sha256")).map(sha256 -> new BlobId(sha256, size)),
                row.getLong("crc32"),
                Optional.ofNullable(row.getString("deflated_sha256"))
                        .map(sha256 -> new BlobId(sha256, row.getLong("deflated_size"))),
                new Inspection(
                        Optional.ofNullable(row.getString("safety")).map(Inspection.Safety::labelled),
                        List.copyOf(Arrays.asList(row.getArrayOfStrings("findings"))),
                        Optional.ofNullable(row.getString("summary")).map(text -> (ObjectNode) Json.stored(text))));
    }

    boolean isDirectory() {
        return content.isEmpty();
    }

    /** The last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}

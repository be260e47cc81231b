package dev.sluice.delivery;

import dev.sluice.storage.BlobStore;
import dev.sluice.storage.Checksums;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import java.util.List;

/** Where live content is read and measured, and by whose leave. */
public record LiveReader(Workspace workspace, BlobStore blobs, Checksums checksums, Supervision supervision) {
    /**
     * As {@link Checksums#crc32}, in the owner's turn. The permit is held until the checksum is known and not while it waits to be
     * sent, and all who wait for one file hold one.
     */
    Future<Long> crc32(String owner, LiveFile file) {
        return supervision.readOn(
                owner, new Admission.Shared(owner, LivePlans.tag(file), ""), () -> checksums.crc32(owner, file));
    }

    /** As {@link Checksums#ofSmall}, in the owner's turn. */
    Future<List<Long>> crc32(String owner, List<LiveFile> small) {
        return supervision.readOn(owner, null, () -> checksums.ofSmall(small));
    }
}

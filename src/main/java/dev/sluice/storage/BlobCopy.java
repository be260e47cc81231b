package dev.sluice.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Copies what one store has and another has not. What was copied is read back; what was there before, as when a copy broke off and
 * is run again, is known by name and size. Nothing is deleted. Worker thread.
 */
public final class BlobCopy {
    private static final int PIECE = 1 << 20;

    private final BlobStore from;
    private final BlobStore to;

    public BlobCopy(BlobStore from, BlobStore to) {
        this.from = from;
        this.to = to;
    }

    /**
     * What was done.
     *
     * @param bytes that were copied
     * @param present blobs that were there before
     * @param bad blobs that are not there now, because their bytes are not what their name says, or cannot be read
     */
    public record Report(int copied, long bytes, int present, int bad) {
        private Report copied(BlobId blob) {
            return new Report(copied + 1, bytes + blob.size(), present, bad);
        }

        private Report found() {
            return new Report(copied, bytes, present + 1, bad);
        }

        private Report failed() {
            return new Report(copied, bytes, present, bad + 1);
        }
    }

    /**
     * Copies all blobs, one after the other.
     *
     * @param told one line for each that is bad
     * @throws StoreUnavailable when one of the stores does not answer; to be run again
     */
    public Report run(Consumer<String> told) throws IOException {
        List<BlobId> all = new ArrayList<>();
        from.list(blob -> all.add(blob.id()));
        Report report = new Report(0, 0, 0, 0);
        for (BlobId blob : all) {
            try {
                if (to.exists(blob)) {
                    report = report.found();
                } else {
                    copy(blob);
                    report = report.copied(blob);
                }
            } catch (StoreUnavailable | StorageFull | InterruptedIOException later) {
                throw later;
            } catch (BlobMissing deleted) {
                told.accept("blob " + blob.sha256() + " was deleted meanwhile");
            } catch (IOException bad) {
                told.accept("blob " + blob.sha256() + " is bad and was not copied: " + bad.getMessage());
                report = report.failed();
            }
        }
        return report;
    }

    private void copy(BlobId blob) throws IOException {
        try (StagedBlob staged = to.stage();
                ReadableByteChannel bytes = from.open(blob)) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            while (bytes.read(piece.clear()) >= 0) {
                staged.write(piece.flip());
            }
            require(blob, BlobId.of(staged.fingerprint()));
            staged.commit();
        }
        try (ReadableByteChannel written = to.open(blob)) {
            require(blob, BlobId.of(Checksum.fingerprintOfNext(written, blob.size())));
        } catch (ContentChanged wrong) {
            to.delete(blob);
            throw wrong;
        }
    }

    private static void require(BlobId blob, BlobId found) throws ContentChanged {
        if (!found.equals(blob)) {
            throw new ContentChanged("has SHA-256 " + found.sha256() + " and " + found.size() + " bytes");
        }
    }
}

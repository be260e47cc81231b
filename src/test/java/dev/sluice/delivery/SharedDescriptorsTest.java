package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.storage.BlobId;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.StagedBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many who read one file slowly: their sockets are the limit, not its descriptors. */
class SharedDescriptorsTest {
    private static final int READERS = 20;
    /** Bytes. More than the sockets' buffers take. */
    private static final int SIZE = 12 << 20;

    private static final byte[] CONTENT = new byte[SIZE];

    private static Origin origin;

    @BeforeAll
    static void start() {
        new Random(20_260_101).nextBytes(CONTENT);
        origin = new Origin();
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    @Test
    void slowReadersOfALiveFileShareOneDescriptor() throws Exception {
        origin.write("job", "weights", CONTENT);
        Origin.awaitThat(
                "the file has settled",
                () -> !origin.walk("job").files().get(0).identity().isYoung(Instant.now()));
        readSlowly("job/weights");
    }

    @Test
    void slowReadersOfAPublishedFileShareOneDescriptor() throws Exception {
        LocalBlobStore blobs = new LocalBlobStore(origin.path("published", "store"));
        PublishedFile file =
                new PublishedFile("weights", Instant.EPOCH, 0644, Optional.of(put(blobs)), 0, Optional.empty());
        origin.serve(
                "published",
                new PublishedPlans(blobs, suspected -> {}).file(file, "file", "weights", "application/octet-stream"));
        readSlowly("published");
    }

    private static void readSlowly(String target) throws IOException {
        List<Peer> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            Peer reader = Peer.connect(origin.port(false), false);
            readers.add(reader);
            assertThat(reader.get(target).head().status()).isEqualTo(200);
            reader.read(1);
        }
        assertThat(origin.descriptors()).hasSize(1);
        for (Peer leaving : readers.subList(0, READERS - 2)) {
            leaving.reset();
            origin.aborted();
        }
        for (Peer staying : readers.subList(READERS - 2, READERS)) {
            assertThat(origin.descriptors()).hasSize(1);
            byte[] rest = staying.read(SIZE - 1);
            assertThat(ByteBuffer.wrap(rest)).isEqualTo(ByteBuffer.wrap(CONTENT, 1, SIZE - 1));
            assertThat(origin.outcome().succeeded()).isTrue();
            staying.close();
        }
        Origin.awaitThat("no descriptor is open", () -> origin.descriptors().isEmpty());
    }

    private static BlobId put(LocalBlobStore blobs) throws IOException {
        try (StagedBlob staged = blobs.stage()) {
            staged.write(ByteBuffer.wrap(CONTENT));
            return staged.commit();
        }
    }
}

package dev.sluice.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.TestDatabase;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobMissing;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.StoreUnavailable;
import dev.sluice.storage.s3.FaultyS3.Cut;
import dev.sluice.storage.s3.FaultyS3.OtherTag;
import dev.sluice.storage.s3.FaultyS3.Seen;
import dev.sluice.storage.s3.FaultyS3.Silent;
import dev.sluice.storage.s3.FaultyS3.Status;
import io.vertx.core.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectReadTest extends S3Fixture {
    private static final byte[] CONTENT = noise(300_000);

    private List<Seen> reads() {
        return line.seen().stream().filter(FaultyS3.isRead()).toList();
    }

    private static byte[] part(int from, int until) {
        return Arrays.copyOfRange(CONTENT, from, until);
    }

    @Test
    void aRangeIsReadByOneRequestAndOnlyThat() throws Exception {
        BlobId blob = put(CONTENT);
        BlobRead read = store.read(blob, 1_000, 201_000);
        assertThat(next(read, 150_000)).isEqualTo(part(1_000, 151_000));
        assertThat(next(read, 50_000)).isEqualTo(part(151_000, 201_000));
        read.close();
        assertThat(reads())
                .singleElement()
                .satisfies(request -> assertThat(request.headers().get("Range")).isEqualTo("bytes=1000-200999"));
    }

    @Test
    void whatBreaksOffIsGoneOnWithAtTheOffsetIfTheObjectIsTheSame() throws Exception {
        BlobId blob = put(CONTENT);
        line.failRead(new Cut(100_000));
        line.failRead(new Cut(50_000));
        BlobRead read = store.read(blob, 0, CONTENT.length);
        assertThat(next(read, CONTENT.length)).isEqualTo(CONTENT);
        read.close();
        assertThat(reads()).hasSize(3);
        assertThat(reads().get(0).headers().contains("If-Match")).isFalse();
        assertThat(reads().get(1).headers().get("If-Match")).isNotEmpty();
        assertThat(reads().get(2).headers().get("If-Match"))
                .isEqualTo(reads().get(1).headers().get("If-Match"));
        assertThat(reads())
                .allSatisfy(
                        request -> assertThat(request.headers().get("Range")).endsWith("-299999"));
    }

    @Test
    void aServerErrorIsTriedAgainBeforeTheFirstByteAndAfterIt() throws Exception {
        BlobId blob = put(CONTENT);
        line.failRead(new Status(503));
        line.failRead(new Cut(10));
        line.failRead(new Status(429));
        BlobRead read = store.read(blob, 0, CONTENT.length);
        TestDatabase.await(read.opened());
        assertThat(next(read, CONTENT.length)).isEqualTo(CONTENT);
        read.close();
        assertThat(reads()).hasSize(4);
    }

    @Test
    void aStoreThatDoesNotRecoverIsUnavailable() throws Exception {
        BlobId blob = put(CONTENT);
        line.fail(FaultyS3.isRead(), new Status(503), 100);
        BlobRead read = store.read(blob, 0, CONTENT.length);
        assertFails(read.opened(), StoreUnavailable.class);
        assertFails(read.next(1), StoreUnavailable.class);
        assertThat(reads()).hasSize(4);
    }

    @Test
    void aStoreThatKeepsBreakingOffIsUnavailable() throws Exception {
        BlobId blob = put(CONTENT);
        line.fail(FaultyS3.isRead(), new Cut(0), 100);
        assertFails(store.read(blob, 0, CONTENT.length).next(1), StoreUnavailable.class);
    }

    @Test
    void aRefusalIsNotTriedAgain() throws Exception {
        BlobId blob = put(CONTENT);
        line.fail(FaultyS3.isRead(), new Status(403), 100);
        assertFails(store.read(blob, 0, CONTENT.length).opened(), StoreUnavailable.class);
        assertThat(reads()).hasSize(1);
    }

    @Test
    void whatIsNotThereIsMissing() {
        BlobRead read = store.read(new BlobId("0".repeat(64), 3), 0, 3);
        assertFails(read.opened(), BlobMissing.class);
        assertFails(read.next(3), BlobMissing.class);
    }

    @Test
    void contentThatChangedMeanwhileIsNotGoneOnWith() throws Exception {
        BlobId blob = put(CONTENT);
        line.failRead(new Cut(100_000));
        line.failRead(new Status(412));
        assertFails(store.read(blob, 0, CONTENT.length).next(CONTENT.length), ContentChanged.class);
    }

    @Test
    void anotherTagIsAnotherContentAlsoOfAStoreThatKnowsNoConditions() throws Exception {
        BlobId blob = put(CONTENT);
        line.failRead(new Cut(100_000));
        line.failRead(new OtherTag());
        assertFails(store.read(blob, 0, CONTENT.length).next(CONTENT.length), ContentChanged.class);
    }

    @Test
    void anObjectOfAnotherLengthIsNotTheBlob() throws Exception {
        BlobId blob = put(CONTENT);
        BlobId longer = new BlobId(blob.sha256(), blob.size() + 1);
        assertFails(store.read(longer, 0, 10).opened(), ContentChanged.class);
        assertFails(store.read(longer, blob.size(), longer.size()).opened(), ContentChanged.class);
    }

    @Test
    void aStoreThatFallsSilentIsLeftAndAskedAgain() throws Exception {
        BlobId blob = put(CONTENT);
        store = new S3BlobStore(
                vertx, bucket.config(line.endpoint()), directory, meters, limits(Duration.ofSeconds(2)));
        line.failRead(new Silent(100_000));
        BlobRead read = store.read(blob, 0, CONTENT.length);
        assertThat(next(read, CONTENT.length)).isEqualTo(CONTENT);
        read.close();
        assertThat(reads()).hasSizeGreaterThan(1);
    }

    @Test
    void aReaderThatTakesItsTimeGivesTheConnectionBackAndGoesOnLater() throws Exception {
        byte[] large = noise(20 << 20);
        BlobId blob = put(large);
        store = new S3BlobStore(
                vertx, bucket.config(line.endpoint()), directory, meters, limits(Duration.ofSeconds(2)));
        BlobRead read = store.read(blob, 0, large.length);
        assertThat(next(read, 1_000)).isEqualTo(Arrays.copyOf(large, 1_000));
        // Those that were kept alive end too, after a while.
        awaitThat("no connection is held", () -> line.connections() == 0);
        assertThat(next(read, large.length - 1_000)).isEqualTo(Arrays.copyOfRange(large, 1_000, large.length));
        read.close();
    }

    @Test
    void aReadThatIsClosedFailsAndHoldsNoConnection() throws Exception {
        BlobId blob = put(CONTENT);
        line.failRead(new Silent(10));
        BlobRead read = store.read(blob, 0, CONTENT.length);
        TestDatabase.await(read.opened());
        Future<?> never = read.next(CONTENT.length);
        read.close();
        read.close();
        assertFails(never, ClosedChannelException.class);
        awaitThat("no connection is held", () -> line.connections() == 0);
    }

    private static void assertFails(Future<?> future, Class<? extends Exception> failure) {
        assertThatThrownBy(
                        () -> future.toCompletionStage().toCompletableFuture().get())
                .hasCauseInstanceOf(failure);
    }
}

package dev.sluice.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.storage.BlobId;
import dev.sluice.storage.Checksum;
import dev.sluice.storage.StoreUnavailable;
import dev.sluice.storage.s3.FaultyS3.Cut;
import dev.sluice.storage.s3.FaultyS3.Flipped;
import dev.sluice.storage.s3.FaultyS3.Seen;
import dev.sluice.storage.s3.FaultyS3.Status;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class S3UploadTest extends S3Fixture {
    private static final byte[] IN_PARTS = noise(2 * PART + 1_000);

    private static Predicate<Seen> part(int number) {
        return request -> request.is("PUT", "partNumber=" + number);
    }

    private long requests(String method, String query) {
        return line.seen().stream().filter(seen -> seen.is(method, query)).count();
    }

    private void assertStored(BlobId blob) throws IOException {
        try (ReadableByteChannel bytes = store.open(blob)) {
            assertThat(BlobId.of(Checksum.fingerprintOfNext(bytes, blob.size())))
                    .isEqualTo(blob);
        }
    }

    @Test
    void largeContentGoesUpInParts() throws Exception {
        assertStored(put(IN_PARTS));
        assertThat(requests("PUT", "partNumber=")).isEqualTo(3);
        assertThat(bucket.keys()).hasSize(1);
    }

    @Test
    void smallContentIsOneRequestAndContentThatIsThereIsNone() throws Exception {
        put(noise(PART));
        put(noise(PART));
        assertThat(requests("PUT", "")).isEqualTo(1);
    }

    @Test
    void whatFailsForAWhileIsSentAgain() throws Exception {
        line.fail(part(2), new Status(503), 2);
        line.fail(part(3), new Cut(0), 1);
        line.fail(request -> request.is("POST", "uploads"), new Status(500), 1);
        line.fail(request -> request.is("POST", "uploadId="), new Status(500), 1);
        assertStored(put(IN_PARTS));
        assertThat(requests("PUT", "partNumber=2")).isEqualTo(3);
    }

    @Test
    void anUploadThatCannotBeFinishedLeavesNoParts() {
        line.fail(part(3), new Status(500), 100);
        assertThatThrownBy(() -> put(IN_PARTS)).isInstanceOf(StoreUnavailable.class);
        assertThat(requests("DELETE", "uploadId=")).isEqualTo(1);
        assertThat(bucket.keys()).isEmpty();
    }

    @Test
    void anUploadThatIsRefusedAtItsEndLeavesNoParts() {
        line.fail(request -> request.is("POST", "uploadId="), new Status(403), 1);
        assertThatThrownBy(() -> put(IN_PARTS))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("403");
        assertThat(bucket.keys()).isEmpty();
    }

    @Test
    void anEndWhoseAnswerWasLostIsTheEnd() throws Exception {
        line.fail(request -> request.is("POST", "uploadId="), new Cut(0), 1);
        assertStored(put(IN_PARTS));
    }

    @Test
    void bytesThatChangeOnTheirWayAreRefusedByTheStore() {
        line.fail(request -> request.is("PUT", ""), new Flipped(), 1);
        assertThatThrownBy(() -> put(noise(1_000))).isInstanceOf(StoreUnavailable.class);
        line.fail(part(2), new Flipped(), 1);
        assertThatThrownBy(() -> put(IN_PARTS)).isInstanceOf(StoreUnavailable.class);
        assertThat(bucket.keys()).isEmpty();
    }

    @Test
    void aLargeBlobIsQuarantinedWithoutComingHere() throws Exception {
        BlobId blob = put(IN_PARTS);
        assertThat(store.quarantine(blob)).isTrue();
        assertThat(bucket.keys()).containsExactly("quarantine/" + blob.sha256());
        assertThat(line.seen()).noneMatch(FaultyS3.isRead());
    }

    @Test
    void aListOfSeveralPagesShowsEveryBlobOnce() throws Exception {
        List<BlobId> put = new ArrayList<>();
        for (int size = 1; size <= 7; size++) {
            put.add(put(noise(size)));
        }
        List<BlobId> seen = new ArrayList<>();
        store.list(blob -> seen.add(blob.id()));
        assertThat(seen).containsExactlyInAnyOrderElementsOf(put);
        assertThat(requests("GET", "list-type=2")).isEqualTo(4);
    }

    @Test
    void partsThatAnEarlierProcessLeftAreCollectedAndThoseOfOthersNotYet() throws Exception {
        String key = "blobs/ab/cd/" + "ab".repeat(32);
        S3Client client = new S3Client(vertx, bucket.config(), limits(Duration.ofMinutes(1)), meters);
        assertThat(client.ask(S3Request.of(HttpMethod.POST, key).with("uploads", ""))
                        .isOk())
                .isTrue();
        store.collectStaged(Duration.ofHours(1));
        assertThat(bucket.uploads()).containsExactly(key);
        // An hour ahead, for the store tells the time of an upload's begin to the second, and by its own clock.
        store.collectStaged(Duration.ofHours(-1));
        assertThat(bucket.uploads()).isEmpty();
    }
}

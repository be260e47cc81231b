package dev.sluice.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.StoreUnavailable;
import dev.sluice.storage.s3.FaultyS3.Cut;
import dev.sluice.storage.s3.FaultyS3.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Requests are counted as the store saw them, attempt by attempt. */
class S3MetersTest extends S3Fixture {
    private static final byte[] CONTENT = noise(300_000);

    private double requests(String operation, String outcome) {
        return value("sluice_store_requests_total{operation=\"" + operation + "\",outcome=\"" + outcome + "\"}");
    }

    private double retries(String operation) {
        return value("sluice_store_retries_total{operation=\"" + operation + "\"}");
    }

    /** 0 while there is no such series. */
    private double value(String series) {
        return meters.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }

    @Test
    void whatTheStoreRefusedForAMomentIsCountedWithTheAttemptThatSucceeded() throws Exception {
        line.fail(request -> request.method().equals("PUT"), new Status(503), 2);
        BlobId blob = put(CONTENT);
        assertThat(requests("put", "unavailable")).isEqualTo(2);
        assertThat(requests("put", "ok")).isEqualTo(1);
        assertThat(retries("put")).isEqualTo(2);
        assertThat(value("sluice_store_request_duration_seconds_count{operation=\"put\"}"))
                .isEqualTo(3);
        // One before it went up, one now.
        assertThat(store.delete(blob)).isTrue();
        assertThat(requests("head", "missing")).isEqualTo(1);
        assertThat(requests("head", "ok")).isEqualTo(1);
        assertThat(requests("delete", "ok")).isEqualTo(1);
        assertThat(retries("head") + retries("delete")).isZero();
    }

    @Test
    void aReadThatIsGoneOnWithIsCountedAgain() throws Exception {
        BlobId blob = put(CONTENT);
        line.failRead(new Status(500));
        line.failRead(new Cut(100_000));
        BlobRead read = store.read(blob, 0, CONTENT.length);
        assertThat(next(read, CONTENT.length)).isEqualTo(CONTENT);
        read.close();
        assertThat(requests("get", "unavailable")).isEqualTo(1);
        assertThat(requests("get", "ok")).isEqualTo(2);
        assertThat(retries("get")).isEqualTo(2);
    }

    @Test
    void largeContentIsCountedByItsParts() throws Exception {
        put(noise(2 * PART + 1_000));
        assertThat(requests("begin_upload", "ok")).isEqualTo(1);
        assertThat(requests("put_part", "ok")).isEqualTo(3);
        assertThat(requests("complete_upload", "ok")).isEqualTo(1);
    }

    @Test
    void aStoreThatIsAwayIsBroken() throws Exception {
        FaultyS3 gone = new FaultyS3(s3);
        gone.close();
        S3BlobStore away = new S3BlobStore(
                vertx, bucket.config(gone.endpoint()), directory, meters, limits(Duration.ofMinutes(1)));
        assertThatThrownBy(away::requireBucket).isInstanceOf(StoreUnavailable.class);
        assertThat(requests("list", "broken")).isEqualTo(4);
        assertThat(retries("list")).isEqualTo(3);
    }
}

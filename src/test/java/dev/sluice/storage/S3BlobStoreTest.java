package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.s3.S3BlobStore;
import dev.sluice.storage.s3.TestS3;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3BlobStoreTest extends BlobStoreConformance {
    private static final Meters METERS = new Meters();

    private static TestS3 s3;
    private static Vertx vertx;

    @TempDir
    Path directory;

    private TestS3.@Nullable Bucket bucket;

    @BeforeAll
    static void start() {
        s3 = TestS3.start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        TestDatabase.await(vertx.close());
        s3.close();
        METERS.close();
    }

    @Override
    BlobStore create() throws IOException {
        TestS3.Bucket empty = s3.bucket();
        bucket = empty;
        return new S3BlobStore(vertx, empty.config(), directory, METERS);
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        NothingLeftOpen.assertNothingStaged(directory);
        NothingLeftOpen.assertNoDescriptorsUnder(directory);
        assertThat(Objects.requireNonNull(bucket).uploads()).isEmpty();
    }
}

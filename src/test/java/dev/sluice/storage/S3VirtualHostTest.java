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

/** As {@link S3BlobStoreTest}, with the bucket in the name of the host. */
class S3VirtualHostTest extends BlobStoreConformance {
    private static final Meters METERS = new Meters();

    private static TestS3 s3;

    @TempDir
    Path directory;

    private TestS3.@Nullable Bucket bucket;
    private @Nullable Vertx vertx;

    @BeforeAll
    static void start() {
        s3 = TestS3.startByVirtualHost();
    }

    @AfterAll
    static void stop() {
        s3.close();
        METERS.close();
    }

    @Override
    BlobStore create() throws IOException {
        TestS3.Bucket empty = s3.bucket();
        Vertx resolving = empty.resolving();
        bucket = empty;
        vertx = resolving;
        return new S3BlobStore(resolving, empty.configByHost(), directory, METERS);
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        TestDatabase.await(Objects.requireNonNull(vertx).close());
        NothingLeftOpen.assertNothingStaged(directory);
        NothingLeftOpen.assertNoDescriptorsUnder(directory);
        assertThat(Objects.requireNonNull(bucket).uploads()).isEmpty();
    }
}

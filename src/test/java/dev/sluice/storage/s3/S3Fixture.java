package dev.sluice.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.StagedBlob;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store behind an API that can be made to fail, with small parts and short patience. */
abstract class S3Fixture {
    /** The least part that the API takes. */
    static final int PART = 5 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    static TestS3 s3;
    static Vertx vertx;

    @TempDir
    Path directory;

    final Meters meters = new Meters();
    FaultyS3 line;
    TestS3.Bucket bucket;
    S3BlobStore store;

    @BeforeAll
    static void startS3() {
        s3 = TestS3.start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopS3() {
        TestDatabase.await(vertx.close());
        s3.close();
    }

    @BeforeEach
    void open() throws IOException {
        line = new FaultyS3(s3);
        bucket = s3.bucket();
        store = new S3BlobStore(
                vertx, bucket.config(line.endpoint()), directory, meters, limits(Duration.ofMinutes(1)));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        line.close();
        meters.close();
        assertThat(bucket.uploads()).isEmpty();
        try (Stream<Path> staged = Files.list(directory.resolve(".staging"))) {
            assertThat(staged).isEmpty();
        }
    }

    static S3Limits limits(Duration silence) {
        return new S3Limits(
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                silence,
                4,
                Duration.ofMillis(5),
                PART,
                PART,
                2);
    }

    static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    BlobId put(byte[] content) throws IOException {
        try (StagedBlob staged = store.stage()) {
            staged.write(ByteBuffer.wrap(content));
            return staged.commit();
        }
    }

    static byte[] next(BlobRead read, int length) {
        ByteBuf piece = TestDatabase.await(read.next(length));
        try {
            byte[] bytes = new byte[length];
            piece.readBytes(bytes);
            assertThat(piece.isReadable()).isFalse();
            return bytes;
        } finally {
            piece.release();
        }
    }

    static void awaitThat(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(2_000_000);
        }
    }
}

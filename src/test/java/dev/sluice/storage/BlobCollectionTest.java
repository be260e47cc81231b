package dev.sluice.storage;

import static dev.sluice.database.TestDatabase.await;
import static dev.sluice.storage.BlobStoreConformance.ABC;
import static dev.sluice.storage.BlobStoreConformance.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deduplication and collection of contents at once, on a real database. */
class BlobCollectionTest {
    @TempDir
    private Path dir;

    private Vertx vertx;
    private TestDatabase database;
    private LocalBlobStore store;
    private Blobs blobs;
    private WorkerExecutor worker;

    @BeforeEach
    void open() throws IOException {
        vertx = Vertx.vertx();
        database = TestDatabase.fresh();
        worker = vertx.createSharedWorkerExecutor("test-blobs", 4);
        store = new LocalBlobStore(dir.resolve("store"));
        blobs = new Blobs(database.database(), store, worker);
        sql("insert into jobs (job_id, owner, name) values ('run-1', 'alice', 'x')");
    }

    @AfterEach
    void close() throws IOException {
        await(vertx.close());
        database.close();
        NothingLeftOpen.assertNothingStaged(dir.resolve("store"));
    }

    @Test
    void whatNothingRefersToIsDeletedAfterItsGrace() throws Exception {
        keep();
        assertThat(await(collection(Duration.ofHours(1)).collect())).isZero();
        assertThat(store.exists(ABC)).isTrue();
        assertThat(await(collection(Duration.ZERO).collect())).isEqualTo(1);
        assertThat(store.exists(ABC)).isFalse();
        assertThat(rows()).isEmpty();
    }

    @Test
    void theGraceBeginsWhenTheLastReferenceGoes() throws Exception {
        keep();
        refer();
        assertThat(await(collection(Duration.ZERO).collect())).isZero();
        sql("update blobs set unreferenced_at = now() - interval '2 hours'");
        assertThat(await(collection(Duration.ofHours(1)).collect())).isZero();
        sql("delete from content_index");
        assertThat(await(collection(Duration.ofHours(1)).collect())).isZero();
        assertThat(await(collection(Duration.ZERO).collect())).isEqualTo(1);
    }

    @Test
    void aContentThatIsReferredToCannotBeMarked() throws Exception {
        keep();
        refer();
        assertThatThrownBy(() -> sql("update blobs set state = 'deleting'"))
                .hasStackTraceContaining("foreign key constraint");
    }

    @Test
    void aContentThatIsMarkedCannotBeReferredTo() throws Exception {
        keep();
        sql("update blobs set state = 'deleting'");
        assertThatThrownBy(this::refer).hasStackTraceContaining("foreign key constraint");
    }

    @Test
    void whoNeedsAMarkedContentTakesItBackWithItsBytes() throws Exception {
        keep();
        sql("update blobs set state = 'deleting'");
        store.delete(ABC);
        keep();
        assertThat(rows()).containsExactly(ABC.sha256() + " live");
        assertThat(store.exists(ABC)).isTrue();
        refer();
        assertThat(await(collection(Duration.ZERO).collect())).isZero();
    }

    @Test
    void aDeletionThatWasBegunByAProcessThatDiedIsFinished() throws Exception {
        keep();
        sql("update blobs set state = 'deleting'");
        assertThat(await(collection(Duration.ofHours(1)).collect())).isEqualTo(1);
        assertThat(rows()).isEmpty();
        assertThat(store.exists(ABC)).isFalse();
    }

    @Test
    void whoKeepsAContentWaitsForItsDeletionAndBringsTheBytesBack() throws Exception {
        keep();
        sql("update blobs set state = 'deleting'");
        Promise<Void> deleted = Promise.promise();
        Promise<Void> locked = Promise.promise();
        Future<Void> deletion = database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query("select from blobs for update")
                                .execute()
                                .compose(rows -> {
                                    locked.complete();
                                    return deleted.future();
                                })
                                .compose(done ->
                                        connection.query("delete from blobs").execute())
                                .mapEmpty());
        await(locked.future());
        Future<BlobId> kept = blobs.keep(staged());
        assertThat(store.delete(ABC)).isTrue();
        assertThat(kept.isComplete()).isFalse();
        deleted.complete();
        await(deletion);
        assertThat(await(kept)).isEqualTo(ABC);
        assertThat(store.exists(ABC)).isTrue();
        assertThat(rows()).containsExactly(ABC.sha256() + " live");
    }

    @Test
    void bytesWithoutARowAreDeletedWhenTheyAreOld() throws Exception {
        try (StagedBlob staged = staged()) {
            staged.commit();
        }
        assertThat(await(collection(Duration.ofHours(1)).collect())).isZero();
        Clock tomorrow = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
        BlobCollection later = new BlobCollection(database.database(), store, worker, tomorrow, Duration.ofHours(1));
        assertThat(await(later.collect())).isEqualTo(1);
        assertThat(store.exists(ABC)).isFalse();
    }

    @Test
    void writersAndCollectorsAtOnceLeaveNoReferenceWithoutBytes() throws Exception {
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String path = "p" + i;
            work.add(blobs.keep(staged()).compose(kept -> reference(path)).otherwiseEmpty());
            work.add(collection(Duration.ZERO).collect().otherwiseEmpty());
        }
        await(Future.join(work));
        keep();
        await(reference("last"));
        await(collection(Duration.ZERO).collect());
        assertThat(store.exists(ABC)).isTrue();
        assertThat(rows()).containsExactly(ABC.sha256() + " live");
    }

    private BlobCollection collection(Duration grace) {
        return new BlobCollection(database.database(), store, worker, Clock.systemUTC(), grace);
    }

    private StagedBlob staged() throws IOException {
        StagedBlob staged = blobs.stage();
        staged.write(utf8("abc"));
        return staged;
    }

    private void keep() throws IOException {
        assertThat(await(blobs.keep(staged()))).isEqualTo(ABC);
    }

    private void refer() {
        await(reference("path"));
    }

    private Future<Void> reference(String path) {
        return run("""
                insert into content_index
                    (job_id, owner, path_digest, path, size, modified_nanos, changed_nanos, inode,
                     encoding, deflated_sha256, deflated_size)
                values ('run-1', 'alice', sha256('%s'::bytea), '%s', 9, 0, 0, 0, 'deflated', '%s', 3)""".formatted(path, path, ABC.sha256()));
    }

    private void sql(String sql) {
        await(run(sql));
    }

    private Future<Void> run(String sql) {
        return database.database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute())
                .mapEmpty();
    }

    private List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (Row row : await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query("select digest, state from blobs")
                                .execute()))) {
            rows.add(row.getString("digest") + " " + row.getString("state"));
        }
        return rows;
    }
}

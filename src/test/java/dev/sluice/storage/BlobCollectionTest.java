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
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deduplication and collection of contents at once, on a real database. */
class BlobCollectionTest {
    /** So many that of a fault that two seldom meet in some is always one. */
    private static final int CONTENTS = 10_000;

    private static final String REFERENCE = """
            insert into content_index
                (job_id, owner, path_digest, path, size, modified_nanos, changed_nanos, inode,
                 encoding, deflated_sha256, deflated_size)
            values ('run-1', 'alice', sha256('%s'::bytea), '%s', 9, 0, 0, 0, 'deflated', '%s', 3)""";

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
    void theGraceBeginsNoSoonerThoughNoCollectionSawTheReference() throws Exception {
        keep();
        sql("update blobs set unreferenced_at = unreferenced_at - interval '2 hours'");
        refer();
        sql("delete from content_index");
        assertThat(await(collection(Duration.ofHours(1)).collect())).isZero();
    }

    @Test
    void whoKeepsAContentDoesNotWaitForThoseWhoBeginToReferToIt() throws Exception {
        keep();
        Promise<Void> referred = Promise.promise();
        Promise<Void> done = Promise.promise();
        Future<Void> publication = database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query(REFERENCE.formatted("path", "path", ABC.sha256()))
                                .execute()
                                .compose(inserted -> {
                                    referred.complete();
                                    return done.future();
                                }));
        await(referred.future());
        keep();
        assertThat(publication.isComplete()).isFalse();
        done.complete();
        await(publication);
    }

    @Test
    void theLockOfAContentIsHeldWhileItsStoreIsSlow() throws Exception {
        try (TestDatabase impatient = TestDatabase.fresh(1, Duration.ofSeconds(5), Duration.ofSeconds(3));
                Connection observer = impatient.owner();
                PreparedStatement idle = observer.prepareStatement("select from pg_stat_activity where state ="
                        + " 'idle in transaction' and now() - state_change > interval '3500 ms'"
                        + " and datname = current_database()")) {
            Promise<Void> deleted = Promise.promise();
            Future<Optional<String>> deletion = impatient
                    .database()
                    .as(
                            new Actor.Background(),
                            connection -> BlobLock.take(connection, ABC)
                                    .compose(state -> deleted.future().map(state)));
            until(() -> idle.executeQuery().next());
            deleted.complete();
            assertThat(await(deletion)).isEmpty();
        }
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

    /** What the rows are unique by, they are checked against one after the other: another's may come in between. */
    @Test
    void whoeverNeedsANewContentFirstClaimsItBesideOthersWhoDo() throws Exception {
        Callable<Void> claims = () -> {
            try (Connection connection = database.owner();
                    Statement statement = connection.createStatement()) {
                statement.execute("set role sluice_server");
                statement.execute("set search_path = sluice");
                statement.execute("""
                        do $$ begin
                            for content in 1..%d loop
                                perform claim_blobs(array[lpad(to_hex(content), 64, '0')], array[1]);
                                commit;
                            end loop;
                        end $$""".formatted(CONTENTS));
                return null;
            }
        };
        ExecutorService claimants = Executors.newFixedThreadPool(4);
        try {
            for (java.util.concurrent.Future<Void> claimed : claimants.invokeAll(Collections.nCopies(4, claims))) {
                claimed.get();
            }
        } finally {
            claimants.shutdownNow();
        }
        assertThat(rows()).hasSize(CONTENTS);
    }

    @Test
    void aContentThatItsStoreCannotDeleteKeepsNoOther() throws Exception {
        List<BlobId> kept = new ArrayList<>();
        for (String content : List.of("one", "two", "three")) {
            StagedBlob staged = blobs.stage();
            staged.write(utf8(content));
            kept.add(await(blobs.keep(staged)));
        }
        String first = rows().get(0).substring(0, 64);
        Path place = place(first);
        Files.delete(place);
        Files.createFile(Files.createDirectory(place).resolve("in the way"));
        assertThatThrownBy(() -> await(collection(Duration.ZERO).collect()))
                .rootCause()
                .isInstanceOf(DirectoryNotEmptyException.class);
        assertThat(rows()).containsExactly(first + " deleting");
        for (BlobId other : kept) {
            assertThat(Files.isRegularFile(place(other.sha256()))).isFalse();
        }
        Files.delete(place.resolve("in the way"));
        assertThat(await(collection(Duration.ZERO).collect())).isEqualTo(1);
        assertThat(rows()).isEmpty();
    }

    private Path place(String sha256) throws IOException {
        try (Stream<Path> stored = Files.walk(dir.resolve("store"))) {
            return stored.filter(path -> path.endsWith(sha256)).findAny().orElse(dir.resolve("nowhere"));
        }
    }

    private static void until(Callable<Boolean> holds) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.call()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
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
        return run(REFERENCE.formatted(path, path, ABC.sha256()));
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

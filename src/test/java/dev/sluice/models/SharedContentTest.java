package dev.sluice.models;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.jobs.JobId;
import dev.sluice.jobs.JobQueries;
import dev.sluice.storage.BlobCollection;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.StagedBlob;
import dev.sluice.storage.Workspace;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two owners' models of equal content: the store has it once, for as long as one of them does. */
class SharedContentTest {
    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path root;

    private TestDatabase database;
    private LocalBlobStore store;
    private Workpieces workpieces;
    private Intake intake;
    private ModelChanges changes;
    private BlobCollection collection;

    @BeforeEach
    void open() throws IOException {
        database = TestDatabase.fresh();
        Workspace workspace = new Workspace(root.resolve("workspace"));
        store = new LocalBlobStore(root.resolve("store"));
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("intake", 2);
        workpieces = new Workpieces(workspace);
        intake = new Intake(
                workspace,
                new Blobs(database.database(), store, worker),
                new PublishedPlans(store, suspect -> {}),
                new ParallelDeflater(Runnable::run, 1),
                worker);
        changes = new ModelChanges(database.database());
        collection = new BlobCollection(database.database(), store, worker, Clock.systemUTC(), Duration.ZERO);
    }

    @AfterEach
    void close() {
        await(vertx.close());
        database.close();
    }

    @Test
    void equalContentIsStoredOnceAndCollectedWithItsLastModel() throws IOException {
        Model anns = save("ann");
        Model bobs = save("bob");
        assertThat(stored()).hasSize(1);
        BlobId content = stored().get(0);
        assertThat(anns.archive().sha256()).isEqualTo(bobs.archive().sha256());

        purge("ann", anns);
        assertThat(await(collection.collect())).as("it is bob's as well").isZero();
        assertThat(store.exists(content)).isTrue();
        await(changes.delete("bob", List.of(bobs.id()), ""));
        assertThat(await(collection.collect())).as("bob can have it restored").isZero();
        await(changes.purge(Duration.ZERO));
        assertThat(await(collection.collect())).isEqualTo(1);
        assertThat(stored()).isEmpty();
    }

    @Test
    void whatIsStagedIsInTheStoreSoThatARenameIsAllThatIsLeftToDo() throws IOException {
        try (StagedBlob staged = store.stage()) {
            assertThat(staged.path()).startsWith(root.resolve("store"));
        }
    }

    private void purge(String owner, Model model) {
        await(changes.delete(owner, List.of(model.id()), ""));
        assertThat(await(changes.purge(Duration.ZERO))).isEqualTo(1);
    }

    private Model save(String owner) throws IOException {
        Path file = Files.createDirectories(root.resolve("workspace/" + owner + "/model"))
                .resolve("a.txt");
        Files.writeString(file, "equal");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_600_000_000_000L));
        await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query("insert into jobs (job_id, owner, name, status) values ('" + owner + "', '"
                                        + owner + "', 'run', 'completed')")
                                .execute()));
        JobId job = JobId.parse(owner).orElseThrow();
        Intake.Taken taken = await(intake.take(() -> workpieces.whole(job).orElseThrow()));
        return await(changes.save(
                new NewModel(
                        await(new JobQueries(database.database()).find(owner, job)),
                        "saved",
                        "m",
                        "",
                        List.of(),
                        new Training(Quality.UNKNOWN, null, null, null),
                        NewModel.AutoMl.NONE,
                        taken.files(),
                        taken.archive()),
                ""));
    }

    private List<BlobId> stored() throws IOException {
        List<BlobId> blobs = new ArrayList<>();
        store.list(blob -> blobs.add(blob.id()));
        return blobs;
    }
}

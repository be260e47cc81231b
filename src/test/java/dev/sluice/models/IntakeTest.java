package dev.sluice.models;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.TestDatabase;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.jobs.JobId;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a trainer writes by itself while its files are copied. */
class IntakeTest {
    /** Of what the file became. */
    private static final String LATER = "1d9283d848ea941ace1fe0d2378ef8b70056a0d4d1648b95a322d90163e78285";

    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path root;

    private TestDatabase database;
    private Path model;
    private Workpieces workpieces;
    private Intake intake;

    @BeforeEach
    void open() throws IOException {
        database = TestDatabase.fresh();
        Workspace workspace = new Workspace(root.resolve("workspace"));
        LocalBlobStore store = new LocalBlobStore(root.resolve("store"));
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("intake", 2);
        workpieces = new Workpieces(workspace);
        intake = new Intake(
                workspace,
                new Blobs(database.database(), store, worker),
                new PublishedPlans(store, suspect -> {}),
                new ParallelDeflater(Runnable::run, 1),
                worker);
        model = Files.createDirectories(root.resolve("workspace/run/model"));
        Path file = Files.writeString(model.resolve("a.txt"), "first");
        // The clock of files may stand still until it is written again.
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
    }

    @AfterEach
    void close() {
        await(vertx.close());
        database.close();
    }

    @Test
    void whatChangesMeanwhileIsNotTakenAndWhatItBecameIsNextTime() throws IOException {
        assertThatThrownBy(() -> await(intake.take(changing(() -> Files.writeString(model.resolve("a.txt"), "later")))))
                .hasStackTraceContaining("changed while they were copied");
        Intake.Taken taken = await(intake.take(this::look));
        assertThat(taken.files()).singleElement().satisfies(file -> {
            assertThat(file.path()).isEqualTo("a.txt");
            assertThat(file.content().orElseThrow().sha256()).isEqualTo(LATER);
        });
    }

    @Test
    void whatAppearsOrGoesMeanwhileIsAChangeToo() throws IOException {
        assertThatThrownBy(() -> await(intake.take(changing(() -> Files.writeString(model.resolve("b.txt"), "new")))))
                .hasStackTraceContaining("changed while they were copied");
        assertThatThrownBy(() -> await(intake.take(changing(() -> Files.delete(model.resolve("b.txt"))))))
                .hasStackTraceContaining("changed while they were copied");
        assertThat(await(intake.take(this::look)).files()).hasSize(1);
    }

    private interface Change {
        void make() throws IOException;
    }

    private Callable<Snapshot> changing(Change change) {
        AtomicInteger looks = new AtomicInteger();
        return () -> {
            if (looks.incrementAndGet() == 2) {
                change.make();
            }
            return look();
        };
    }

    private Snapshot look() throws IOException {
        return workpieces.whole(JobId.parse("run").orElseThrow()).orElseThrow();
    }
}

package dev.sluice.jobs;

import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.ContentFacts;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.StagedUpload;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes directories that were trained elsewhere as completed jobs: registered, copied and indexed, file by file as an upload
 * would be. Blocking; a thread of a command.
 */
public final class Import {
    private static final int BUFFER = 1 << 20;

    private final JobQueries jobs;
    private final Workspace workspace;
    private final ContentIndex index;

    public Import(JobQueries jobs, Workspace workspace, ContentIndex index) {
        this.jobs = jobs;
        this.workspace = workspace;
        this.index = index;
    }

    /**
     * Imports one job, or one for each directory inside.
     *
     * @param said is told of each job
     * @throws ImportRefused when there is nothing to import, or a job of that name exists; jobs before it stay imported
     */
    public void run(Path directory, String owner, Optional<String> name, Consumer<String> said)
            throws IOException, ImportRefused {
        if (!Files.isDirectory(directory)) {
            throw new ImportRefused(directory + " is not a directory");
        }
        Path real = directory.toRealPath();
        List<Path> sources = isJob(real)
                ? List.of(real)
                : directories(real).stream().filter(Import::isJob).toList();
        if (sources.isEmpty()) {
            throw new ImportRefused(directory + " has no job: neither model/, models/ nor training.log, here or below");
        }
        for (Path source : sources) {
            said.accept(importJob(source, owner, name));
        }
    }

    private static boolean isJob(Path directory) {
        return Stream.of("model", "models", "training.log")
                .anyMatch(part -> Files.exists(directory.resolve(part), LinkOption.NOFOLLOW_LINKS));
    }

    private static List<Path> directories(Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(child -> Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    private String importJob(Path source, String owner, Optional<String> name) throws IOException, ImportRefused {
        String directory = String.valueOf(source.getFileName());
        JobId id = JobId.parse(directory)
                .orElseThrow(() -> new ImportRefused("'" + directory + "' cannot be the id of a job"));
        await(jobs.register(JobRegistration.imported(id, owner, name.orElse(directory))), id);
        await(jobs.patch(id, JobPatch.of(JobStatus.RUNNING)), id);
        try {
            long[] total = copy(source, owner, id);
            await(jobs.patch(id, JobPatch.of(JobStatus.COMPLETED)), id);
            return "Imported " + id + " for " + owner + ": " + total[0] + " files, " + total[1] + " bytes";
        } catch (IOException | ImportRefused failed) {
            await(jobs.patch(id, JobPatch.failed("The import was not finished")), id);
            throw failed;
        }
    }

    private long[] copy(Path source, String owner, JobId id) throws IOException, ImportRefused {
        long[] total = {0, 0};
        try (Stream<Path> tree = Files.walk(source)) {
            for (Path file : (Iterable<Path>)
                    tree.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))::iterator) {
                total[0]++;
                total[1] += copy(file, name(source, file), owner, id);
            }
        }
        return total;
    }

    private static EntryName name(Path source, Path file) throws ImportRefused {
        String relative = source.relativize(file).toString();
        try {
            return EntryName.parse(relative);
        } catch (InvalidEntryName invalid) {
            throw new ImportRefused("'" + relative + "' cannot be the path of a file: " + invalid.getMessage());
        }
    }

    private long copy(Path file, EntryName name, String owner, JobId id) throws IOException, ImportRefused {
        try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                StagedUpload staged = workspace.stage(id.value(), name)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
            while (from.read(buffer.clear()) >= 0) {
                staged.write(buffer.flip());
            }
            LiveFile live = staged.commit();
            await(index.recordOwn(owner, live, ContentFacts.of(staged.fingerprint())), id);
            return live.size();
        }
    }

    private static <T> T await(Future<T> future, JobId id) throws IOException, ImportRefused {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("The import was interrupted", interrupted);
        } catch (ExecutionException failed) {
            @Nullable Throwable cause = failed.getCause();
            if (cause instanceof ProblemException problem) {
                throw new ImportRefused(id + ": " + problem.problem().detail());
            }
            throw new IOException("The database refused the import of " + id, cause);
        }
    }
}

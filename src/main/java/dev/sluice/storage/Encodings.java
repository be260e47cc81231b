package dev.sluice.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Chooses how zips carry live files: compressible ones deflated, from a copy that is made at the first request and kept as
 * a blob; all others stored. A choice is made once for a state of a file and never again, because a client that resumes
 * must find the bytes that it began with. Never blocks.
 */
public final class Encodings {
    /** Smaller files are stored: an inode is larger than what deflating saves. Bytes. */
    static final long SMALLEST = 512;

    /** What one archive may have deflated for it at its first request; what is beyond is stored for good. Bytes. */
    static final long BUDGET = 256L << 20;

    /** An archive of more files is stored as a whole: a copy of each would keep its first byte waiting. */
    static final int MOST_FILES = 1_000;

    private final Workspace workspace;
    private final LocalBlobStore blobs;
    private final ContentIndex index;
    private final WorkerExecutor worker;
    private final ParallelDeflater deflater;
    private final SingleFlight<LiveFile, ContentFacts> underWay = new SingleFlight<>();

    /** The index keeps nothing about files that are too young; this bridges the time until it does. */
    private final Cache<LiveFile, ContentFacts> young = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofSeconds(30))
            .build();

    public Encodings(
            Workspace workspace,
            LocalBlobStore blobs,
            ContentIndex index,
            WorkerExecutor worker,
            ParallelDeflater deflater) {
        this.workspace = workspace;
        this.blobs = blobs;
        this.index = index;
        this.worker = worker;
        this.deflater = deflater;
    }

    /**
     * The facts of the files of one archive, with an encoding each. Fails with {@link ContentChanged} when a file is no longer
     * in the state that was seen.
     */
    public Future<List<ContentFacts>> choose(String owner, List<LiveFile> files, ContentIndex.Known known) {
        ContentFacts[] chosen = new ContentFacts[files.size()];
        Future<Long> budget = Future.succeededFuture(BUDGET);
        for (int i = 0; i < chosen.length; i++) {
            LiveFile file = files.get(i);
            ContentFacts facts = known.of(file);
            if (files.size() > MOST_FILES || file.size() < SMALLEST) {
                chosen[i] = facts.with(new ContentEncoding.Stored());
            } else if (facts.encoding().isPresent()) {
                chosen[i] = facts;
            } else {
                int slot = i;
                budget = budget.compose(left -> choose(owner, file, left).map(now -> {
                    chosen[slot] = now.or(facts);
                    return isDeflated(now) ? left - file.size() : left;
                }));
            }
        }
        return budget.map(spent -> Arrays.asList(chosen));
    }

    private Future<ContentFacts> choose(String owner, LiveFile file, long budget) {
        ContentFacts before = young.getIfPresent(file);
        if (before != null) {
            return Future.succeededFuture(before);
        }
        return underWay.join(
                file,
                () -> worker.executeBlocking(() -> encode(file, budget), false)
                        .compose(facts -> index.record(owner, file, facts))
                        .onSuccess(facts -> young.put(file, facts)));
    }

    /** Worker thread. */
    private ContentFacts encode(LiveFile file, long budget) throws IOException {
        if (file.size() > budget) {
            return ContentFacts.NONE.with(new ContentEncoding.Stored());
        }
        try (OpenFile open = workspace.open(file)) {
            ContentFacts facts = Compressibility.of(open.channel(), file.size())
                    ? deflate(open.channel(), file.size())
                    : ContentFacts.NONE.with(new ContentEncoding.Stored());
            open.recheck();
            return facts;
        }
    }

    private ContentFacts deflate(FileChannel content, long size) throws IOException {
        try (StagedBlob copy = blobs.stage()) {
            Optional<Deflated> deflated = deflater.deflate(content, size, copy::write, reached -> {});
            if (deflated.isEmpty()) {
                return ContentFacts.NONE.with(new ContentEncoding.Stored());
            }
            return ContentFacts.of(deflated.get().content()).with(new ContentEncoding.Deflated(copy.commit()));
        } catch (StorageFull full) {
            // Sending it as it is needs no space.
            return ContentFacts.NONE.with(new ContentEncoding.Stored());
        }
    }

    private static boolean isDeflated(ContentFacts facts) {
        return facts.encoding().orElse(null) instanceof ContentEncoding.Deflated;
    }
}

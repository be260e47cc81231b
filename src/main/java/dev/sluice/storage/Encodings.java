package dev.sluice.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /** Files of one archive that are chosen for at once, and may be staged then. */
    private static final int MOST_TOGETHER = 16;

    /** Of these files, in bytes: a large one keeps every core busy by itself, and should not keep every worker busy. */
    private static final long LARGEST_TOGETHER = 4 << 20;

    private final Workspace workspace;
    private final Blobs blobs;
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
            Workspace workspace, Blobs blobs, ContentIndex index, WorkerExecutor worker, ParallelDeflater deflater) {
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
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < chosen.length; i++) {
            LiveFile file = files.get(i);
            ContentFacts facts = known.of(file);
            chosen[i] = isStoredAnyway(files, file) ? facts.with(new ContentEncoding.Stored()) : orYoung(facts, file);
            if (chosen[i].encoding().isEmpty()) {
                open.add(i);
            }
        }
        return choose(owner, files, chosen, open, BUDGET).map(done -> Arrays.asList(chosen));
    }

    /** Goes on until no slot is open. */
    private Future<Void> choose(
            String owner, List<LiveFile> files, ContentFacts[] chosen, Deque<Integer> open, long budget) {
        if (open.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Future<Long>> spending = new ArrayList<>();
        for (int slot : together(files, open, budget)) {
            LiveFile file = files.get(slot);
            spending.add(choose(owner, file, budget).map(now -> {
                chosen[slot] = now.or(chosen[slot]);
                return isDeflated(now) ? file.size() : 0;
            }));
        }
        return Future.join(spending).compose(all -> {
            long spent = spending.stream().mapToLong(Future::result).sum();
            return choose(owner, files, chosen, open, budget - spent);
        });
    }

    /** The next ones: what each may spend does not depend on the others. */
    private static List<Integer> together(List<LiveFile> files, Deque<Integer> open, long budget) {
        List<Integer> together = new ArrayList<>();
        long most = Math.min(budget, LARGEST_TOGETHER);
        long size = 0;
        do {
            int slot = open.remove();
            together.add(slot);
            size += files.get(slot).size();
        } while (together.size() < MOST_TOGETHER
                && !open.isEmpty()
                && size + files.get(open.element()).size() <= most);
        return together;
    }

    /** Here, not when its turn comes: a thousand choices that are made already would be made within each other. */
    private ContentFacts orYoung(ContentFacts facts, LiveFile file) {
        ContentFacts before = facts.encoding().isEmpty() ? young.getIfPresent(file) : null;
        return before == null ? facts : before.or(facts);
    }

    /** A copy that is there no more is made anew when it is wanted. Any thread. */
    public void forget(BlobId copy) {
        young.asMap()
                .values()
                .removeIf(facts -> facts.encoding().orElse(null) instanceof ContentEncoding.Deflated deflated
                        && deflated.copy().equals(copy));
    }

    private static boolean isStoredAnyway(List<LiveFile> all, LiveFile file) {
        return all.size() > MOST_FILES || file.size() < SMALLEST;
    }

    /** Those of the files of one archive that would have to be read for a choice. */
    public List<LiveFile> undecided(List<LiveFile> files, ContentIndex.Known known) {
        return files.stream()
                .filter(file -> !isStoredAnyway(files, file))
                .filter(file -> known.of(file).encoding().isEmpty() && young.getIfPresent(file) == null)
                .toList();
    }

    private Future<ContentFacts> choose(String owner, LiveFile file, long budget) {
        ContentFacts before = young.getIfPresent(file);
        if (before != null) {
            return Future.succeededFuture(before);
        }
        return underWay.join(
                file,
                () -> worker.executeBlocking(() -> encode(file, budget), false)
                        .compose(this::keep)
                        .compose(facts -> index.record(owner, file, facts))
                        .onSuccess(facts -> young.put(file, facts)));
    }

    private static final Encoded STORED = new Encoded(ContentFacts.NONE.with(new ContentEncoding.Stored()), null);

    /** @param copy staged still; its encoding is among the facts */
    private record Encoded(ContentFacts facts, @Nullable StagedBlob copy) {}

    private Future<ContentFacts> keep(Encoded encoded) {
        if (encoded.copy() == null) {
            return Future.succeededFuture(encoded.facts());
        }
        return blobs.keep(encoded.copy())
                .map(kept -> encoded.facts())
                // Sending it as it is needs no space.
                .recover(failure -> failure instanceof StorageFull
                        ? Future.succeededFuture(STORED.facts())
                        : Future.failedFuture(failure));
    }

    /** Worker thread. */
    private Encoded encode(LiveFile file, long budget) throws IOException {
        if (file.size() > budget) {
            return STORED;
        }
        try (OpenFile open = workspace.open(file)) {
            if (!Compressibility.of(open.channel(), file.size())) {
                open.recheck();
                return STORED;
            }
            return deflate(open);
        }
    }

    private Encoded deflate(OpenFile open) throws IOException {
        StagedBlob copy = null;
        boolean whole = false;
        try {
            copy = blobs.stage();
            Optional<Deflated> deflated =
                    deflater.deflate(open.channel(), open.file().size(), copy::write, reached -> {});
            open.recheck();
            whole = deflated.isPresent();
            return whole ? new Encoded(facts(deflated.get()), copy) : STORED;
        } catch (StorageFull full) {
            return STORED;
        } finally {
            if (copy != null && !whole) {
                copy.cancel();
            }
        }
    }

    private static ContentFacts facts(Deflated deflated) {
        return ContentFacts.of(deflated.content()).with(new ContentEncoding.Deflated(BlobId.of(deflated.stream())));
    }

    private static boolean isDeflated(ContentFacts facts) {
        return facts.encoding().orElse(null) instanceof ContentEncoding.Deflated;
    }
}

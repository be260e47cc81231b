package dev.sluice.storage;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads content again that a disk has failed to give, or that nobody has read for long, and takes what is bad out of service. A
 * blob moves aside, where an operator finds it: a deflated copy is made anew at the next download, other content is not served
 * until it is restored. A live file stays where it is, for it is the trainer's; what was known of it is forgotten. Never
 * blocks; files are read on the worker.
 */
public final class Quarantine {
    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);

    private final Database database;
    private final Workspace workspace;
    private final BlobStore blobs;
    private final ContentIndex index;
    private final WorkerExecutor worker;
    private final Consumer<BlobId> withdrawn;
    private final SingleFlight<Object, Optional<String>> underWay = new SingleFlight<>();

    /** @param withdrawn told of every blob that is served no more */
    public Quarantine(
            Database database,
            Workspace workspace,
            BlobStore blobs,
            ContentIndex index,
            WorkerExecutor worker,
            Consumer<BlobId> withdrawn) {
        this.database = database;
        this.workspace = workspace;
        this.blobs = blobs;
        this.index = index;
        this.worker = worker;
        this.withdrawn = withdrawn;
    }

    /** Reads a blob, and quarantines it when it is not what its name says. Returns what is wrong with it. */
    public Future<Optional<String>> check(BlobId blob) {
        return underWay.join(
                blob,
                () -> worker.executeBlocking(() -> fault(blob), false)
                        .compose(fault -> fault.isEmpty()
                                ? Future.succeededFuture(fault)
                                : withdraw(blob, fault.get()).map(fault)));
    }

    /**
     * Reads a live file, and forgets what was known of it when it cannot be read or is not what was known. A file that has
     * changed since is another file, and nothing is wrong with it. Returns what is wrong.
     */
    public Future<Optional<String>> check(String owner, LiveFile file, ContentFacts known) {
        return underWay.join(
                file,
                () -> worker.executeBlocking(() -> fault(file, known), false)
                        .compose(fault -> fault.isEmpty()
                                ? Future.succeededFuture(fault)
                                : forget(owner, file, fault.get()).map(fault)));
    }

    /** Worker thread. */
    private Optional<String> fault(BlobId blob) throws IOException {
        try (ReadableByteChannel channel = blobs.open(blob)) {
            BlobId found = BlobId.of(Checksum.fingerprintOfNext(channel, blob.size()));
            return found.equals(blob) ? Optional.empty() : Optional.of("has other bytes: SHA-256 " + found.sha256());
        } catch (IOException unreadable) {
            return told(unreadable);
        }
    }

    /** Worker thread. */
    private Optional<String> fault(LiveFile file, ContentFacts known) throws IOException {
        try (OpenFile open = workspace.open(file)) {
            Fingerprint found = Checksum.fingerprint(open.channel(), file.size(), Progress.IGNORED);
            open.recheck();
            ContentFacts facts = ContentFacts.of(found);
            boolean same = known.crc32().or(facts::crc32).equals(facts.crc32())
                    && known.sha256().or(facts::sha256).equals(facts.sha256());
            return same ? Optional.empty() : Optional.of("has other bytes: SHA-256 " + found.sha256());
        } catch (ContentChanged another) {
            return Optional.empty();
        } catch (IOException unreadable) {
            return told(unreadable);
        }
    }

    /** That this process has no descriptor left, or that a store elsewhere does not answer, says nothing about the content. */
    private static Optional<String> told(IOException unreadable) throws IOException {
        if (unreadable instanceof StoreUnavailable
                || unreadable instanceof InterruptedIOException
                || String.valueOf(unreadable.getMessage()).endsWith("Too many open files")) {
            throw unreadable;
        }
        return Optional.of("cannot be read: " + unreadable.getMessage());
    }

    /** Under the lock of its row, which whoever claims it or begins to refer to it needs too. */
    private Future<Void> withdraw(BlobId blob, String fault) {
        log.error("Quarantining blob {}: it {}", blob.sha256(), fault);
        return database.as(
                        new Actor.Background(),
                        connection -> BlobLock.take(connection, blob)
                                .compose(locked -> connection.preparedQuery("""
                                        update content_index set encoding = null, deflated_sha256 = null, deflated_size = null
                                        where deflated_sha256 = $1""").execute(Tuple.of(blob.sha256())))
                                .compose(forgotten -> worker.executeBlocking(() -> blobs.quarantine(blob), false)))
                .onSuccess(moved -> {
                    index.forgetRecent();
                    withdrawn.accept(blob);
                })
                .mapEmpty();
    }

    private Future<Void> forget(String owner, LiveFile file, String fault) {
        log.error("Forgetting what was known of {} of job {}: it {}", file.path(), file.jobId(), fault);
        return index.forget(owner, file);
    }
}

package dev.sluice.storage;

import dev.sluice.database.Batches;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The way of content into the blob store: its row is claimed before its bytes appear, so that collection leaves them alone until
 * somebody refers to the row. Any number of replicas; never blocks, but for {@link #stage}.
 */
public final class Blobs {
    /** Of one transaction: to make one durable takes as long as to make many. */
    private static final int MOST_TOGETHER = 64;

    private final Batches<BlobId, Boolean> claims =
            new Batches<>(Database.PIPELINED_CONNECTIONS, MOST_TOGETHER, this::claimTogether);

    private final Database database;
    private final BlobStore store;
    private final WorkerExecutor worker;

    public Blobs(Database database, BlobStore store, WorkerExecutor worker) {
        this.database = database;
        this.store = store;
        this.worker = worker;
    }

    /** Where the bytes are. */
    public BlobStore store() {
        return store;
    }

    /** Begins a content, which ends by {@link #keep} or its own cancel. Worker thread. */
    public StagedBlob stage() throws IOException {
        return store.stage();
    }

    /**
     * Makes a staged content durable, once for all who have the same. It stays for the collection's grace, in which a table has
     * to refer to it. Fails as {@link StagedBlob#commit} does; nothing is staged any more then.
     */
    public Future<BlobId> keep(StagedBlob staged) {
        BlobId id = BlobId.of(staged.fingerprint());
        return claims.ask(id)
                .compose(claimed -> worker.executeBlocking(staged::commit, false))
                .recover(failure -> worker.executeBlocking(
                        () -> {
                            staged.cancel();
                            throw failure instanceof Exception told ? told : new IllegalStateException(failure);
                        },
                        false));
    }

    private Future<Map<BlobId, Boolean>> claimTogether(List<BlobId> contents) {
        return claim(contents)
                .map(claimed -> contents.stream().distinct().collect(Collectors.toMap(id -> id, id -> true)));
    }

    /** Lets contents stay for the collection's grace from now on, as {@link #keep} does. */
    public Future<Void> claim(List<BlobId> contents) {
        return database.call("select claim_blobs($1, $2)", columns(contents)).mapEmpty();
    }

    /** Digests and sizes, as two arrays. */
    static Tuple columns(List<BlobId> contents) {
        return Tuple.tuple()
                .addArrayOfString(contents.stream().map(BlobId::sha256).toArray(String[]::new))
                .addArrayOfLong(contents.stream().map(BlobId::size).toArray(Long[]::new));
    }
}

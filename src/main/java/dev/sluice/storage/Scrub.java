package dev.sluice.storage;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads everything whose digest is known, and tells and quarantines what is not as it was. Never blocks. */
public final class Scrub {
    private static final String PAGE = """
            select job_id, owner, path, path_digest, size, modified_nanos, changed_nanos, inode, crc32, sha256
            from content_index
            where (crc32 is not null or sha256 is not null) and (job_id, path_digest) > ($1, $2)
            order by job_id, path_digest
            limit 500""";

    private final Database database;
    private final BlobStore blobs;
    private final Quarantine quarantine;
    private final WorkerExecutor worker;

    public Scrub(Database database, BlobStore blobs, Quarantine quarantine, WorkerExecutor worker) {
        this.database = database;
        this.blobs = blobs;
        this.quarantine = quarantine;
        this.worker = worker;
    }

    /** What was read, and how much of it was bad. */
    public record Report(int blobs, int files, int bad) {
        private Report blob(Optional<String> fault) {
            return new Report(blobs + 1, files, bad + (fault.isPresent() ? 1 : 0));
        }

        private Report file(Optional<String> fault) {
            return new Report(blobs, files + 1, bad + (fault.isPresent() ? 1 : 0));
        }
    }

    /**
     * Reads all blobs, then all indexed files, one after the other.
     *
     * @param told one line for each that is bad
     */
    public Future<Report> run(Consumer<String> told) {
        return worker.executeBlocking(this::listed, false)
                .compose(all -> eachBlob(all.iterator(), new Report(0, 0, 0), told))
                .compose(report -> eachPage("", new byte[0], report, told));
    }

    private List<BlobId> listed() throws IOException {
        List<BlobId> all = new ArrayList<>();
        blobs.list(blob -> all.add(blob.id()));
        return all;
    }

    private Future<Report> eachBlob(Iterator<BlobId> left, Report report, Consumer<String> told) {
        if (!left.hasNext()) {
            return Future.succeededFuture(report);
        }
        BlobId blob = left.next();
        return quarantine.check(blob).compose(fault -> {
            fault.ifPresent(what -> told.accept("blob " + blob.sha256() + " " + what));
            return eachBlob(left, report.blob(fault), told);
        });
    }

    private Future<Report> eachPage(String afterJob, byte[] afterDigest, Report report, Consumer<String> told) {
        return database.as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery(PAGE)
                                .execute(Tuple.of(afterJob).addValue(buffer(afterDigest))))
                .compose(rows -> {
                    List<Row> page = new ArrayList<>();
                    rows.forEach(page::add);
                    if (page.isEmpty()) {
                        return Future.succeededFuture(report);
                    }
                    Row last = page.get(page.size() - 1);
                    return eachFile(page.iterator(), report, told)
                            .compose(read -> eachPage(
                                    last.getString("job_id"),
                                    last.getBuffer("path_digest").getBytes(),
                                    read,
                                    told));
                });
    }

    private static Buffer buffer(byte[] bytes) {
        return Buffer.buffer(bytes);
    }

    private Future<Report> eachFile(Iterator<Row> left, Report report, Consumer<String> told) {
        if (!left.hasNext()) {
            return Future.succeededFuture(report);
        }
        Row row = left.next();
        LiveFile file = new LiveFile(
                row.getString("job_id"),
                row.getString("path"),
                new FileIdentity(
                        row.getLong("size"),
                        row.getLong("modified_nanos"),
                        row.getLong("changed_nanos"),
                        row.getLong("inode")),
                0);
        @Nullable Long crc32 = row.getLong("crc32");
        @Nullable String sha256 = row.getString("sha256");
        ContentFacts known =
                new ContentFacts(Optional.ofNullable(crc32), Optional.ofNullable(sha256), Optional.empty());
        return quarantine.check(row.getString("owner"), file, known).compose(fault -> {
            fault.ifPresent(what -> told.accept("file " + file.path() + " of job " + file.jobId() + " " + what));
            return eachFile(left, report.file(fault), told);
        });
    }
}

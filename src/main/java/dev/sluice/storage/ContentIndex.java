package dev.sluice.storage;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sluice.cache.Lookups;
import dev.sluice.database.Actor;
import dev.sluice.database.Batches;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Facts about live files, in PostgreSQL so that replicas agree, keyed by the job, the path and the state that
 * {@code lstat} shows. Never blocks.
 */
public final class ContentIndex {
    /** Facts only ever add up, so being late costs no more than finding one out again. */
    private static final Duration KEPT = Duration.ofSeconds(1);

    private static final int MOST_KEPT = 1_000;

    /** Larger answers are shared only by those who wait for them. Files. */
    private static final int MOST_FILES_KEPT = 1_000;

    /** Of one transaction: to make one durable takes as long as to make many. */
    private static final int MOST_TOGETHER = 64;

    private static final String RECORD =
            "select * from record_content($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    private final Database database;
    private final Clock clock;
    private final Lookups<Subtree, Known> recent =
            new Lookups<>(KEPT, MOST_KEPT, known -> known.byPath.size() <= MOST_FILES_KEPT, Ticker.systemTicker());

    private final Batches<Recording, ContentFacts> recordings =
            new Batches<>(Database.PIPELINED_CONNECTIONS, MOST_TOGETHER, this::recordTogether);

    /** Two who record the same at once lock copies and files in the same order. */
    private static final Comparator<Recording> IN_ORDER = Comparator.comparing((Recording recording) ->
                    recording.copy().map(BlobId::sha256).orElse(""))
            .thenComparing(recording -> recording.file().jobId())
            .thenComparing(recording -> recording.file().path());

    private record Recording(String owner, LiveFile file, ContentFacts facts) {
        Optional<BlobId> copy() {
            return facts.encoding()
                    .filter(ContentEncoding.Deflated.class::isInstance)
                    .map(encoding -> ((ContentEncoding.Deflated) encoding).copy());
        }
    }

    private record Subtree(String owner, String jobId, String path) {}

    public ContentIndex(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The facts about one subtree's files as one look-up found them; a file in another state than then has none. */
    public static final class Known {
        private final Map<String, Indexed> byPath;

        private Known(Map<String, Indexed> byPath) {
            this.byPath = byPath;
        }

        public ContentFacts of(LiveFile file) {
            Indexed indexed = byPath.get(file.path());
            return indexed != null && indexed.identity().equals(file.identity()) ? indexed.facts() : ContentFacts.NONE;
        }

        /** How far an unfinished CRC-32 has come. */
        Checksum.Checkpoint checkpoint(LiveFile file) {
            Indexed indexed = byPath.get(file.path());
            return indexed != null && indexed.identity().equals(file.identity())
                    ? indexed.checkpoint()
                    : Checksum.Checkpoint.START;
        }
    }

    private record Indexed(FileIdentity identity, ContentFacts facts, Checksum.Checkpoint checkpoint) {}

    /**
     * What is known of the files at or below a path; the empty path is the whole job. What another process has recorded
     * within the last second may be missing.
     */
    public Future<Known> find(String owner, String jobId, String subtree) {
        return recent.find(
                new Subtree(owner, jobId, subtree),
                () -> database.call("select * from content_of($1, $2, $3)", Tuple.of(owner, jobId, subtree))
                        .map(ContentIndex::known));
    }

    /** Forgets all facts about one state of a file. */
    Future<Void> forget(String owner, LiveFile file) {
        FileIdentity identity = file.identity();
        return database.as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery("""
                                delete from content_index where owner = $1 and job_id = $2 and path_digest = $3
                                    and (size, modified_nanos, changed_nanos, inode) = ($4, $5, $6, $7)""")
                                .execute(Tuple.of(owner, file.jobId(), digest(file.path()))
                                        .addLong(identity.size())
                                        .addLong(identity.modifiedNanos())
                                        .addLong(identity.changedNanos())
                                        .addLong(identity.inode())))
                .onSuccess(deleted -> forget(file.jobId()))
                .mapEmpty();
    }

    /** What this process was told within the last second. */
    void forgetRecent() {
        recent.forget(subtree -> true);
    }

    private void forget(String jobId) {
        recent.forget(subtree -> subtree.jobId().equals(jobId));
    }

    /**
     * Remembers facts about a state of a file, unless that state is too young to be told from the next.
     *
     * @return all that is known now; where somebody else has chosen an encoding first, theirs
     */
    public Future<ContentFacts> record(String owner, LiveFile file, ContentFacts facts) {
        return isSettled(file) ? recordOwn(owner, file, facts) : Future.succeededFuture(facts);
    }

    /** As {@link #record}, of a file whose present state this process has itself put in place. */
    public Future<ContentFacts> recordOwn(String owner, LiveFile file, ContentFacts facts) {
        return recordings
                .ask(new Recording(owner, file, facts))
                .onSuccess(recorded -> forget(file.jobId()))
                .map(recorded -> recorded.orElse(facts));
    }

    private Future<Map<Recording, ContentFacts>> recordTogether(List<Recording> recordings) {
        List<Recording> ordered = recordings.stream().sorted(IN_ORDER).toList();
        List<Tuple> arguments = ordered.stream().map(ContentIndex::arguments).toList();
        return database.callEach(RECORD, arguments).map(rows -> {
            Map<Recording, ContentFacts> recorded = new HashMap<>();
            RowSet<Row> own = rows;
            for (Recording recording : ordered) {
                recorded.put(recording, known(own).of(recording.file()).or(recording.facts()));
                own = own.next();
            }
            return recorded;
        });
    }

    private static Tuple arguments(Recording recording) {
        ContentFacts facts = recording.facts();
        Tuple arguments = state(recording.owner(), recording.file());
        arguments.addValue(facts.crc32().orElse(null));
        arguments.addValue(facts.sha256().orElse(null));
        arguments.addValue(facts.encoding()
                .map(encoding -> encoding instanceof ContentEncoding.Deflated ? "deflated" : "stored")
                .orElse(null));
        arguments.addValue(recording.copy().map(BlobId::sha256).orElse(null));
        arguments.addValue(recording.copy().map(BlobId::size).orElse(null));
        return arguments;
    }

    /** Remembers how far the CRC-32 of a large file has come, unless the file is too young. */
    Future<Void> checkpoint(String owner, LiveFile file, Checksum.Checkpoint reached) {
        return isSettled(file)
                ? database.call(
                                "select checkpoint_content($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                                state(owner, file).addLong(reached.position()).addLong(reached.crc32()))
                        .onSuccess(kept -> forget(file.jobId()))
                        .mapEmpty()
                : Future.succeededFuture();
    }

    private static Tuple state(String owner, LiveFile file) {
        FileIdentity identity = file.identity();
        return Tuple.of(owner, file.jobId(), digest(file.path()), file.path())
                .addLong(identity.size())
                .addLong(identity.modifiedNanos())
                .addLong(identity.changedNanos())
                .addLong(identity.inode());
    }

    private boolean isSettled(LiveFile file) {
        return !file.identity().isYoung(clock.instant());
    }

    private static Known known(RowSet<Row> rows) {
        Map<String, Indexed> byPath = new HashMap<>();
        for (Row row : rows) {
            FileIdentity identity = new FileIdentity(
                    row.getLong("size"),
                    row.getLong("modified_nanos"),
                    row.getLong("changed_nanos"),
                    row.getLong("inode"));
            byPath.put(
                    row.getString("path"),
                    new Indexed(
                            identity,
                            new ContentFacts(
                                    Optional.ofNullable(row.getLong("crc32")),
                                    Optional.ofNullable(row.getString("sha256")),
                                    encoding(row)),
                            checkpoint(row)));
        }
        return new Known(byPath);
    }

    private static Checksum.Checkpoint checkpoint(Row row) {
        @Nullable Long position = row.getLong("crc32_position");
        return position == null
                ? Checksum.Checkpoint.START
                : new Checksum.Checkpoint(position, row.getLong("crc32_so_far"));
    }

    private static Optional<ContentEncoding> encoding(Row row) {
        @Nullable String encoding = row.getString("encoding");
        if (encoding == null) {
            return Optional.empty();
        }
        return Optional.of(
                encoding.equals("deflated")
                        ? new ContentEncoding.Deflated(
                                new BlobId(row.getString("deflated_sha256"), row.getLong("deflated_size")))
                        : new ContentEncoding.Stored());
    }

    private static byte[] digest(String path) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}

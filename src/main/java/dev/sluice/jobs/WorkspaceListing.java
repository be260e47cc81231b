package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.OpenFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a job's live directory holds. Blocks: worker threads only. */
public final class WorkspaceListing {
    private static final String MODEL = "model";
    private static final String EVERYTHING = "";
    private static final String LEADERBOARD = "models/leaderboard.csv";
    private static final String LOG = "training.log";
    private static final String PROGRESS = "progress.json";

    private final Workspace workspace;

    public WorkspaceListing(Workspace workspace) {
        this.workspace = workspace;
    }

    /** Empty when the job wrote no model yet. */
    Optional<Snapshot> model(JobId id) throws IOException {
        return workspace.walk(id.value(), MODEL);
    }

    /** Smallest first. */
    List<LiveFile> files(JobId id) throws IOException {
        return workspace.walk(id.value(), EVERYTHING).map(Snapshot::files).orElse(List.of());
    }

    /** Throws 404 when the job has none, and 409 when its file is no table: then its trainer can help, not the reader. */
    JsonNode leaderboard(JobId id) throws IOException {
        try {
            return table(id)
                    .orElseThrow(() -> new ProblemException(Problem.notFound("Leaderboard not found")))
                    .toJson();
        } catch (Leaderboard.Unreadable unreadable) {
            throw new ProblemException(Problem.conflict("Leaderboard cannot be read: " + unreadable.getMessage()));
        }
    }

    /** Empty when the job has none. */
    public Optional<Leaderboard> table(JobId id) throws IOException, Leaderboard.Unreadable {
        Optional<LiveFile> file = find(id, LEADERBOARD);
        return file.isEmpty() ? Optional.empty() : Optional.of(Leaderboard.parse(content(file.get())));
    }

    /** How far the job is, in its own words and log: each null when there is none yet, or none that can be read. */
    JsonNode tail(JobId id, long after) throws IOException {
        ObjectNode json = Json.object();
        Optional<LiveFile> log = find(id, LOG);
        json.set(
                "log",
                log.isEmpty() ? null : LogTail.read(workspace, log.get(), after).toJson());
        json.set("progress", progress(id));
        return json;
    }

    private @Nullable JsonNode progress(JobId id) throws IOException {
        Optional<LiveFile> file = find(id, PROGRESS).filter(found -> found.size() <= LogTail.MAX_BYTES);
        if (file.isEmpty()) {
            return null;
        }
        try {
            return JsonReader.read(content(file.get()), Faults.ofBody());
        } catch (ProblemException | Leaderboard.Unreadable | ContentChanged halfWritten) {
            return null;
        }
    }

    private Optional<LiveFile> find(JobId id, String path) throws IOException {
        try {
            return workspace.find(id.value(), EntryName.parse(path));
        } catch (InvalidEntryName impossible) {
            throw new IllegalArgumentException(path, impossible);
        }
    }

    private byte[] content(LiveFile file) throws IOException, Leaderboard.Unreadable {
        if (file.size() > Leaderboard.MAX_SIZE) {
            throw new Leaderboard.Unreadable("more than " + Leaderboard.MAX_SIZE + " bytes");
        }
        ByteBuffer content = ByteBuffer.allocate((int) file.size());
        try (OpenFile open = workspace.open(file)) {
            while (content.hasRemaining() && open.channel().read(content, content.position()) >= 0) {
                // A short file leaves a rest, and the check below fails.
            }
            open.recheck();
        }
        return content.array();
    }
}

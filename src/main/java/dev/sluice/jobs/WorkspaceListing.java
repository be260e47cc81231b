package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.OpenFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** What a job's live directory holds, as JSON. Blocks: worker threads only. */
final class WorkspaceListing {
    private static final String MODEL = "model";
    private static final String EVERYTHING = "";
    private static final String LEADERBOARD = "models/leaderboard.csv";

    private final Workspace workspace;

    WorkspaceListing(Workspace workspace) {
        this.workspace = workspace;
    }

    /** A job that wrote no model yet has no checkpoints. */
    JsonNode checkpoints(JobId id) throws IOException {
        List<Checkpoint> checkpoints =
                workspace.walk(id.value(), MODEL).map(Checkpoint::in).orElse(List.of());
        ObjectNode json = Json.object();
        json.set("checkpoints", Json.array(checkpoints, checkpoint -> checkpoint.toJson(id)));
        return json;
    }

    /** Smallest first. */
    JsonNode files(JobId id) throws IOException {
        List<LiveFile> files =
                workspace.walk(id.value(), EVERYTHING).map(Snapshot::files).orElse(List.of());
        ObjectNode json = Json.object();
        json.set("files", Json.array(files, file -> file(id, file)));
        return json;
    }

    private static JsonNode file(JobId id, LiveFile file) {
        return Json.object()
                .put("path", file.path())
                .put("size", file.size())
                .put("modified_at", file.modified().toString())
                .putNull("sha256")
                .put("url", JobUrls.file(id, file.path()));
    }

    /** Throws 404 when the job has none, and 409 when its file is no table: then its trainer can help, not the reader. */
    JsonNode leaderboard(JobId id) throws IOException {
        Optional<LiveFile> file = find(id, LEADERBOARD);
        if (file.isEmpty()) {
            throw new ProblemException(Problem.notFound("Leaderboard not found"));
        }
        try {
            return Leaderboard.parse(content(file.get())).toJson();
        } catch (Leaderboard.Unreadable unreadable) {
            throw new ProblemException(Problem.conflict("Leaderboard cannot be read: " + unreadable.getMessage()));
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

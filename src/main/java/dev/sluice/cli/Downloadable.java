package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;

/** Something large that can be downloaded. Blocking. */
final class Downloadable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of more, nginx takes a part and waits, which cannot be told from not buffering. Bytes. */
    private static final long BUFFERED_WHOLE = 1L << 30;

    private final Way way;

    Downloadable(Way way) {
        this.way = way;
    }

    /** What the address itself names, else the largest model that nginx would buffer whole by default, else the latest job's. */
    URI find() throws IOException {
        URI server = way.server();
        if (!server.getPath().isEmpty() && !server.getPath().equals("/")) {
            return server;
        }
        if (way.token().isEmpty()) {
            throw new IOException("Without a token there is nothing to download: give one, or the URL of a link");
        }
        JsonNode largest = JSON.createObjectNode();
        for (JsonNode model :
                JSON.readTree(way.text("/api/models?limit=100")).path("data").path("models")) {
            long size = model.path("size").asLong();
            if (size < BUFFERED_WHOLE && size > largest.path("size").asLong(-1)) {
                largest = model;
            }
        }
        if (largest.has("id")) {
            return server.resolve("/api/models/" + largest.path("id").asText() + "/archive");
        }
        JsonNode job = JSON.readTree(way.text("/api/training/jobs?limit=1&status=completed"))
                .path("jobs")
                .path(0);
        if (job.isMissingNode()) {
            throw new IOException("The token's owner has nothing to download: give the URL of a download");
        }
        return server.resolve("/api/training/" + job.path("job_id").asText() + "/download/model");
    }
}

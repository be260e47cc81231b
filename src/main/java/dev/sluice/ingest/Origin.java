package dev.sluice.ingest;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where the bytes of a partial file come from: what it takes to ask for the rest of the same bytes.
 *
 * @param source the URL that was asked first, before redirects
 * @param tag the strong entity tag, when there is one (RFC 9110 §8.8.1); without it nothing can be resumed,
 *     for the rest might be that of another file
 * @param total bytes of the whole file, when the upstream told
 */
record Origin(String source, Optional<String> tag, OptionalLong total) {
    /** What a later process needs to go on. */
    record Checkpoint(Origin origin, List<Segment> segments) {
        /**
         * Whether a file of so many bytes can be gone on with: the segments cover it from end to end, and none says that more was
         * written than is there.
         */
        boolean fits(long size) {
            long next = 0;
            for (Segment segment : segments) {
                boolean inOrder = segment.start() == next
                        && segment.start() <= segment.position()
                        && segment.position() <= segment.end();
                if (!inOrder || (segment.position() > segment.start() && segment.position() > size)) {
                    return false;
                }
                next = segment.end();
            }
            return origin.resumable() && next == origin.total().orElse(Segment.OPEN_END);
        }

        JsonObject toJson() {
            JsonArray ranges = new JsonArray();
            segments.forEach(segment -> ranges.add(
                    new JsonArray().add(segment.start()).add(segment.position()).add(segment.end())));
            return new JsonObject()
                    .put("source", origin.source())
                    .put("tag", origin.tag().orElse(null))
                    .put("total", origin.total().isPresent() ? origin.total().getAsLong() : null)
                    .put("segments", ranges);
        }
    }

    boolean resumable() {
        return tag.isPresent() && total.isPresent();
    }

    /** Throws what the JSON classes throw for what {@link Checkpoint#toJson} did not write. */
    static Checkpoint read(JsonObject json) {
        Long total = json.getLong("total");
        Origin origin = new Origin(
                json.getString("source"),
                Optional.ofNullable(json.getString("tag")),
                total == null ? OptionalLong.empty() : OptionalLong.of(total));
        List<Segment> segments = json.getJsonArray("segments").stream()
                .map(JsonArray.class::cast)
                .map(range -> new Segment(range.getLong(0), range.getLong(1), range.getLong(2)))
                .toList();
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("no segments");
        }
        return new Checkpoint(origin, segments);
    }
}

package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.OpenFile;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The end of a log that may still grow.
 *
 * @param from where the text begins, in bytes
 * @param next where to go on: a character that is not whole yet is left for the next time
 */
record LogTail(long size, long from, long next, String text) {
    /** Most bytes of one answer. */
    static final int MAX_BYTES = 64 << 10;

    /**
     * What came after a position, or its end when that is long past, or when the log is shorter now and so another. Worker thread.
     */
    static LogTail read(Workspace workspace, LiveFile log, long after) throws IOException {
        long from = Math.max(after > log.size() ? 0 : after, log.size() - MAX_BYTES);
        ByteBuffer bytes = ByteBuffer.allocate((int) (log.size() - from));
        try (OpenFile open = workspace.open(log)) {
            while (bytes.hasRemaining() && open.channel().read(bytes, from + bytes.position()) >= 0) {
                // A log that was cut meanwhile ends early, and begins anew the next time.
            }
        }
        bytes.flip();
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE)
                .decode(bytes, text, false);
        return new LogTail(
                log.size(), from, from + bytes.position(), text.flip().toString());
    }

    ObjectNode toJson() {
        return Json.object()
                .put("size", size)
                .put("from", from)
                .put("next", next)
                .put("text", text);
    }
}

package dev.sluice.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Contents to try things on, and files that hold them. */
final class ContentFile {
    private ContentFile() {}

    static FileChannel open(Path directory, byte[] content) throws IOException {
        return FileChannel.open(Files.write(Files.createTempFile(directory, "content", ""), content));
    }

    /** Incompressible, the same for the same seed. */
    static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Lines as a training log has them, cut at {@code size}. */
    static byte[] log(int size) {
        StringBuilder lines = new StringBuilder(size + 100);
        Random random = new Random(1);
        for (int step = 0; lines.length() < size; step++) {
            lines.append("step=")
                    .append(step)
                    .append(" loss=")
                    .append(random.nextFloat())
                    .append(" lr=5e-05\n");
        }
        return lines.substring(0, size).getBytes(StandardCharsets.US_ASCII);
    }
}

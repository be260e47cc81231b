package dev.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Secrets kept in files of their own, as container platforms mount them. */
final class SecretFile {
    /** Far beyond any key; whoever names a device or a disk image gets a fault, not an exhausted heap. */
    private static final int MOST_BYTES = 64 * 1024;

    private SecretFile() {}

    /** The key whose value names the file that holds {@code key}'s. */
    static String key(String key) {
        return key + "-file";
    }

    /** @throws IllegalArgumentException whose message completes the sentence "key …" */
    static Secret read(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException("names a file larger than 64KiB");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            String secret = text.replaceFirst("\\r?\\n\\z", "");
            if (secret.isBlank()) {
                throw new IllegalArgumentException("names an empty file");
            }
            return new Secret(secret);
        } catch (CharacterCodingException binary) {
            throw new IllegalArgumentException("names a file that is not UTF-8 text", binary);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("names no file that can be read", unreadable);
        }
    }
}

package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.Command.StorageCopy.Place;
import dev.sluice.config.Settings;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.StagedBlob;
import dev.sluice.storage.s3.FaultyS3;
import dev.sluice.storage.s3.TestS3;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageCopyTest {
    @TempDir
    Path data;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final StorageCommands commands = new StorageCommands(new PrintStream(output, true, UTF_8));
    private final TestS3 s3 = TestS3.start();
    private final FaultyS3 line = new FaultyS3(s3);
    private final TestS3.Bucket bucket = s3.bucket();

    @BeforeEach
    void fill() throws Exception {
        blob(data, "one");
        blob(data, "two");
        blob(data, "");
    }

    @AfterEach
    void stop() {
        assertThat(bucket.uploads()).isEmpty();
        line.close();
        s3.close();
    }

    private static BlobId blob(Path data, String content) throws Exception {
        try (StagedBlob staged = new LocalBlobStore(data.resolve("store")).stage()) {
            staged.write(ByteBuffer.wrap(content.getBytes(UTF_8)));
            return staged.commit();
        }
    }

    private ServerConfig config(Path directory) throws Exception {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data.dir", directory.toString());
        settings.put("s3.endpoint", line.endpoint().toString());
        settings.put("s3.bucket", bucket.name());
        settings.put("s3.access-key", TestS3.ACCESS_KEY);
        settings.put("s3.secret-key", TestS3.SECRET_KEY);
        return ServerConfig.from(Settings.read(Optional.empty(), Map.of(), settings), ServerConfig.Mode.TOOL);
    }

    private String said() {
        String said = output.toString(UTF_8);
        output.reset();
        return said;
    }

    @Test
    void everythingIsCopiedOnceAndReadBack() throws Exception {
        commands.copy(config(data), Place.LOCAL, Place.S3);
        assertThat(said()).contains("3 blobs (6 bytes) were copied and read back, 0 were there before, 0 are bad");
        assertThat(bucket.keys()).hasSize(3);
        commands.copy(config(data), Place.LOCAL, Place.S3);
        assertThat(said()).contains("0 blobs (0 bytes) were copied and read back, 3 were there before, 0 are bad");
    }

    @Test
    void aCopyThatBrokeOffIsRunAgain() throws Exception {
        line.fail(request -> request.method().equals("PUT"), new FaultyS3.Status(403), 1);
        assertThatThrownBy(() -> commands.copy(config(data), Place.LOCAL, Place.S3))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("can be run again");
        commands.copy(config(data), Place.LOCAL, Place.S3);
        assertThat(bucket.keys()).hasSize(3);
    }

    @Test
    void theWayBackIsTheSame() throws Exception {
        commands.copy(config(data), Place.LOCAL, Place.S3);
        Path other = Files.createDirectory(data.resolve("other"));
        commands.copy(config(other), Place.S3, Place.LOCAL);
        LocalBlobStore copied = new LocalBlobStore(other.resolve("store"));
        for (String content : List.of("one", "two", "")) {
            assertThat(copied.exists(blob(data, content))).isTrue();
        }
    }

    @Test
    void badContentIsToldAndNotCopied() throws Exception {
        BlobId bad = blob(data, "bad");
        String name = bad.sha256();
        Path file = data.resolve("store").resolve(Path.of("blobs", name.substring(0, 2), name.substring(2, 4), name));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(file, "dab");
        assertThatThrownBy(() -> commands.copy(config(data), Place.LOCAL, Place.S3))
                .isInstanceOf(CommandFailed.class);
        assertThat(said()).contains(name, "3 blobs (6 bytes) were copied", "1 are bad");
        assertThat(bucket.keys()).hasSize(3).noneMatch(key -> key.contains(name));
    }

    @Test
    void aCopyNeedsTwoStores() {
        assertThatThrownBy(() -> commands.copy(config(data), Place.S3, Place.S3))
                .isInstanceOf(CommandFailed.class);
    }
}

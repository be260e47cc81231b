package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Settings;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.StagedBlob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Upkeep beside a running server. */
class StorageCommandsTest {
    private static TestServer server;
    private static LocalBlobStore blobs;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final StorageCommands commands = new StorageCommands(new PrintStream(output, true, StandardCharsets.UTF_8));

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        blobs = new LocalBlobStore(store());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Path store() {
        return server.workspace().resolveSibling("store");
    }

    private static ServerConfig config() throws InvalidConfiguration {
        Map<String, String> settings = Map.of(
                "data.dir",
                server.workspace().resolveSibling("").toString(),
                "database.url",
                server.database().url());
        return ServerConfig.from(Settings.read(Optional.empty(), Map.of(), settings), ServerConfig.Mode.TOOL);
    }

    private static BlobId blob(String content) throws IOException {
        try (StagedBlob staged = blobs.stage()) {
            staged.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
            return staged.commit();
        }
    }

    private static Path file(BlobId blob) {
        String name = blob.sha256();
        return store().resolve(Path.of("blobs", name.substring(0, 2), name.substring(2, 4), name));
    }

    private String said() {
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aScrubFailsWhenSomethingIsBadAndNotAgainOnceThatIsQuarantined() throws Exception {
        BlobId bad = blob("bad");
        Files.setPosixFilePermissions(file(bad), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(file(bad), "dab");
        assertThatThrownBy(() -> commands.scrub(config())).isInstanceOf(CommandFailed.class);
        assertThat(said()).contains("blob " + bad.sha256() + " has other bytes", "1 are bad");
        assertThat(file(bad)).doesNotExist();
        output.reset();
        commands.scrub(config());
        assertThat(said()).contains("0 are bad");
    }

    @Test
    void collectionDeletesOnlyWhatNothingReferredToForADay() throws Exception {
        BlobId old = blob("old");
        BlobId young = blob("young");
        Files.setLastModifiedTime(file(old), FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        commands.collect(config());
        assertThat(said()).contains("1 blobs were deleted");
        assertThat(file(old)).doesNotExist();
        assertThat(file(young)).exists();
    }
}

package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecureDirectoryTest {
    private static final Path FILE = Path.of("file");

    @TempDir
    Path root;

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        NothingLeftOpen.assertNoDescriptorsUnder(root);
    }

    @Test
    void readingALinkFails() throws Exception {
        Files.writeString(root.resolve("file"), "f");
        Files.createSymbolicLink(root.resolve("link"), FILE);
        try (SecureDirectory directory = SecureDirectory.open(root)) {
            assertThatThrownBy(() -> directory.read(Path.of("link"))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aLinkToADirectoryIsNotEntered() throws Exception {
        Files.createDirectory(root.resolve("real"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("real"));
        try (SecureDirectory directory = SecureDirectory.open(root)) {
            assertThat(directory.enter(Path.of("link"))).isEmpty();
            directory.enter(Path.of("real")).orElseThrow().close();
        }
    }

    @Test
    void anEnteredDirectoryStaysTheSameWhenALinkTakesItsName() throws Exception {
        Files.writeString(Files.createDirectory(root.resolve("inside")).resolve("file"), "public");
        Files.writeString(Files.createDirectory(root.resolve("outside")).resolve("file"), "secret");
        try (SecureDirectory parent = SecureDirectory.open(root);
                SecureDirectory inside = parent.enter(Path.of("inside")).orElseThrow()) {
            Files.move(root.resolve("inside"), root.resolve("aside"));
            Files.createSymbolicLink(root.resolve("inside"), Path.of("outside"));
            assertThat(inside.stat(FILE))
                    .as("what the path leads to now is another inode")
                    .isEmpty();
            try (FileChannel channel = inside.read(FILE)) {
                ByteBuffer bytes = ByteBuffer.allocate(16);
                channel.read(bytes);
                assertThat(StandardCharsets.UTF_8.decode(bytes.flip()).toString())
                        .isEqualTo("public");
            }
        }
    }
}

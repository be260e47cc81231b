package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.archive.EntryName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of one mebibyte, where this user may mount one. */
class FullDiskTest {
    private static final int DISK = 1 << 20;

    @TempDir
    Path directory;

    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mountDisk() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK, "sluice-test", disk.toString());
        assumeTrue(mounted, "this user may not mount a file system");
    }

    @AfterEach
    void unmountDisk() throws Exception {
        if (mounted) {
            // Fails when a descriptor is left open.
            assertThat(run("umount", disk.toString())).isTrue();
        }
    }

    @Test
    void anUploadThatFillsTheDiskFailsAsFullAndGivesItsSpaceBack() throws Exception {
        Workspace workspace = new Workspace(disk.resolve("workspace"));
        Files.createDirectories(disk.resolve("workspace/job"));
        Files.writeString(disk.resolve("workspace/job/kept"), "kept");
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("large"))) {
            assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(2 * DISK)))
                    .isInstanceOf(StorageFull.class);
        }
        NothingLeftOpen.assertNothingStaged(disk.resolve("workspace"));
        LiveFile kept = workspace.find("job", EntryName.parse("kept")).orElseThrow();
        try (OpenFile open = workspace.open(kept)) {
            assertThat(WorkspaceFixture.read(open)).isEqualTo("kept");
        }
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("small"))) {
            upload.write(ByteBuffer.allocate(DISK / 2));
            assertThat(upload.commit().size()).isEqualTo(DISK / 2);
        }
    }

    @Test
    void aBlobThatFillsTheDiskFailsAsFullAndGivesItsSpaceBack() throws Exception {
        LocalBlobStore store = new LocalBlobStore(disk.resolve("store"));
        byte[] content = ContentFile.random(4 * DISK, 1);
        try (FileChannel channel = ContentFile.open(directory, content);
                StagedBlob blob = store.stage()) {
            ParallelDeflater deflater = new ParallelDeflater(Runnable::run, 1);
            assertThatThrownBy(() -> deflater.deflate(channel, content.length, blob::write, Progress.IGNORED))
                    .isInstanceOf(StorageFull.class);
        }
        NothingLeftOpen.assertNothingStaged(disk.resolve("store"));
    }

    @Test
    void theCallersOwnFailedWriteIsToldApartToo() throws Exception {
        Workspace workspace = new Workspace(disk);
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("large"));
                FileChannel own = FileChannel.open(upload.path(), StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> {
                        ByteBuffer bytes = ByteBuffer.allocate(2 * DISK);
                        while (bytes.hasRemaining()) {
                            own.write(bytes);
                        }
                    })
                    .isInstanceOfSatisfying(
                            IOException.class,
                            failure -> assertThat(StorageFull.orCause(failure, disk))
                                    .isInstanceOf(StorageFull.class));
            IOException other = new IOException("Eingabe-/Ausgabefehler");
            assertThat(StorageFull.orCause(other, disk))
                    .as("nothing is left, whatever it says")
                    .isInstanceOf(StorageFull.class);
            upload.cancel();
        }
        IOException other = new IOException("Input/output error");
        assertThat(StorageFull.orCause(other, disk)).isSameAs(other);
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }
}

package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.archive.EntryName;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StagedUploadTest extends WorkspaceFixture {
    @Test
    void committedBytesAppearUnderTheirPathWithTheDirectoriesThatLeadThere() throws Exception {
        LiveFile live = upload("model/checkpoint-1/weights.bin", "weights");
        assertThat(job.resolve("model/checkpoint-1/weights.bin")).hasContent("weights");
        assertThat(live).isEqualTo(find("model/checkpoint-1/weights.bin"));
        try (OpenFile open = workspace.open(live)) {
            assertThat(read(open)).isEqualTo("weights");
        }
    }

    @Test
    void theFirstFileOfAJobMakesItsDirectory() throws Exception {
        try (StagedUpload upload = workspace.stage("new-job", EntryName.parse("training.log"))) {
            upload.write(utf8("line"));
            upload.commit();
        }
        assertThat(root.resolve("new-job/training.log")).hasContent("line");
    }

    @Test
    void nothingIsSeenBeforeTheCommit() throws Exception {
        write("model/weights", "old");
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("model/weights"))) {
            upload.write(utf8("new and half"));
            assertThat(job.resolve("model/weights")).hasContent("old");
            assertThat(workspace.walk("job", "model").orElseThrow().files()).hasSize(1);
        }
        assertThat(job.resolve("model/weights")).hasContent("old");
    }

    @Test
    void whoHasTheOldFileOpenKeepsItsBytesAndLearnsOfTheReplacement() throws Exception {
        write("model/weights", "old");
        try (OpenFile open = workspace.open(find("model/weights"))) {
            upload("model/weights", "new");
            assertThat(read(open)).isEqualTo("old");
            assertThatThrownBy(open::recheck).isInstanceOf(ContentChanged.class);
        }
    }

    @Test
    void theFingerprintIsOfAllBytesWrittenByEitherWay() throws Exception {
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("check"), new ContentHasher(true));
                FileChannel own = FileChannel.open(upload.path(), StandardOpenOption.WRITE)) {
            upload.write(utf8("12345"));
            ByteBuffer rest = utf8("6789");
            upload.update(rest);
            own.write(rest, 5);
            // The check value of CRC-32/ISO-HDLC, and what sha256sum and sha512sum print.
            Fingerprint fingerprint = upload.fingerprint();
            assertThat(fingerprint.size()).isEqualTo(9);
            assertThat(fingerprint.crc32()).isEqualTo(0xCBF43926L);
            assertThat(fingerprint.sha256())
                    .isEqualTo("15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
            assertThat(fingerprint.sha512().orElseThrow()).startsWith("d9e6762dd1c8eaf6d61b3c6192fc408d");
            upload.commit();
        }
        assertThat(job.resolve("check")).hasContent("123456789");
    }

    @Test
    void bytesThatWereHashedButNotWrittenAreNeverPublished() throws Exception {
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("weights"))) {
            upload.write(utf8("here"));
            upload.update(utf8("lost"));
            assertThatThrownBy(upload::commit).isInstanceOf(ContentChanged.class);
        }
        assertThat(job.resolve("weights")).doesNotExist();
    }

    @Test
    void anEmptyFileIsAFile() throws Exception {
        assertThat(upload("empty", "").size()).isZero();
    }

    @Test
    void aDirectoryInTheWayIsAConflictAndStays() throws Exception {
        Files.createDirectories(job.resolve("model"));
        assertThatThrownBy(() -> upload("model", "x")).isInstanceOf(PathConflict.class);
        assertThat(job.resolve("model")).isEmptyDirectory();
    }

    @Test
    void aFileOrLinkAsAParentIsAConflict() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        write("file", "f");
        Files.createSymbolicLink(job.resolve("link"), outside);
        Files.createSymbolicLink(job.resolve("dangling"), directory.resolve("nowhere"));
        for (String path : List.of("file/x", "link/x", "link/new/x", "dangling/x")) {
            assertThatThrownBy(() -> upload(path, "x")).as(path).isInstanceOf(PathConflict.class);
        }
        assertThat(outside).isEmptyDirectory();
        assertThat(directory.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aLinkInTheFilesPlaceIsReplacedAndNotFollowed() throws Exception {
        Path outside = Files.writeString(directory.resolve("outside"), "untouched");
        Files.createSymbolicLink(job.resolve("weights"), outside);
        upload("weights", "new");
        assertThat(outside).hasContent("untouched");
        assertThat(job.resolve("weights")).isRegularFile().hasContent("new");
        assertThat(Files.isSymbolicLink(job.resolve("weights"))).isFalse();
    }

    @Test
    void aPathThatNoFileCanHaveIsRefusedAtOnce() throws Exception {
        EntryName tooLong = EntryName.parse("n/".repeat(2040) + "n");
        assertThatThrownBy(() -> workspace.stage("job", tooLong)).isInstanceOf(PathConflict.class);
        for (String jobId : List.of("..", "", ".staging", "a/b", "j".repeat(256))) {
            assertThatThrownBy(() -> workspace.stage(jobId, EntryName.parse("file")))
                    .as(jobId)
                    .isInstanceOf(PathConflict.class);
        }
    }

    @Test
    void anUploadEndsOnce() throws Exception {
        StagedUpload upload = workspace.stage("job", EntryName.parse("once"));
        upload.commit();
        upload.cancel();
        upload.close();
        assertThat(job.resolve("once")).exists();
        assertThatThrownBy(upload::commit).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aGuardSeesTheFileThatWouldBeReplacedAndMayKeepIt() throws Exception {
        write("model/weights", "old");
        LiveFile old = find("model/weights");
        List<Optional<LiveFile>> seen = new ArrayList<>();
        for (String path : List.of("model/weights", "model/none", "none/none")) {
            StagedUpload upload = workspace.stage("job", EntryName.parse(path));
            upload.write(utf8("new"));
            assertThatThrownBy(() -> upload.commit(current -> {
                        seen.add(current);
                        throw new IllegalArgumentException("kept");
                    }))
                    .hasMessage("kept");
            assertThat(upload.path()).doesNotExist();
        }
        assertThat(seen).containsExactly(Optional.of(old), Optional.empty(), Optional.empty());
        assertThat(find("model/weights")).isEqualTo(old);
        assertThat(job.resolve("model/none")).doesNotExist();
    }

    /** Nor would a download find one there. */
    @Test
    void aLinkIsNoFileToAGuard() throws Exception {
        Files.createSymbolicLink(job.resolve("link"), Files.writeString(directory.resolve("outside"), "untouched"));
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("link"))) {
            upload.commit(current -> assertThat(current).isEmpty());
        }
        assertThat(directory.resolve("outside")).hasContent("untouched");
    }

    @Test
    void uploadsThatMakeTheSameDirectoriesAtOnceAllArrive() throws Exception {
        int uploads = 4;
        ExecutorService threads = Executors.newFixedThreadPool(uploads);
        try {
            for (int round = 0; round < 20; round++) {
                String parent = "round-" + round + "/a/b/";
                CyclicBarrier together = new CyclicBarrier(uploads);
                List<Callable<LiveFile>> tasks = IntStream.range(0, uploads)
                        .<Callable<LiveFile>>mapToObj(i -> () -> {
                            together.await();
                            return upload(parent + i, "content " + i);
                        })
                        .toList();
                for (Future<LiveFile> arrived : threads.invokeAll(tasks)) {
                    assertThat(workspace.open(arrived.get())).satisfies(OpenFile::close);
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void whoSwapsAParentForALinkNeverGetsAnythingWrittenWhereTheLinkLeads() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path model = job.resolve("model");
        AtomicInteger asides = new AtomicInteger();
        try (Racing swapping = Racing.repeat(() -> {
            if (Files.exists(model)) {
                Files.move(model, job.resolve("aside-" + asides.incrementAndGet()));
            }
            try {
                Files.createSymbolicLink(model, outside);
                Files.delete(model);
            } catch (FileAlreadyExistsException uploadWasFaster) {
                assertThat(model).isDirectory();
            }
        })) {
            for (int round = 0; round < 40; round++) {
                uploadOrConflict("model/new-" + round + "/weights");
            }
            assertThat(swapping.rounds()).isPositive();
        }
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void whatAnEarlierProcessLeftIsCollectedAndWhatIsYoungIsNot() throws Exception {
        Path left = Files.writeString(root.resolve(".staging/left"), "half");
        Path leftDirectory = Files.createDirectory(root.resolve(".staging/left-directory"));
        FileTime yesterday = FileTime.from(Instant.now().minus(Duration.ofDays(1)));
        Files.setLastModifiedTime(left, yesterday);
        Files.setLastModifiedTime(leftDirectory, yesterday);
        try (StagedUpload upload = workspace.stage("job", EntryName.parse("young"))) {
            workspace.collectStaged(Duration.ofHours(1));
            assertThat(left).doesNotExist();
            assertThat(leftDirectory).doesNotExist();
            assertThat(upload.path()).exists();
        }
    }

    private LiveFile upload(String path, String content) throws Exception {
        try (StagedUpload upload = workspace.stage("job", EntryName.parse(path))) {
            upload.write(utf8(content));
            return upload.commit();
        }
    }

    private void uploadOrConflict(String path) throws Exception {
        try {
            upload(path, "new");
        } catch (StorageFailure | FileSystemException refused) {
            assertThat(refused).isNotInstanceOf(StorageFull.class);
        }
    }
}

package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that are large in every direction, over a socket. Nothing here was indexed before it is asked for. */
class ArchiveScaleTest {
    private static final long FOUR_GIB = 4L << 30;
    private static final long NINE_GB = 9_000_000_000L;

    private static TestServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void entriesAndOffsetsBeyondFourGibibytesAreReadByRanges() throws Exception {
        running("huge");
        server.write("huge", "model/empty.txt", new byte[0]);
        Files.createDirectories(server.workspace().resolve("huge/model/no files"));
        sparse("huge", "model/first.bin", FOUR_GIB + 3);
        sparse("huge", "model/second.bin", NINE_GB);
        String path = "/api/training/huge/download/model";
        HttpResponse<byte[]> head = server.head(server.token("alice"), path);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isGreaterThan(NINE_GB + FOUR_GIB);

        RemoteZip remote = new RemoteZip(path, head);
        try (ZipFile zip = ZipFile.builder().setSeekableByteChannel(remote).get()) {
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
            assertThat(entries)
                    .extracting(ZipArchiveEntry::getName)
                    .containsExactlyInAnyOrder("no files/", "empty.txt", "first.bin", "second.bin");
            assertThat(zip.getEntry("second.bin").getSize()).isEqualTo(NINE_GB);
            assertThat(zip.getEntry("second.bin").getDataOffset()).isGreaterThan(FOUR_GIB);
            assertThat(lastBytes(remote, zip.getEntry("first.bin"))).isEqualTo("the end");
            assertThat(lastBytes(remote, zip.getEntry("second.bin"))).isEqualTo("the end");
        }
    }

    @Test
    void seventyThousandEntriesAreAllThere() throws Exception {
        running("many");
        Path model = server.workspace().resolve("many/model");
        for (int i = 0; i < 70_000; i++) {
            Path shard = model.resolve("shard-" + i / 1_000);
            if (i % 1_000 == 0) {
                Files.createDirectories(shard);
            }
            Files.writeString(shard.resolve("tensor-" + i), "tensor " + i);
        }
        Path saved = directory.resolve("many.zip");
        HttpResponse<byte[]> head = server.head(server.token("alice"), "/api/training/many/download/model");
        try (InputStream body = stream("/api/training/many/download/model")) {
            Files.copy(body, saved);
        }
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(Files.size(saved));
        try (ZipFile zip = ZipFile.builder().setPath(saved).get()) {
            assertThat(Collections.list(zip.getEntries()).stream().filter(entry -> !entry.isDirectory()))
                    .hasSize(70_000);
            for (int i : new int[] {0, 34_567, 65_535, 65_536, 69_999}) {
                ZipArchiveEntry entry = zip.getEntry("shard-" + i / 1_000 + "/tensor-" + i);
                // Reads to the end, so its CRC-32 is checked too.
                assertThat(zip.getInputStream(entry).readAllBytes())
                        .asString(UTF_8)
                        .isEqualTo("tensor " + i);
            }
        }
    }

    @Test
    void aNameOfNearlyFourThousandBytesIsKept() throws Exception {
        running("deep");
        String name = ("d".repeat(240) + "/").repeat(15) + "ü".repeat(100);
        server.write("deep", "model/" + name, "deep".getBytes(UTF_8));
        Path saved = Files.write(
                directory.resolve("deep.zip"),
                server.get(server.token("alice"), "/api/training/deep/download/model")
                        .body());
        try (ZipFile zip = ZipFile.builder().setPath(saved).get()) {
            assertThat(zip.getInputStream(zip.getEntry(name)).readAllBytes())
                    .asString(UTF_8)
                    .isEqualTo("deep");
        }
    }

    @Test
    void aTransferHoldsAtMostTwoDescriptorsWhereverItPauses() throws Exception {
        int entries = 24;
        running("paused");
        for (int i = 0; i < entries; i++) {
            // So large that no socket buffer takes a whole entry.
            sparse("paused", "model/part-" + i, 9_000_000 + i);
        }
        int most = 0;
        try (RawConnection reader = RawConnection.to(server)) {
            // A tar needs no checksums, which have a descriptor of their own.
            reader.head("GET", server.token("alice"), "/api/training/paused/download/model?format=tar");
            reader.receive("HEAD");
            for (int i = 0; i < entries; i++) {
                reader.skip(9_000_000);
                most = Math.max(most, openFilesOf("paused").size());
            }
        }
        assertThat(most).isBetween(1, 2);
        new Metrics(server).awaitIdle();
        assertThat(openFilesOf("paused")).isEmpty();
    }

    private static void running(String job) {
        server.register("alice", job);
    }

    private static void sparse(String job, String path, long size) throws IOException {
        Path file = server.write(job, path, new byte[0]);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
            sparse.seek(size - "the end".length());
            sparse.write("the end".getBytes(UTF_8));
        }
    }

    private static String lastBytes(RemoteZip zip, ZipArchiveEntry entry) {
        assertThat(entry.getMethod()).isEqualTo(ZipArchiveEntry.STORED);
        ByteBuffer bytes = ByteBuffer.allocate("the end".length());
        zip.position(entry.getDataOffset() + entry.getSize() - bytes.capacity());
        zip.read(bytes);
        return new String(bytes.array(), UTF_8);
    }

    private static InputStream stream(String path) throws Exception {
        return java.net.http.HttpClient.newHttpClient()
                .send(server.request(server.token("alice"), path).build(), HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    /** Links of this process's descriptors that lead to a part of the job; a directory is open for no longer than a look. */
    private static List<Path> openFilesOf(String job) throws IOException {
        Path directory = server.workspace().toRealPath().resolve(job);
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(ArchiveScaleTest::target)
                    .filter(target -> target.startsWith(directory)
                            && target.getFileName().toString().startsWith("part-"))
                    .toList();
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException closedMeanwhile) {
            return descriptor;
        }
    }

    /** A remote zip as if it were a file: every read is a range of the same version. */
    private static final class RemoteZip implements SeekableByteChannel {
        private final String path;
        private final String tag;
        private final long size;
        private long position;

        RemoteZip(String path, HttpResponse<byte[]> head) {
            this.path = path;
            this.tag = head.headers().firstValue("ETag").orElseThrow();
            this.size = head.headers().firstValueAsLong("Content-Length").orElseThrow();
        }

        @Override
        public int read(ByteBuffer into) {
            if (position >= size) {
                return -1;
            }
            long last = Math.min(size, position + into.remaining()) - 1;
            HttpResponse<byte[]> part =
                    server.get(server.token("alice"), path, "Range", "bytes=" + position + "-" + last, "If-Range", tag);
            assertThat(part.statusCode()).isEqualTo(206);
            into.put(part.body());
            position += part.body().length;
            return part.body().length;
        }

        @Override
        public SeekableByteChannel position(long newPosition) {
            position = newPosition;
            return this;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}

        @Override
        public int write(ByteBuffer from) {
            throw new UncheckedIOException(new IOException("a remote zip cannot be written"));
        }

        @Override
        public SeekableByteChannel truncate(long newSize) {
            throw new UncheckedIOException(new IOException("a remote zip cannot be cut"));
        }
    }
}

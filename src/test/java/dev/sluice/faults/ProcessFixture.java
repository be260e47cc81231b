package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A database and a data directory for servers in processes of their own, one after the other. */
abstract class ProcessFixture {
    static final String BIG = "/api/training/job/files/model/big.bin";
    static final String SMALL = "/api/training/job/files/model/small.bin";

    @TempDir
    Path directory;

    Path data;
    TestDatabase database;

    @BeforeEach
    void prepare() throws IOException {
        database = TestDatabase.fresh();
        data = directory.resolve("data");
        Files.createDirectories(data);
    }

    @AfterEach
    void drop() {
        database.close();
    }

    ServerProcess start() {
        return ServerProcess.start(data, database, Map.of());
    }

    /** Written as a trainer on the same volume does, and all zero. */
    Path sparse(String path, long size) throws IOException {
        Path file = data.resolve("workspace/job").resolve(path);
        Files.createDirectories(file.getParent());
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        }
        return file;
    }

    /** A download whose head has come, and whose body waits to be read. */
    static Wire reading(ServerProcess server, String path) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Wire wire = new Wire(server.port());
            wire.send(Wire.head("GET", path, ServerProcess.token("alice")));
            String head = wire.readHead();
            if (!head.startsWith("HTTP/1.1 503") || System.nanoTime() > deadline) {
                assertThat(head).startsWith("HTTP/1.1 200");
                return wire;
            }
            // Too busy: it is come again, as clients do.
            wire.close();
        }
    }

    static long count(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        }
    }
}

package dev.sluice.server;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Map;

/** A file of a completed job that no socket buffer holds as a whole, so that whoever does not read it holds it up. */
final class BigFile {
    static final long SIZE = 96L << 20;

    private BigFile() {}

    /** Of zeroes; it takes no space. Returns its path on the server. */
    static String of(TestServer server, String owner, String job) throws IOException {
        server.completed(owner, job, Map.of("model/small.bin", new byte[] {1}));
        return beside(server, job);
    }

    /** Of a job that runs; nothing of it is uploaded. */
    static String ofRunning(TestServer server, String owner, String job) throws IOException {
        server.register(owner, job);
        server.write(job, "model/small.bin", new byte[] {1});
        return beside(server, job);
    }

    private static String beside(TestServer server, String job) throws IOException {
        Path file = server.write(job, "model/big.bin", new byte[0]);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(SIZE);
        }
        return "/api/training/" + job + "/files/model/big.bin";
    }
}

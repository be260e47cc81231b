package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The blob store as its files and as the database's rows, which must not disagree. Blocking. */
record BlobFiles(Path data, TestDatabase database) {
    Path path(String sha256) {
        return data.resolve("store/blobs")
                .resolve(sha256.substring(0, 2))
                .resolve(sha256.substring(2, 4))
                .resolve(sha256);
    }

    /**
     * Every file is what its name says and has its row, and whatever is referred to has its file: at any moment, also after a
     * crash. A row without a file is left by who was stopped between the two, and refers to nothing.
     */
    void agreeWithTheirRows() throws IOException {
        Map<String, Long> files = new HashMap<>();
        for (Path file : all(data.resolve("store/blobs"))) {
            byte[] content = Files.readAllBytes(file);
            assertThat(sha256(content)).isEqualTo(file.getFileName().toString());
            files.put(sha256(content), (long) content.length);
        }
        assertThat(rows("select digest, size from blobs where state = 'live'")).containsAllEntriesOf(files);
        assertThat(files).containsAllEntriesOf(rows("""
                select sha256, size from model_files where not directory
                union select deflated_sha256, deflated_size from model_files where deflated_sha256 is not null
                union select deflated_sha256, deflated_size from content_index where deflated_sha256 is not null"""));
    }

    private Map<String, Long> rows(String sql) {
        return TestDatabase.await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection.query(sql).execute().map(rows -> {
                            Map<String, Long> sizes = new HashMap<>();
                            rows.forEach(row -> sizes.put(row.getString(0), row.getLong(1)));
                            return sizes;
                        })));
    }

    /** All regular files, none of them staged or aside. */
    private static List<Path> all(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}

package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a safetensors file says of itself: it is a short summary, or a finding. */
class SafetensorsFuzzTest {
    private static final int LONGEST_SUMMARY = 4096;

    @TempDir
    private static Path dir;

    /** A header, whose length is put before it; the same bytes as a whole file too. */
    @FuzzTest(maxDuration = "1m")
    void everyFileIsSummedUpOrFound(byte[] input) throws IOException {
        check(ByteBuffer.wrap(input));
        check(ByteBuffer.allocate(Long.BYTES + input.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(input.length)
                .put(input)
                .flip());
    }

    private static void check(ByteBuffer content) throws IOException {
        try (FileChannel file = FileChannel.open(
                dir.resolve("m.safetensors"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            file.write(content);
            Inspection inspection = Inspections.of("m.safetensors", file, file.size());
            inspection.summary().ifPresent(summary -> {
                assertThat(summary.path("parameters").bigIntegerValue().signum())
                        .isNotNegative();
                assertThat(summary.toString()).hasSizeLessThan(LONGEST_SUMMARY);
            });
            assertThat(inspection.summary().isPresent())
                    .isNotEqualTo(inspection.safety().isPresent());
        }
    }
}

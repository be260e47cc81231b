package dev.sluice.models;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a pickle's bytes are: there is a judgement, and what runs a command before them is found. */
class PicklesFuzzTest {
    private static final byte[] DANGER = "\u0080\u0002cposix\nsystem\n".getBytes(ISO_8859_1);
    private static final int MOST_FINDINGS = 60;
    private static final int LONGEST_FINDING = 300;

    @TempDir
    private static Path dir;

    @FuzzTest(maxDuration = "1m")
    void everyPickleIsJudged(byte[] input) throws IOException {
        inspect(input);
        ByteArrayOutputStream dangerous = new ByteArrayOutputStream();
        dangerous.writeBytes(DANGER);
        dangerous.writeBytes(input);
        Inspection inspection = inspect(dangerous.toByteArray());
        assertThat(inspection.safety()).contains(Inspection.Safety.SUSPICIOUS);
        assertThat(inspection.findings()).contains("posix.system");
    }

    private static Inspection inspect(byte[] content) throws IOException {
        try (FileChannel file = FileChannel.open(
                dir.resolve("m.pkl"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(content));
            Inspection inspection = Inspections.of("m.pkl", file, content.length);
            assertThat(inspection.findings())
                    .hasSizeLessThan(MOST_FINDINGS)
                    .allSatisfy(finding -> assertThat(finding).hasSizeLessThan(LONGEST_FINDING));
            return inspection;
        }
    }
}

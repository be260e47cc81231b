package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressibilityTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1_000, 128 * 1024, 128 * 1024 + 1, 3 * MIB})
    void textIsWorthDeflatingAndNoiseIsNot(int size) throws Exception {
        assertThat(compressible(ContentFile.log(size))).isTrue();
        assertThat(compressible(ContentFile.random(size, 1))).isFalse();
    }

    @Test
    void weightsAreNot() throws Exception {
        ByteBuffer weights = ByteBuffer.allocate(4 * MIB);
        Random random = new Random(1);
        while (weights.hasRemaining()) {
            weights.putFloat((float) random.nextGaussian());
        }
        assertThat(compressible(weights.array())).isFalse();
    }

    @Test
    void underSixtyFourBytesNothingIs() throws Exception {
        assertThat(compressible(new byte[0])).isFalse();
        assertThat(compressible(new byte[63])).isFalse();
        assertThat(compressible(new byte[64])).isTrue();
    }

    @Test
    void samplesReachFromTheFirstByteToTheLast() throws Exception {
        // A text header of 64 KiB before noise, or after it, is not taken for the whole.
        byte[] noise = ContentFile.random(4 * MIB, 2);
        System.arraycopy(ContentFile.log(64 * 1024), 0, noise, 0, 64 * 1024);
        assertThat(compressible(noise)).isFalse();
        byte[] text = ContentFile.log(4 * MIB);
        System.arraycopy(ContentFile.random(64 * 1024, 2), 0, text, 0, 64 * 1024);
        assertThat(compressible(text)).isTrue();
    }

    @Test
    void aFileThatIsShorterThanPlannedIsAChange() throws Exception {
        try (FileChannel channel = ContentFile.open(directory, ContentFile.log(1_000))) {
            assertThatThrownBy(() -> Compressibility.of(channel, 1_001)).isInstanceOf(ContentChanged.class);
        }
    }

    private boolean compressible(byte[] content) throws IOException {
        try (FileChannel channel = ContentFile.open(directory, content)) {
            return Compressibility.of(channel, content.length);
        }
    }
}

package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.storage.Checksum.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7})
    void checksumsOfAFileAreThoseOfItsBytes(int size) throws Exception {
        byte[] content = ContentFile.random(size, size);
        ContentHasher expected = new ContentHasher();
        expected.update(ByteBuffer.wrap(content));
        try (FileChannel channel = ContentFile.open(directory, content)) {
            assertThat(Checksum.fingerprint(channel, size, Progress.IGNORED)).isEqualTo(expected.finish());
            assertThat(Checksum.crc32(channel, size, Checkpoint.START, reached -> {}))
                    .isEqualTo(expected.finish().crc32());
        }
    }

    @Test
    void aCrcGoesOnFromAnyCheckpoint() throws Exception {
        int size = 4 * MIB + 99;
        byte[] content = ContentFile.random(size, 1);
        List<Checkpoint> checkpoints = new ArrayList<>(List.of(Checkpoint.START));
        try (FileChannel channel = ContentFile.open(directory, content)) {
            long whole = Checksum.crc32(channel, size, Checkpoint.START, checkpoints::add);
            assertThat(whole).isEqualTo(crc32(content, 0, size));
            assertThat(checkpoints).hasSize(6).last().isEqualTo(new Checkpoint(size, whole));
            for (Checkpoint checkpoint : checkpoints) {
                assertThat(checkpoint.crc32()).isEqualTo(crc32(content, 0, (int) checkpoint.position()));
                List<Checkpoint> since = new ArrayList<>();
                assertThat(Checksum.crc32(channel, size, checkpoint, since::add))
                        .isEqualTo(whole);
                assertThat(since).isEqualTo(checkpoints.subList(checkpoints.indexOf(checkpoint) + 1, 6));
            }
        }
    }

    @Test
    void whoIsToldOfProgressMayEndTheWork() throws Exception {
        try (FileChannel channel = ContentFile.open(directory, new byte[3 * MIB])) {
            List<Long> reached = new ArrayList<>();
            assertThatThrownBy(() -> Checksum.fingerprint(channel, 3 * MIB, position -> {
                        reached.add(position);
                        throw new CancellationException();
                    }))
                    .isInstanceOf(CancellationException.class);
            assertThat(reached).containsExactly((long) MIB);
        }
    }

    @Test
    void onlyTheBytesThatWerePlannedCountAndFewerAreAChange() throws Exception {
        byte[] content = ContentFile.random(100, 1);
        try (FileChannel channel = ContentFile.open(directory, content)) {
            assertThat(Checksum.crc32(channel, 60, Checkpoint.START, reached -> {}))
                    .isEqualTo(crc32(content, 0, 60));
            assertThatThrownBy(() -> Checksum.crc32(channel, 101, Checkpoint.START, reached -> {}))
                    .isInstanceOf(ContentChanged.class);
            assertThatThrownBy(() -> Checksum.fingerprint(channel, 101, Progress.IGNORED))
                    .isInstanceOf(ContentChanged.class);
        }
    }

    @Test
    void combiningTwoCrcsGivesTheOneOfBothContents() {
        Random random = new Random(4);
        byte[] content = ContentFile.random(5_000, 4);
        for (int i = 0; i < 500; i++) {
            int cut = random.nextInt(content.length + 1);
            assertThat(Crc32.combine(crc32(content, 0, cut), crc32(content, cut, content.length), content.length - cut))
                    .as("cut at %s", cut)
                    .isEqualTo(crc32(content, 0, content.length));
        }
    }

    @Test
    void combiningReachesBeyondFourGigabytes() {
        // Seven times 1 GiB of zeros, by doubling and by adding up, which the polynomial's period does not make alike.
        long gib = 1L << 30;
        long one = crc32(new byte[MIB], 0, MIB);
        for (long size = MIB; size < gib; size *= 2) {
            one = Crc32.combine(one, one, size);
        }
        long left = one;
        for (int i = 1; i < 7; i++) {
            left = Crc32.combine(left, one, gib);
        }
        long two = Crc32.combine(one, one, gib);
        long six = Crc32.combine(two, Crc32.combine(two, two, 2 * gib), 4 * gib);
        assertThat(Crc32.combine(one, six, 6 * gib)).isEqualTo(left);
    }

    private static long crc32(byte[] content, int from, int to) {
        CRC32 crc32 = new CRC32();
        crc32.update(content, from, to - from);
        return crc32.getValue();
    }
}

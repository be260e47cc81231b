package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The annotated dumps were written from the specifications, by other code than ours. */
class GoldenBytesTest {
    private static final byte[] LEADERBOARD = "step,loss\n".getBytes(US_ASCII);
    private static final byte[] LOG = "loss 0.5\n".repeat(4).getBytes(US_ASCII);
    /** One zlib's work, fixed: other zlibs write other bytes. */
    private static final byte[] DEFLATED_LOG = HexFormat.of().parseHex("cbc92f2e5630d033e5cac1cd0000");

    @Test
    void aZipIsTheDumpByteForByte() throws IOException {
        Sample sample = new Sample().directory("model", 0755).file("model/weights.bin", LEADERBOARD, 0644);
        Entry log =
                Entry.deflated(EntryName.parse("training.log"), LOG.length, DEFLATED_LOG.length, Sample.MODIFIED, 0600);
        sample.add(log, LOG, DEFLATED_LOG);

        assertThat(sample.bytes(sample.zip())).isEqualTo(dump("golden.zip.txt"));
    }

    @Test
    void aTarIsTheDumpByteForByte() throws IOException {
        Sample sample = new Sample()
                .directory("model", 0755)
                .file("model/weights.bin", LEADERBOARD, 0644)
                .file("mödel.bin", new byte[0], 0600);

        assertThat(sample.bytes(sample.tar())).isEqualTo(dump("golden.tar.txt"));
    }

    @Test
    void anEmptyZipIsItsEndRecordAlone() {
        byte[] zip = new Sample().bytes(ArchiveLayout.zip(List.of()));

        assertThat(zip).isEqualTo(HexFormat.of().parseHex("504b0506" + "00".repeat(18)));
    }

    @Test
    void anEmptyTarIsTwoBlocksOfZeros() {
        assertThat(new Sample().bytes(ArchiveLayout.tar(List.of()))).isEqualTo(new byte[1024]);
    }

    /** Lines of {@code offset  hex bytes  comment}, columns at 0, 6 and 55; {@code 00*n} is n zeros. */
    private static byte[] dump(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream in = Objects.requireNonNull(GoldenBytesTest.class.getResourceAsStream(name))) {
            new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> {
                        assertThat(bytes.size()).as(line).isEqualTo(HexFormat.fromHexDigits(line, 0, 4));
                        for (String octets : line.substring(6, Math.min(55, line.length()))
                                .trim()
                                .split(" ", -1)) {
                            if (octets.startsWith("00*")) {
                                bytes.writeBytes(new byte[Integer.parseInt(octets.substring(3))]);
                            } else {
                                bytes.write(HexFormat.fromHexDigits(octets));
                            }
                        }
                    });
        }
        return bytes.toByteArray();
    }
}

package dev.sluice.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;

/** Whatever stands in a link: it comes back as it was signed, or not at all. */
class LinksFuzzTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final LinkSigner SIGNER = new LinkSigner(
            List.of(LinkKey.of("k1", "a key of the tests, 32 bytes....".getBytes(UTF_8))),
            Clock.fixed(NOW, ZoneOffset.UTC));

    @FuzzTest(maxDuration = "1m")
    void linksComeBackAsSignedOrNotAtAll(FuzzedDataProvider data) {
        DownloadLink link = new DownloadLink(
                new UUID(data.consumeLong(), data.consumeLong()),
                data.consumeAsciiString(100),
                BitSet.valueOf(data.consumeBytes(64)),
                data.consumeAsciiString(10),
                data.consumeAsciiString(255),
                data.consumeLong(),
                data.consumeLong(),
                NOW.plusSeconds(data.consumeInt(1, 3600)),
                data.consumeAsciiString(300));
        int at = data.consumeInt(0, Integer.MAX_VALUE);
        int bit = data.consumeInt(0, 7);
        String foreign = data.consumeRemainingAsString();

        String token = SIGNER.sign(link);
        assertThat(SIGNER.verify(token)).contains(link);
        byte[] changed = Base64.getUrlDecoder().decode(token);
        changed[at % changed.length] ^= (byte) (1 << bit);
        assertThat(SIGNER.verify(Base64.getUrlEncoder().withoutPadding().encodeToString(changed)))
                .isEmpty();
        assertThat(SIGNER.verify(token + foreign).isPresent()).isEqualTo(foreign.isEmpty());
        assertThat(SIGNER.verify(foreign)).isEmpty();
        assertThat(SIGNER.verify(Base64.getUrlEncoder().withoutPadding().encodeToString(foreign.getBytes(UTF_8))))
                .isEmpty();
    }
}

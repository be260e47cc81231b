package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LinkSignerTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final LinkKey OLD = key("k1");
    private static final LinkKey NEW = key("k2");
    private static final DownloadLink LINK = link("w.bin", "ann", NOW.plusSeconds(60));

    private final LinkSigner signer = signer(NOW, OLD);

    @Test
    void whatWasSignedIsReadAsItWas() {
        assertThat(signer.verify(signer.sign(LINK))).contains(LINK);
    }

    @Test
    void aTokenWithAnyBitOfAnyByteFlippedIsNone() {
        byte[] token = Base64.getUrlDecoder().decode(signer.sign(LINK));
        for (int at = 0; at < token.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = token.clone();
                flipped[at] ^= (byte) (1 << bit);
                assertThat(signer.verify(encoded(flipped)))
                        .as("bit " + bit + " of byte " + at)
                        .isEmpty();
            }
        }
    }

    @Test
    void aTokenThatWasCutOrProlongedIsNone() {
        byte[] token = Base64.getUrlDecoder().decode(signer.sign(LINK));
        for (int length = 0; length < token.length; length++) {
            assertThat(signer.verify(encoded(Arrays.copyOf(token, length)))).isEmpty();
        }
        assertThat(signer.verify(encoded(Arrays.copyOf(token, token.length + 1))))
                .isEmpty();
    }

    @Test
    void ofAllSpellingsOfATokenOneIsTaken() {
        // Names of three lengths, for tokens that end in each of the three ways of base64.
        for (String name : List.of("a", "ab", "abc")) {
            String token = signer.sign(link(name, "ann", NOW.plusSeconds(60)));
            assertThat(signer.verify(token)).isPresent();
            byte[] bytes = Base64.getUrlDecoder().decode(token);
            assertThat(signer.verify(token + "=")).isEmpty();
            assertThat(signer.verify(token + "\n")).isEmpty();
            if (bytes.length % 3 != 0) {
                assertThat(signer.verify(Base64.getUrlEncoder().encodeToString(bytes)))
                        .as("padded")
                        .isEmpty();
                assertThat(signer.verify(otherUnusedBits(token, bytes))).isEmpty();
            }
        }
        assertThat(List.of("a", "ab", "abc"))
                .extracting(name ->
                        signer.sign(link(name, "ann", NOW.plusSeconds(60))).length() % 4)
                .containsExactlyInAnyOrder(0, 2, 3);
    }

    /** The same bytes for a lenient decoder. */
    private static String otherUnusedBits(String token, byte[] bytes) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(token.charAt(token.length() - 1));
        String other = token.substring(0, token.length() - 1) + alphabet.charAt(last | 1);
        assertThat(Base64.getUrlDecoder().decode(other)).isEqualTo(bytes);
        assertThat(other).isNotEqualTo(token);
        return other;
    }

    @Test
    void aLinkEndsWithTheSecondItNames() {
        String token = signer.sign(LINK);
        assertThat(signer(LINK.expiresAt().minusNanos(1), OLD).verify(token)).isPresent();
        assertThat(signer(LINK.expiresAt(), OLD).verify(token)).isEmpty();
    }

    @Test
    void theFirstKeySignsAndAllVerify() {
        String old = signer.sign(LINK);
        LinkSigner both = signer(NOW, NEW, OLD);
        assertThat(both.verify(old)).contains(LINK);
        assertThat(signer.verify(both.sign(LINK)))
                .as("signed by a key that is not known here")
                .isEmpty();
        assertThat(signer(NOW, NEW).verify(both.sign(LINK))).contains(LINK);
        both.use(List.of(NEW));
        assertThat(both.verify(old)).as("its key is removed").isEmpty();
    }

    @Test
    void whereOneFieldEndsAndTheNextBeginsIsSigned() {
        // Neighbours, with the same bytes in a row.
        byte[] one = Base64.getUrlDecoder().decode(signer.sign(neighbours("zip", "xann")));
        byte[] other = Base64.getUrlDecoder().decode(signer.sign(neighbours("zipx", "ann")));
        assertThat(one).hasSameSizeAs(other);
        assertThat(Arrays.copyOfRange(one, one.length - 32, one.length))
                .isNotEqualTo(Arrays.copyOfRange(other, other.length - 32, other.length));
    }

    private static DownloadLink neighbours(String format, String subject) {
        return new DownloadLink(new UUID(1, 2), "tag", new BitSet(), format, subject, 7, 0, NOW.plusSeconds(60), "w");
    }

    @Test
    void anotherKeyOfTheSameNameVerifiesNothing() {
        LinkKey other = LinkKey.of(OLD.id(), "another secret of thirty-two bytes".getBytes(StandardCharsets.UTF_8));
        assertThat(signer(NOW, other).verify(signer.sign(LINK))).isEmpty();
    }

    private static DownloadLink link(String filename, String subject, Instant expiry) {
        BitSet files = new BitSet();
        files.set(3);
        return new DownloadLink(new UUID(1, 2), "tag", files, "file", subject, 7, 0, expiry, filename);
    }

    private static LinkKey key(String id) {
        return LinkKey.of(id, ("a secret of thirty-two bytes, " + id).getBytes(StandardCharsets.UTF_8));
    }

    private static LinkSigner signer(Instant now, LinkKey... keys) {
        return new LinkSigner(List.of(keys), Clock.fixed(now, ZoneOffset.UTC));
    }

    private static String encoded(byte[] token) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }
}

package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestFieldTest {
    /** RFC 9530 Appendix B.1 and Appendix D: the digests of {@code {"hello": "world"}} and a line feed. */
    private static final String CONTENT = "{\"hello\": \"world\"}\n";

    private static final String SHA_256 = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
    private static final String SHA_512 =
            "YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==";

    @Test
    void theExamplesOfTheRfcAreReadAndWritten() throws Exception {
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(CONTENT.getBytes(StandardCharsets.UTF_8));
        byte[] sha512 = MessageDigest.getInstance("SHA-512").digest(CONTENT.getBytes(StandardCharsets.UTF_8));

        DigestField.Declared declared = declared("sha-256=:" + SHA_256 + ":, sha-512=:" + SHA_512 + ":");

        assertThat(declared.sha256()).contains(sha256);
        assertThat(declared.sha512()).contains(sha512);
        assertThat(Digest.of(Digest.Algorithm.SHA_256, sha256).field()).isEqualTo("sha-256=:" + SHA_256 + ":");
        assertThat(Digest.of(Digest.Algorithm.SHA_512, sha512).field()).isEqualTo("sha-512=:" + SHA_512 + ":");
        assertThat(Digest.of(Digest.Algorithm.SHA_256, sha256).legacyField()).isEqualTo("sha-256=" + SHA_256);
    }

    @ParameterizedTest
    @EnumSource
    void whatTheJdkComputesByAnAlgorithmIsADigestOfIt(Digest.Algorithm algorithm) throws Exception {
        byte[] computed =
                MessageDigest.getInstance(algorithm.javaName()).digest(CONTENT.getBytes(StandardCharsets.UTF_8));

        assertThat(declared(Digest.of(algorithm, computed).field()).digests())
                .hasEntrySatisfying(
                        algorithm,
                        digest -> assertThat(digest.matches(computed)).isTrue());
    }

    @Test
    void anAbsentFieldDeclaresNothing() {
        assertThat(DigestField.parse(null)).isEqualTo(new DigestField.Declared(Map.of()));
        assertThat(DigestField.parseLegacy(null)).isEqualTo(new DigestField.Declared(Map.of()));
        assertThat(declared("  ").sha256()).isEmpty();
    }

    /** RFC 9530 §2: a recipient ignores what it does not support; RFC 9651 §3: any type and parameters. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "md5=:AAAA:, %s",
                "%s, md5=:AAAA:",
                "a, %s",
                "a=1, b=-2.5, c=tok/en:x, d=?0, e=@1659578233, f=%%\"f%%c3%%bc\", %s",
                "a=\"x, sha-256=:AAAA:, \\\"y\", %s",
                "a=(\"x)\" y, :AAAA:);q=1, %s",
                "a;p=\"x,\";q, %s",
                "%s;p=1;q=\"a,b\"",
                "sha-256x=1, %s",
                "*sha-256=1,\t%s  ",
                "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:, %s",
            })
    void onlyTheKnownAlgorithmCounts(String field) {
        assertThat(declared(field.formatted("sha-256=:" + SHA_256 + ":")).digests())
                .containsExactly(Map.entry(Digest.Algorithm.SHA_256, new Digest(Digest.Algorithm.SHA_256, SHA_256)));
    }

    /** RFC 9651 §3.1.2 lists the characters of a key. */
    @ParameterizedTest
    @ValueSource(chars = {'0', '9', 'a', 'z', '_', '-', '.', '*'})
    void aLongerKeyIsAnotherAlgorithm(char next) {
        assertThat(declared("sha-256" + next + "=1, z" + next + "=1").digests()).isEmpty();
        assertThat(declared("sha-256" + next + "=:" + SHA_256 + ":").digests()).isEmpty();
    }

    /** RFC 9651 §4.2.7: a recipient should accept missing padding. */
    @Test
    void missingPaddingIsAccepted() {
        assertThat(declared("sha-256=:" + SHA_256.replace("=", "") + ":"))
                .isEqualTo(declared("sha-256=:" + SHA_256 + ":"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha-256",
                "sha-256=",
                "sha-256=::",
                "sha-256=:AAAA:",
                "sha-256=AAAA",
                "sha-256=\"x\"",
                "sha-256=?1",
                "sha-256=:" + SHA_256,
                "sha-256=:" + SHA_256 + ", md5=:AAAA:",
                "sha-256=:" + SHA_256 + ", :",
                "sha-256=" + SHA_256,
                "sha-256= :" + SHA_256 + ":",
                "sha-256" + SHA_256 + ":",
                "sha-256=:" + SHA_256 + ":x",
                "sha-256=:" + SHA_256 + ": x",
                "sha-256=:" + SHA_256 + ":,",
                "sha-256=:" + SHA_256 + ":,,a",
                "sha-256=: " + SHA_256 + ":",
                "sha-256=:" + SHA_512 + ":",
                "sha-512=:" + SHA_256 + ":",
                "sha-256=:RK_0qy18MlBSVnWgjwz6lZEWjP_lF5HF9bvEF8FabDg=:",
                "SHA-256=:" + SHA_256 + ":",
                ",a",
                "=1",
                "9a=1",
                "a=\"x",
                "a=\"x\\",
                "a=(1 2",
                "\u00e4=1",
            })
    void whatCannotBeReadIsMalformed(String field) {
        assertThat(DigestField.parse(field)).isInstanceOf(DigestField.Malformed.class);
    }

    @Test
    void theReasonRepeatsNothingThatTheClientSent() {
        assertThat(DigestField.parse("sha-256=:<script>:"))
                .isEqualTo(new DigestField.Malformed("A digest field has no valid sha-256"));
        assertThat(DigestField.parse("<script>"))
                .isEqualTo(new DigestField.Malformed("A digest field is no dictionary of algorithms"));
        assertThat(DigestField.parseLegacy("SHA-512=<script>"))
                .isEqualTo(new DigestField.Malformed("Digest has no valid sha-512"));
    }

    /** RFC 3230 §4.1.1: algorithm names are compared without case. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha-256=%s",
                "SHA-256=%s",
                "md5=HUXZLQLMuI/KZ5KDcJPcOA==,SHA-256=%s",
                ", unixsum=30637 , sha-256=%s ,"
            })
    void theOlderFieldIsRead(String field) {
        assertThat(DigestField.parseLegacy(field.formatted(SHA_256))).isEqualTo(declared("sha-256=:" + SHA_256 + ":"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha-256",
                "=x",
                "sha-256=",
                "sha-256=AAAA",
                "sha-256=:" + SHA_256 + ":",
                "junk, sha-256=" + SHA_256
            })
    void whatCannotBeReadOfTheOlderFieldIsMalformed(String field) {
        assertThat(DigestField.parseLegacy(field)).isInstanceOf(DigestField.Malformed.class);
    }

    @Test
    void parseInvertsFormat() {
        Random random = new Random(9530);
        for (int round = 0; round < 2_000; round++) {
            Digest sha256 = randomDigest(random, Digest.Algorithm.SHA_256, 32);
            Digest sha512 = randomDigest(random, Digest.Algorithm.SHA_512, 64);

            assertThat(declared(sha512.field() + ", " + sha256.field())
                            .digests()
                            .values())
                    .containsExactlyInAnyOrderElementsOf(List.of(sha256, sha512));
            assertThat(DigestField.parseLegacy(sha512.legacyField() + "," + sha256.legacyField()))
                    .isEqualTo(declared(sha256.field() + "," + sha512.field()));
        }
    }

    @Test
    void hostileFieldsAreReadToTheirEnd() {
        assertThat(DigestField.parse("a=(".repeat(100_000))).isInstanceOf(DigestField.Malformed.class);
        assertThat(DigestField.parse("a=\"" + "\\\"".repeat(100_000))).isInstanceOf(DigestField.Malformed.class);
        assertThat(DigestField.parse("sha-256=:" + "A".repeat(1_000_000) + ":"))
                .isInstanceOf(DigestField.Malformed.class);
        assertThat(declared("a=1,".repeat(100_000) + "a").digests()).isEmpty();
        assertThat(DigestField.parseLegacy("a=1,".repeat(100_000))).isEqualTo(declared("a"));
    }

    @Test
    void aDigestMatchesItsBytesOnly() {
        byte[] bytes = new byte[32];
        Digest digest = Digest.of(Digest.Algorithm.SHA_256, bytes);

        assertThat(digest.matches(new byte[32])).isTrue();
        assertThat(digest.matches(new byte[31])).isFalse();
        bytes[31] = 1;
        assertThat(digest.matches(bytes)).isFalse();
        assertThat(digest.bytes()).isEqualTo(new byte[32]);
    }

    @Test
    void noDigestIsMadeOfAWrongLength() {
        assertThatThrownBy(() -> Digest.of(Digest.Algorithm.SHA_256, new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static DigestField.Declared declared(String field) {
        assertThat(DigestField.parse(field)).isInstanceOf(DigestField.Declared.class);
        return (DigestField.Declared) DigestField.parse(field);
    }

    private static Digest randomDigest(Random random, Digest.Algorithm algorithm, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Digest.of(algorithm, bytes);
    }
}

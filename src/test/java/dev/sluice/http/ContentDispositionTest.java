package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDispositionTest {
    /** RFC 6266 §4.1 with the quoted form, RFC 8187 §3.2.1 with upper-case hex. */
    private static final Pattern GRAMMAR = Pattern.compile("attachment; filename=\"([ !#$&-\\[\\]-~]*)\"; "
            + "filename\\*=UTF-8''((?:[A-Za-z0-9!#$&+\\-.^_`|~]|%[0-9A-F]{2})+)");

    @Test
    void bothFormsAreAlwaysSent() {
        assertThat(ContentDisposition.attachment("model_abc123.zip"))
                .hasToString("attachment; filename=\"model_abc123.zip\"; filename*=UTF-8''model_abc123.zip");
    }

    @Test
    void otherScriptsKeepTheirNameInTheExtendedForm() {
        assertThat(ContentDisposition.attachment("Modèle €.zip"))
                .hasToString("attachment; filename=\"Mod_le _.zip\"; filename*=UTF-8''Mod%C3%A8le%20%E2%82%AC.zip");
        assertThat(ContentDisposition.attachment("\uD83D\uDE00.bin"))
                .hasToString("attachment; filename=\"_.bin\"; filename*=UTF-8''%F0%9F%98%80.bin");
    }

    @Test
    void quotesAndPercentSignsStayOutOfTheQuotedForm() {
        assertThat(ContentDisposition.attachment("a\"b%41;c'd*e.zip"))
                .hasToString(
                        "attachment; filename=\"a_b_41;c'd*e.zip\"; " + "filename*=UTF-8''a%22b%2541%3Bc%27d%2Ae.zip");
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "../../.bashrc,.._.._.bashrc",
                "C:\\x,C:_x",
                "..,download",
                ".,download",
                "'',download",
                "'   ',download",
                " a ,a",
            })
    void namesThatLeaveTheDirectoryAreTamed(String given, String safe) {
        assertThat(ContentDisposition.attachment(given).filename()).isEqualTo(safe);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r", "\n", "\u0000", "\u001b", "\u007f", "\u0085", "\u061c", "\u200e", "\u200f", "\u2028", "\u202e",
                "\u2066", "\u2069", "\ud800", "\udfff", "\udc00", "/", "\\"
            })
    void whatEndsAHeaderOrDisguisesANameIsReplaced(String harmful) {
        assertThat(ContentDisposition.attachment("a" + harmful + "b"))
                .hasToString("attachment; filename=\"a_b\"; filename*=UTF-8''a_b");
    }

    /** Beside each range of what is replaced stands what people write. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u061b", "\u061d", "\u200d", "\u2010", "\u2027", "\u202f", "\u2065", "\u206a", "\ud7ff", "\ue000"
            })
    void whatOnlyStandsBesideStays(String harmless) {
        assertThat(ContentDisposition.attachment("a" + harmless + "b").filename())
                .isEqualTo("a" + harmless + "b");
    }

    /** RFC 8187 §3.2.1 lists them: encoded they are read as well, but plain they are what old clients can show. */
    @Test
    void lettersDigitsAndTwelveSignsAreNotEncoded() {
        String plain = "!#$&+-.09AZ^_`az|~";

        assertThat(ContentDisposition.attachment(plain))
                .hasToString("attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + plain);
    }

    @Test
    void noNameInjectsAHeader() {
        assertThat(ContentDisposition.attachment("a\"\r\nSet-Cookie: x=y\r\n\r\n.zip"))
                .hasToString("attachment; filename=\"a___Set-Cookie: x=y____.zip\"; "
                        + "filename*=UTF-8''a%22__Set-Cookie%3A%20x%3Dy____.zip");
    }

    @Test
    void anyNameFollowsTheGrammarAndIsReadBack() {
        Random random = new Random(6266);
        for (int round = 0; round < 20_000; round++) {
            ContentDisposition disposition = ContentDisposition.attachment(randomName(random));

            Matcher matcher = GRAMMAR.matcher(disposition.toString());
            assertThat(matcher.matches()).as(disposition.toString()).isTrue();
            String decoded = URLDecoder.decode(matcher.group(2).replace("+", "%2B"), StandardCharsets.UTF_8);
            assertThat(decoded).isEqualTo(disposition.filename());
            assertThat(matcher.group(1)).hasSize(decoded.codePointCount(0, decoded.length()));
        }
    }

    @Test
    void aTamedNameStaysAsItIs() {
        Random random = new Random(8187);
        for (int round = 0; round < 5_000; round++) {
            ContentDisposition once = ContentDisposition.attachment(randomName(random));

            assertThat(ContentDisposition.attachment(once.filename())).isEqualTo(once);
        }
    }

    private static String randomName(Random random) {
        StringBuilder name = new StringBuilder();
        int length = random.nextInt(30);
        for (int i = 0; i < length; i++) {
            // Mostly ASCII, where the special characters are; otherwise any code unit, lone surrogates included.
            name.append((char) random.nextInt(random.nextInt(3) == 0 ? 0x10000 : 0x80));
        }
        return name.toString();
    }
}

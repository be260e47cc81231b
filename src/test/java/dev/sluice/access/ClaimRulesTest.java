package dev.sluice.access;

import static dev.sluice.access.Jws.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.access.InvalidToken.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimRulesTest {
    private static final ClaimRules ANY = new ClaimRules(Optional.empty(), Optional.empty());
    private static final long SECONDS = NOW.getEpochSecond();

    @Test
    void expiredTokensPassUntilTheEndOfTheLeeway() {
        assertThat(subject("\"exp\":" + (SECONDS - 29)).owner()).isEqualTo("a");
        assertThat(subject("\"exp\":" + (SECONDS - 29.999)).owner()).isEqualTo("a");
        assertRefused("\"exp\":" + (SECONDS - 30), Reason.EXPIRED);
        assertRefused("\"exp\":0", Reason.EXPIRED);
    }

    @Test
    void tokensOfTheFuturePassFromTheStartOfTheLeeway() {
        assertThat(valid("\"nbf\":" + (SECONDS + 30)).owner()).isEqualTo("a");
        assertThat(reason(claims("\"nbf\":" + (SECONDS + 31)))).isEqualTo(Reason.NOT_YET_VALID);
    }

    @Test
    void expiryIsRequired() {
        assertRefused("\"other\":1", Reason.EXPIRY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"1900000000\"", "true", "[]", "{}", "-1", "1e400", "253402300800", "1e30"})
    void timesAreNumbersInRange(String value) {
        assertRefused("\"exp\":" + value, Reason.EXPIRY);
        assertThat(reason(claims("\"nbf\":" + value))).isEqualTo(Reason.NOT_BEFORE);
        assertThat(reason(claims("\"iat\":" + value))).isEqualTo(Reason.ISSUED_AT);
    }

    @Test
    void anOwnerHasUpTo255Characters() {
        assertThat(valid(subjectClaim("x".repeat(255))).owner()).hasSize(255);
        assertThat(reason(claims(subjectClaim("x".repeat(256))))).isEqualTo(Reason.SUBJECT);
        String astral = "\uD83D\uDE00".repeat(255);
        assertThat(valid(subjectClaim(astral)).owner()).isEqualTo(astral);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "null",
                "7",
                "[\"a\"]",
                "{}",
                "\"a\\u0000\"",
                "\"a\\nb\"",
                "\"\\u001b[2J\"",
                "\"\\u007f\"",
                "\"\\u0085\"",
                "\"\\ud800\""
            })
    void otherSubjectsAreRefused(String value) {
        assertThat(reason("{\"exp\":" + (SECONDS + 60) + ",\"sub\":" + value + "}"))
                .isEqualTo(Reason.SUBJECT);
    }

    @Test
    void aSubjectIsRequired() {
        assertThat(reason("{\"exp\":" + (SECONDS + 60) + "}")).isEqualTo(Reason.SUBJECT);
    }

    @Test
    void scopesAreWordsAndUnknownOnesAreIgnored() {
        assertThat(valid("\"x\":1").scopes()).isEmpty();
        Subject subject = valid("\"scope\":\"openid  sluice:ingest SLUICE:ADMIN sluice:administrator\"");
        assertThat(subject.scopes()).isEqualTo(Set.of(Scope.INGEST));
        assertThat(subject.has(Scope.ADMIN)).isFalse();
        assertThat(valid("\"scope\":\"sluice:admin sluice:ingest\"").scopes())
                .containsExactlyInAnyOrder(Scope.INGEST, Scope.ADMIN);
        assertThat(valid("\"scope\":\"sluice:admin,sluice:ingest\"").scopes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[\"sluice:admin\"]", "1", "{}"})
    void aScopeThatIsNoStringIsRefused(String value) {
        assertThat(reason(claims("\"scope\":" + value))).isEqualTo(Reason.SCOPE);
    }

    @Test
    void theIssuerMustBeTheConfiguredOne() {
        ClaimRules rules = new ClaimRules(Optional.of("https://id.example"), Optional.empty());
        assertThat(check(rules, claims("\"iss\":\"https://id.example\"")).owner())
                .isEqualTo("a");
        for (String iss :
                new String[] {"\"x\":1", "\"iss\":\"https://id.example/\"", "\"iss\":[\"https://id.example\"]"}) {
            assertThat(reason(rules, claims(iss))).isEqualTo(Reason.ISSUER);
        }
    }

    @Test
    void theAudienceMustHoldTheConfiguredOne() {
        ClaimRules rules = new ClaimRules(Optional.empty(), Optional.of("sluice"));
        for (String aud : new String[] {"\"sluice\"", "[\"sluice\"]", "[\"other\",\"sluice\"]"}) {
            assertThat(check(rules, claims("\"aud\":" + aud)).owner()).isEqualTo("a");
        }
        for (String aud :
                new String[] {"\"other\"", "[]", "[\"other\"]", "[\"sluice\",7]", "[[\"sluice\"]]", "null", "{}"}) {
            assertThat(reason(rules, claims("\"aud\":" + aud))).as(aud).isEqualTo(Reason.AUDIENCE);
        }
        assertThat(reason(rules, claims("\"x\":1"))).isEqualTo(Reason.AUDIENCE);
    }

    private static String subjectClaim(String subject) {
        return "\"x\":1,\"sub\":\"" + subject + "\"";
    }

    private static Subject subject(String members) {
        return check(ANY, "{\"sub\":\"a\"," + members + "}");
    }

    private static void assertRefused(String members, Reason reason) {
        assertThat(reason("{\"sub\":\"a\"," + members + "}")).isEqualTo(reason);
    }

    private static Subject valid(String members) {
        return check(ANY, claims(members));
    }

    private static String claims(String members) {
        String subject = members.contains("\"sub\"") ? "" : "\"sub\":\"a\",";
        return "{" + subject + "\"exp\":" + (SECONDS + 60) + "," + members + "}";
    }

    private static Reason reason(String claims) {
        return reason(ANY, claims);
    }

    private static Reason reason(ClaimRules rules, String claims) {
        InvalidToken refusal = catchThrowableOfType(InvalidToken.class, () -> check(rules, claims));
        assertThat(refusal).as(claims).isNotNull();
        return refusal.reason();
    }

    private static Subject check(ClaimRules rules, String claims) {
        return rules.check(
                StrictJson.object(claims.getBytes(StandardCharsets.UTF_8)).orElseThrow(), NOW);
    }
}

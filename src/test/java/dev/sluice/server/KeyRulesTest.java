package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.server.ServerConfig.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRulesTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "auth.jwt-secret | 0123456789abcdef0123456789abcde",
                "auth.jwt-public-key | -----BEGIN PRIVATE KEY-----",
                "auth.jwt-public-key | -----BEGIN CERTIFICATE-----",
                "auth.jwt-public-key | -----BEGIN PUBLIC KEY-----MCow-----END CERTIFICATE-----",
                "auth.jwks-url | file:///etc/keys.json",
                "database.url | mysql://u:p@host/db",
                "database.url | postgresql://host/db",
                "database.url | postgresql://u:p@/db",
                "database.url | postgresql://u:p@host",
                "database.url | postgresql://u:p@host/",
                "database.url | postgresql://u:p@host:port/db",
                "database.url | postgresql://u:p#w@host/db",
                "database.url | postgresql:u",
                "database.url | postgresql://u:p w@host/db",
                "database.pool-size | 0",
                "links.secrets | MDEyMzQ1Njc4OWFiY2RlZg==",
                "links.secrets | k1:short",
                "links.secrets | k1:not!base64not!base64not!",
                "links.secrets | k1:MDEyMzQ1Njc4OWFiY2RlZg==,k1:MDEyMzQ1Njc4OWFiY2RlZg==",
                "links.secrets | k1:MDEyMzQ1Njc4OWFiY2RlZg==,",
                "http.cors-origins | *",
                "http.cors-origins | https://app.example.com/",
                "http.cors-origins | app.example.com",
                "http.cors-origins | null",
                "http.max-header-size | 1KiB",
                "ingest.allowed-hosts | https://example.com",
                "ingest.allowed-hosts | *",
                "ingest.max-file-size | 0",
                "ingest.credentials-file | /does/not/exist",
                "catalog.file | /does/not/exist",
                "data.dir | /dev/null",
                "data.dir | /dev/null/data",
                "workspace.dir | /dev/null/workspace",
                "delivery.max-streams | 0",
                "storage | gcs",
                "log.level | loud",
            })
    void aValueAgainstItsRuleIsOneFault(String key, String value) {
        assertThat(catchThrowableOfType(InvalidConfiguration.class, () -> config(key, value))
                        .faults())
                .singleElement()
                .asString()
                .startsWith(key + " (option) ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:p@host:5432/db",
                "postgres://u@host/db",
                "postgresql://u:p%40%23@my_db:5432/db?sslmode=require",
                "postgresql://u:p@[::1]:5432/db"
            })
    void databaseUrlsComeInTheseForms(String url) throws Exception {
        assertThat(config("database.url", url).database().url()).hasValue(new Secret(url));
    }

    /** Beside whatever else is wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"catalog.file", "ingest.credentials-file", "ingest.certificate-authorities"})
    void aFileThatSaysNothingOfUseIsAFault(String key) throws Exception {
        Path file = Files.writeString(dir.resolve("nonsense"), "nonsense");
        Map<String, String> given = Map.of(key, file.toString(), "http.port", "70000");
        assertThat(catchThrowableOfType(InvalidConfiguration.class, () -> config(given))
                        .faults())
                .hasSize(2)
                .anyMatch(fault -> fault.startsWith(key + " (option) cannot be used: "))
                .anyMatch(fault -> fault.startsWith("http.port "));
    }

    @Test
    void eachBadOriginIsNamed() {
        assertThat(catchThrowableOfType(
                                InvalidConfiguration.class,
                                () -> config("http.cors-origins", "https://a.example,*,https://b.example/x"))
                        .faults())
                .hasSize(2)
                .anyMatch(fault -> fault.contains("'*'"))
                .anyMatch(fault -> fault.contains("'https://b.example/x'"));
    }

    private ServerConfig config(String key, String value) throws Exception {
        return config(Map.of(key, value));
    }

    private ServerConfig config(Map<String, String> given) throws Exception {
        Path empty = Files.writeString(dir.resolve("empty.yaml"), "");
        return ServerConfig.from(Settings.read(Optional.of(empty), Map.of(), given), Mode.DEMO);
    }
}

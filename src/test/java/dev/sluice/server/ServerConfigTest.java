package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.config.DataSize;
import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.http.Network;
import dev.sluice.server.ServerConfig.Mode;
import dev.sluice.storage.s3.S3Config;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
    private static final String PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
    private static final String KEY_OF_32_BYTES = "0123456789abcdef0123456789abcdef";
    private static final String LINK_KEY = "MDEyMzQ1Njc4OWFiY2RlZg==";

    /** Those that {@link #every} leaves out, since there may be one only. */
    private static final Map<String, String> OTHER_VERIFICATION_KEYS =
            Map.of("auth.jwt-public-key", PEM, "auth.jwks-url", "https://keys.example/jwks");

    @TempDir
    Path dir;

    private static TestCertificate authority;

    private Path empty;
    private Path catalog;

    @BeforeAll
    static void certify() {
        authority = TestCertificate.make();
    }

    @AfterAll
    static void forget() throws Exception {
        authority.close();
    }

    @BeforeEach
    void makeAnEmptyFile() throws Exception {
        empty = Files.createFile(dir.resolve("empty.yaml"));
        catalog = Files.writeString(dir.resolve("catalog.yaml"), "models: []");
    }

    @Test
    void withoutAnySettingTheDefaultsHold() throws Exception {
        assertThat(config(Map.of(), Mode.DEMO)).isEqualTo(defaults());
    }

    @Test
    void eachKeyReachesItsField() throws Exception {
        assertThat(config(every(), Mode.PRODUCTION)).isEqualTo(everyChanged());
    }

    @Test
    void everyKeyIsSetAlikeByFileEnvironmentAndOption() throws Exception {
        SortedMap<String, String> every = every();
        Map<String, String> environment = new TreeMap<>();
        StringBuilder yaml = new StringBuilder();
        every.forEach((key, value) -> {
            environment.put(variable(key), value);
            yaml.append(key).append(": '").append(value).append("'\n");
        });
        Path file = Files.writeString(dir.resolve("every.yaml"), yaml);
        assertThat(ServerConfig.from(Settings.read(Optional.of(file), Map.of(), Map.of()), Mode.PRODUCTION))
                .isEqualTo(everyChanged());
        assertThat(ServerConfig.from(Settings.read(Optional.of(empty), environment, Map.of()), Mode.PRODUCTION))
                .isEqualTo(everyChanged());
        Settings settings = settings(Map.of());
        ServerConfig.from(settings, Mode.DEMO);
        every.putAll(OTHER_VERIFICATION_KEYS);
        assertThat(every.keySet()).isEqualTo(settings.defaults().keySet());
    }

    @Test
    void noTwoKeysShareAField() throws Exception {
        for (Map.Entry<String, String> one : every().entrySet()) {
            Map<String, String> others = every();
            others.remove(one.getKey());
            if (one.getKey().startsWith("http.tls-")) {
                assertThatThrownBy(() -> config(others, Mode.DEMO)).hasMessageContaining("set together");
                continue;
            }
            if (one.getKey().startsWith("s3.") || one.getKey().equals("storage")) {
                others.remove("storage");
                others.remove("delivery.redirect");
            }
            assertThat(config(others, Mode.DEMO)).as(one.getKey()).isNotEqualTo(everyChanged());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SLUICE_HTTP_PORT",
                "SLUICE_MANAGEMENT_PORT",
                "SLUICE_DATA_DIR",
                "SLUICE_DATABASE_URL",
                "SLUICE_AUTH_JWT_SECRET",
                "SLUICE_AUTH_JWT_PUBLIC_KEY",
                "SLUICE_AUTH_JWKS_URL",
                "SLUICE_AUTH_ISSUER",
                "SLUICE_AUTH_AUDIENCE",
                "SLUICE_LINKS_SECRETS",
                "SLUICE_STORAGE",
                "SLUICE_S3_ENDPOINT",
                "SLUICE_S3_REGION",
                "SLUICE_S3_BUCKET",
                "SLUICE_S3_ACCESS_KEY",
                "SLUICE_S3_SECRET_KEY",
                "SLUICE_WORKSPACE_DIR",
                "SLUICE_INGEST_ALLOWED_HOSTS",
                "SLUICE_INGEST_POLL_INTERVAL",
                "SLUICE_INGEST_STALL_TIMEOUT",
                "SLUICE_CATALOG_FILE",
                "SLUICE_DELIVERY_MAX_STREAMS",
                "SLUICE_DELIVERY_MAX_STREAMS_PER_OWNER",
                "SLUICE_INGEST_MAX_FILE_SIZE",
                "SLUICE_INGEST_CREDENTIALS_FILE",
                "SLUICE_DELIVERY_STALL_TIMEOUT",
                "SLUICE_DELIVERY_DRAIN_TIMEOUT",
                "SLUICE_HTTP_CORS_ORIGINS"
            })
    void theNamesThatWerePromisedAreThere(String variable) throws Exception {
        Settings settings = settings(Map.of());
        ServerConfig.from(settings, Mode.DEMO);
        assertThat(settings.defaults().keySet())
                .extracting(ServerConfigTest::variable)
                .contains(variable);
    }

    @Test
    void inProductionOneVerificationKeyIsEnough() throws Exception {
        String url = "https://keys.example/jwks";
        assertThat(config(Map.of("auth.jwt-secret", KEY_OF_32_BYTES), Mode.PRODUCTION)
                        .auth()
                        .jwtSecret())
                .hasValue(new Secret(KEY_OF_32_BYTES));
        assertThat(config(Map.of("auth.jwt-public-key", PEM), Mode.PRODUCTION)
                        .auth()
                        .jwtPublicKey())
                .hasValue(PEM);
        assertThat(config(Map.of("auth.jwks-url", url), Mode.PRODUCTION).auth().jwksUrl())
                .hasValue(URI.create(url));
    }

    @Test
    void severalVerificationKeysAreAFault() {
        assertThat(faults(OTHER_VERIFICATION_KEYS, Mode.DEMO))
                .containsExactly(
                        "auth.jwks-url (option) is set beside auth.jwt-public-key; only one key verifies tokens");
    }

    @Test
    void inProductionNoVerificationKeyIsAFault() {
        assertThat(faults(Map.of(), Mode.PRODUCTION))
                .containsExactly(
                        "auth.jwt-secret (environment SLUICE_AUTH_JWT_SECRET) is missing: no verification key for tokens;"
                                + " set it, auth.jwt-public-key or auth.jwks-url");
    }

    @Test
    void aBadVerificationKeyIsNotAlsoMissing() {
        assertThat(faults(Map.of("auth.jwt-secret-file", "/does/not/exist"), Mode.PRODUCTION))
                .containsExactly("auth.jwt-secret-file (option) names no file that can be read");
    }

    @Test
    void aPublicKeyMayHaveItsLineEndsWrittenOut() throws Exception {
        ServerConfig config = config(Map.of("auth.jwt-public-key", PEM.replace("\n", "\\n")), Mode.PRODUCTION);
        assertThat(config.auth().jwtPublicKey()).hasValue(PEM);
    }

    @Test
    void whatS3NeedsIsRequiredWhenTheStorageIsS3() {
        assertThat(faults(Map.of("storage", "s3", "s3.bucket", "b"), Mode.DEMO))
                .containsExactly(
                        "s3.endpoint (environment SLUICE_S3_ENDPOINT) is missing, and storage is s3",
                        "s3.access-key (environment SLUICE_S3_ACCESS_KEY) is missing, and storage is s3",
                        "s3.secret-key (environment SLUICE_S3_SECRET_KEY) is missing, and storage is s3");
    }

    @Test
    void clientsAreSentToAStoreOnlyWhenThereIsOne() {
        assertThat(faults(Map.of("delivery.redirect", "presigned"), Mode.DEMO))
                .containsExactly("delivery.redirect (option) is presigned, and storage is local");
    }

    @Test
    void aBucketsNameIsPartOfAnAddress() {
        assertThat(faults(Map.of("s3.bucket", "a/b"), Mode.DEMO))
                .hasSize(1)
                .allMatch(fault -> fault.startsWith("s3.bucket"));
    }

    @Test
    void theTwoPortsDiffer() throws Exception {
        assertThat(faults(Map.of("http.port", "9090"), Mode.DEMO))
                .containsExactly("management.port (environment SLUICE_MANAGEMENT_PORT) is the same as http.port");
        assertThat(config(Map.of("http.port", "0", "management.port", "0"), Mode.DEMO))
                .isNotNull();
    }

    @Test
    void neitherTheConfigurationNorItsFaultsShowASecret() throws Exception {
        Map<String, String> secrets = Map.of(
                "auth.jwt-secret", "canary-" + KEY_OF_32_BYTES,
                "database.url", "postgresql://u:canary@host/db",
                "links.secrets", "k1:canary23456789abcdef0123",
                "s3.access-key", "canary",
                "s3.secret-key", "canary",
                "s3.session-token", "canary");
        assertThat(config(secrets, Mode.PRODUCTION).toString())
                .contains("[hidden]")
                .doesNotContain("canary");
        Map<String, String> faulty = Map.of(
                "auth.jwt-secret", "canary",
                "auth.jwt-public-key", "canary",
                "auth.jwks-url", "canary",
                "database.url", "postgresql://u:canary@",
                "links.secrets", "canary,canary:canary",
                "s3.secret-key-file", "canary");
        assertThat(faults(faulty, Mode.PRODUCTION)).hasSize(8).noneMatch(fault -> fault.contains("canary"));
    }

    private ServerConfig defaults() {
        return new ServerConfig(
                new ServerConfig.Http("0.0.0.0", 8080, List.of(), List.of(), new DataSize(16 << 10), Optional.empty()),
                new ServerConfig.Management("0.0.0.0", 9090),
                new ServerConfig.Data(Path.of("data"), Path.of("data/workspace")),
                new ServerConfig.Database(Optional.empty(), 8, Duration.ofSeconds(5)),
                new ServerConfig.Auth(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofMinutes(5),
                        Optional.empty(),
                        Optional.empty()),
                new ServerConfig.Links(List.of()),
                new StorageConfig(
                        StorageConfig.Kind.LOCAL,
                        new StorageConfig.S3(
                                Optional.empty(),
                                "us-east-1",
                                Optional.empty(),
                                S3Config.Addressing.PATH,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                256)),
                new ServerConfig.Ingest(
                        List.of(),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60),
                        new DataSize(64L << 30),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofDays(1)),
                new ServerConfig.Catalog(Optional.empty(), 2),
                new ServerConfig.Delivery(
                        10_000, 1000, Duration.ofSeconds(60), Duration.ofSeconds(30), ServerConfig.Redirect.NEVER),
                new LimitsConfig(0, 0, 0, 0),
                new RecordsConfig(Duration.ofDays(400), Duration.ofDays(90), Duration.ofDays(30)),
                new ServerConfig.Log(ServerConfig.Log.Format.TEXT, ServerConfig.Log.Level.INFO));
    }

    /** A value for each key that is not its default. */
    private SortedMap<String, String> every() {
        SortedMap<String, String> every = new TreeMap<>();
        every.put("http.host", "127.0.0.1");
        every.put("http.port", "1");
        every.put("http.cors-origins", "https://a.example,http://localhost:3000");
        every.put("http.trusted-proxies", "10.0.0.0/8, ::1");
        every.put("http.max-header-size", "32KiB");
        every.put("http.tls-certificate", empty.toString());
        every.put("http.tls-key", empty.toString());
        every.put("management.host", "::1");
        every.put("management.port", "2");
        every.put("data.dir", "/d");
        every.put("workspace.dir", "${data}/w");
        every.put("database.url", "postgresql://u:p@host:5432/db");
        every.put("database.pool-size", "3");
        every.put("database.connect-timeout", "4s");
        every.put("auth.jwt-secret", KEY_OF_32_BYTES);
        every.put("auth.jwks-refresh", "6m");
        every.put("auth.issuer", "https://issuer.example");
        every.put("auth.audience", "audience");
        every.put("links.secrets", "k1:" + LINK_KEY + ", k2:" + LINK_KEY);
        every.put("storage", "s3");
        every.put("s3.endpoint", "http://localhost:9000");
        every.put("s3.region", "eu-central-1");
        every.put("s3.bucket", "models");
        every.put("s3.access-key", "access");
        every.put("s3.secret-key", "secret");
        every.put("s3.addressing", "virtual-host");
        every.put("s3.session-token", "token");
        every.put("s3.tls-authority", empty.toString());
        every.put("s3.max-connections", "13");
        every.put("delivery.redirect", "presigned");
        every.put("ingest.allowed-hosts", "huggingface.co,*.hf.co,127.0.0.1:8443,[::1]:80");
        every.put("ingest.poll-interval", "500ms");
        every.put("ingest.stall-timeout", "7s");
        every.put("ingest.max-file-size", "10MB");
        every.put("ingest.credentials-file", empty.toString());
        every.put("ingest.certificate-authorities", authority.chain().toString());
        every.put("ingest.partial-retention", "3d");
        every.put("catalog.file", catalog.toString());
        every.put("catalog.max-downloads", "4");
        every.put("delivery.max-streams", "5");
        every.put("delivery.max-streams-per-owner", "6");
        every.put("delivery.max-reads", "9");
        every.put("delivery.max-reads-per-owner", "10");
        every.put("ingest.max-transfers", "11");
        every.put("ingest.max-transfers-per-owner", "12");
        every.put("records.keep-audit", "31d");
        every.put("records.keep-downloads", "2d");
        every.put("records.keep-deleted-models", "5h");
        every.put("delivery.stall-timeout", "8s");
        every.put("delivery.drain-timeout", "0s");
        every.put("log.format", "json");
        every.put("log.level", "debug");
        return every;
    }

    private static Network network(String text) {
        return Network.parse(text).orElseThrow();
    }

    private ServerConfig everyChanged() {
        return new ServerConfig(
                new ServerConfig.Http(
                        "127.0.0.1",
                        1,
                        List.of("https://a.example", "http://localhost:3000"),
                        List.of(network("10.0.0.0/8"), network("::1")),
                        new DataSize(32 << 10),
                        Optional.of(new ServerConfig.Tls(empty, empty))),
                new ServerConfig.Management("::1", 2),
                new ServerConfig.Data(Path.of("/d"), Path.of("/d/w")),
                new ServerConfig.Database(
                        Optional.of(new Secret("postgresql://u:p@host:5432/db")), 3, Duration.ofSeconds(4)),
                new ServerConfig.Auth(
                        Optional.of(new Secret(KEY_OF_32_BYTES)),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofMinutes(6),
                        Optional.of("https://issuer.example"),
                        Optional.of("audience")),
                new ServerConfig.Links(List.of(
                        new ServerConfig.LinkKey("k1", new Secret(LINK_KEY)),
                        new ServerConfig.LinkKey("k2", new Secret(LINK_KEY)))),
                new StorageConfig(
                        StorageConfig.Kind.S3,
                        new StorageConfig.S3(
                                Optional.of(URI.create("http://localhost:9000")),
                                "eu-central-1",
                                Optional.of("models"),
                                S3Config.Addressing.VIRTUAL_HOST,
                                Optional.of(new Secret("access")),
                                Optional.of(new Secret("secret")),
                                Optional.of(new Secret("token")),
                                Optional.of(empty),
                                13)),
                new ServerConfig.Ingest(
                        List.of("huggingface.co", "*.hf.co", "127.0.0.1:8443", "[::1]:80"),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(7),
                        new DataSize(10_000_000),
                        Optional.of(empty),
                        Optional.of(authority.chain()),
                        Duration.ofDays(3)),
                new ServerConfig.Catalog(Optional.of(catalog), 4),
                new ServerConfig.Delivery(5, 6, Duration.ofSeconds(8), Duration.ZERO, ServerConfig.Redirect.PRESIGNED),
                new LimitsConfig(9, 10, 11, 12),
                new RecordsConfig(Duration.ofDays(31), Duration.ofDays(2), Duration.ofHours(5)),
                new ServerConfig.Log(ServerConfig.Log.Format.JSON, ServerConfig.Log.Level.DEBUG));
    }

    private Settings settings(Map<String, String> options) {
        return Settings.read(Optional.of(empty), Map.of(), options);
    }

    private ServerConfig config(Map<String, String> options, Mode mode) throws InvalidConfiguration {
        return ServerConfig.from(settings(options), mode);
    }

    private List<String> faults(Map<String, String> options, Mode mode) {
        InvalidConfiguration thrown = catchThrowableOfType(InvalidConfiguration.class, () -> config(options, mode));
        return thrown == null ? List.of() : thrown.faults();
    }

    private static String variable(String key) {
        return "SLUICE_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}

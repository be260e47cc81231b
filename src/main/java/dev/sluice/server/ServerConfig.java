package dev.sluice.server;

import dev.sluice.config.DataSize;
import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.http.Network;
import dev.sluice.ingest.TrustedAuthorities;
import dev.sluice.ingest.UpstreamCredentials;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that can be set: the one place that knows all keys with their units, defaults and limits. {@code conf/sluice.yaml}
 * documents them; a test holds the two together.
 */
record ServerConfig(
        Http http,
        Management management,
        Data data,
        Database database,
        Auth auth,
        Links links,
        StorageConfig storage,
        Ingest ingest,
        Catalog catalog,
        Delivery delivery,
        LimitsConfig limits,
        RecordsConfig records,
        Log log) {

    /** What the server is started for. */
    enum Mode {
        /** Tokens come from elsewhere: a verification key is required. */
        PRODUCTION,
        /** The server may make its own key. */
        DEMO,
        /** A command beside the server, which answers no token. */
        TOOL
    }

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MOST_STREAMS = 1_000_000;

    /**
     * Reads all keys.
     *
     * @throws InvalidConfiguration naming every fault of every key
     */
    static ServerConfig from(Settings settings, Mode mode) throws InvalidConfiguration {
        ServerConfig config = new ServerConfig(
                Http.from(settings),
                Management.from(settings),
                Data.from(settings),
                Database.from(settings),
                Auth.from(settings, mode),
                Links.from(settings),
                StorageConfig.from(settings),
                Ingest.from(settings),
                Catalog.from(settings),
                Delivery.from(settings),
                LimitsConfig.from(settings),
                RecordsConfig.from(settings),
                Log.from(settings));
        if (config.http.port != 0 && config.http.port == config.management.port) {
            settings.fault("management.port", "is the same as http.port");
        }
        if (config.delivery.redirect == Redirect.PRESIGNED && config.storage.kind() == StorageConfig.Kind.LOCAL) {
            settings.fault("delivery.redirect", "is presigned, and storage is local");
        }
        settings.requireNoFaults();
        return config;
    }

    /**
     * Where clients connect.
     *
     * @param trustedProxies whose word on the client counts
     */
    record Http(
            String host,
            int port,
            List<String> corsOrigins,
            List<Network> trustedProxies,
            DataSize maxHeaderSize,
            Optional<Tls> tls) {
        private static Http from(Settings settings) {
            Optional<Path> certificate = settings.file("http.tls-certificate");
            Optional<Path> key = settings.file("http.tls-key");
            if (settings.isSet("http.tls-certificate") != settings.isSet("http.tls-key")) {
                settings.fault("http.tls-certificate", "and http.tls-key are set together or not at all");
            }
            return new Http(
                    settings.text("http.host", "0.0.0.0"),
                    settings.port("http.port", 8080),
                    KeyRules.origins(settings, "http.cors-origins"),
                    KeyRules.networks(settings, "http.trusted-proxies"),
                    settings.size("http.max-header-size", kib(16), kib(12), kib(1024)),
                    certificate.flatMap(chain -> key.map(secret -> new Tls(chain, secret))));
        }

        private static DataSize kib(long count) {
            return new DataSize(count << 10);
        }
    }

    /** Files in PEM. */
    record Tls(Path certificate, Path key) {}

    /** Where the platform asks for health and metrics. */
    record Management(String host, int port) {
        private static Management from(Settings settings) {
            return new Management(settings.text("management.host", "0.0.0.0"), settings.port("management.port", 9090));
        }
    }

    /** @param workspaceDir live job directories */
    record Data(Path dir, Path workspaceDir) {
        private static Data from(Settings settings) {
            Data data =
                    new Data(settings.path("data.dir", "data"), settings.path("workspace.dir", "${data}/workspace"));
            KeyRules.directory(settings, "data.dir", data.dir);
            // What is wrong with the one is not said of the other again.
            if (!data.workspaceDir.startsWith(data.dir) || Files.isDirectory(data.dir)) {
                KeyRules.directory(settings, "workspace.dir", data.workspaceDir);
            }
            return data;
        }
    }

    /** @param url {@code postgresql://user:pw@host:port/db}; absent means an embedded server */
    record Database(Optional<Secret> url, int poolSize, Duration connectTimeout) {
        private static Database from(Settings settings) {
            return new Database(
                    KeyRules.databaseUrl(settings, "database.url"),
                    settings.count("database.pool-size", 8, 1, 1000),
                    settings.duration("database.connect-timeout", Duration.ofSeconds(5), SHORTEST, DAY));
        }
    }

    /**
     * How tokens are verified: by exactly one of the three keys, so that each token has one family of algorithms.
     *
     * @param jwtSecret for HS256, HS384 and HS512, 32 bytes or more
     * @param jwtPublicKey PEM, a public key or a certificate
     * @param audience must be in the token; absent means unchecked
     */
    record Auth(
            Optional<Secret> jwtSecret,
            Optional<String> jwtPublicKey,
            Optional<URI> jwksUrl,
            Duration jwksRefresh,
            Optional<String> issuer,
            Optional<String> audience) {
        private static final List<String> VERIFICATION_KEYS =
                List.of("auth.jwt-secret", "auth.jwt-public-key", "auth.jwks-url");

        private static Auth from(Settings settings, Mode mode) {
            Auth auth = new Auth(
                    KeyRules.hmacSecret(settings, "auth.jwt-secret"),
                    KeyRules.publicKey(settings, "auth.jwt-public-key"),
                    settings.uri("auth.jwks-url", "https", "http"),
                    settings.duration("auth.jwks-refresh", Duration.ofMinutes(5), Duration.ofSeconds(1), DAY),
                    settings.text("auth.issuer"),
                    settings.text("auth.audience"));
            List<String> set =
                    VERIFICATION_KEYS.stream().filter(settings::isSet).toList();
            if (set.size() > 1) {
                settings.fault(set.get(1), "is set beside " + set.get(0) + "; only one key verifies tokens");
            } else if (set.isEmpty() && mode == Mode.PRODUCTION) {
                settings.fault(
                        "auth.jwt-secret",
                        "is missing: no verification key for tokens; set it, auth.jwt-public-key or auth.jwks-url");
            }
            return auth;
        }
    }

    /** @param keys the first signs, all verify; empty means that the database keeps one */
    record Links(List<LinkKey> keys) {
        private static Links from(Settings settings) {
            return new Links(KeyRules.linkKeys(settings, "links.secrets"));
        }
    }

    /** @param secret Base64 */
    record LinkKey(String id, Secret secret) {}

    /**
     * How files are fetched from elsewhere.
     *
     * @param credentialsFile host → header, for upstreams that want a token
     * @param certificateAuthorities PEM, trusted besides those of the JDK
     * @param partialRetention how long what an unfinished fetch left is kept to be gone on with
     */
    record Ingest(
            List<String> allowedHosts,
            Duration pollInterval,
            Duration stallTimeout,
            DataSize maxFileSize,
            Optional<Path> credentialsFile,
            Optional<Path> certificateAuthorities,
            Duration partialRetention) {
        private static Ingest from(Settings settings) {
            return new Ingest(
                    KeyRules.hosts(settings, "ingest.allowed-hosts"),
                    settings.duration("ingest.poll-interval", Duration.ofSeconds(60), SHORTEST, DAY),
                    settings.duration("ingest.stall-timeout", Duration.ofSeconds(60), SHORTEST, DAY),
                    settings.size(
                            "ingest.max-file-size",
                            new DataSize(64L << 30),
                            new DataSize(1),
                            new DataSize(Long.MAX_VALUE)),
                    KeyRules.file(settings, "ingest.credentials-file", UpstreamCredentials::read),
                    KeyRules.file(settings, "ingest.certificate-authorities", TrustedAuthorities::read),
                    settings.duration("ingest.partial-retention", DAY, SHORTEST, DAY.multipliedBy(365)));
        }
    }

    /**
     * The models on offer.
     *
     * @param file absent means the catalog that is packaged
     * @param maxDownloads that are fetched at a time, on all replicas together
     */
    record Catalog(Optional<Path> file, int maxDownloads) {
        private static Catalog from(Settings settings) {
            return new Catalog(
                    KeyRules.file(settings, "catalog.file", KeyRules::catalog),
                    settings.count("catalog.max-downloads", 2, 1, 1000));
        }
    }

    /** Whether clients are sent to the store for single files. */
    enum Redirect {
        NEVER,
        PRESIGNED
    }

    /** @param drainTimeout how long running transfers may go on after SIGTERM */
    record Delivery(
            int maxStreams, int maxStreamsPerOwner, Duration stallTimeout, Duration drainTimeout, Redirect redirect) {
        private static Delivery from(Settings settings) {
            return new Delivery(
                    settings.count("delivery.max-streams", 10_000, 1, MOST_STREAMS),
                    settings.count("delivery.max-streams-per-owner", 1000, 1, MOST_STREAMS),
                    settings.duration("delivery.stall-timeout", Duration.ofSeconds(60), SHORTEST, DAY),
                    settings.duration("delivery.drain-timeout", Duration.ofSeconds(30), Duration.ZERO, DAY),
                    settings.oneOf("delivery.redirect", Redirect.class, Redirect.NEVER));
        }
    }

    /** What the process writes to its standard output. */
    record Log(Format format, Level level) {
        enum Format {
            TEXT,
            JSON
        }

        enum Level {
            ERROR,
            WARN,
            INFO,
            DEBUG,
            TRACE
        }

        private static Log from(Settings settings) {
            return new Log(
                    settings.oneOf("log.format", Format.class, Format.TEXT),
                    settings.oneOf("log.level", Level.class, Level.INFO));
        }
    }
}

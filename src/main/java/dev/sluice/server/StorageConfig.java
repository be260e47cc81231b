package dev.sluice.server;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.storage.s3.S3Config;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where published bytes are kept. */
record StorageConfig(Kind kind, S3 s3) {
    enum Kind {
        LOCAL,
        S3
    }

    static StorageConfig from(Settings settings) {
        Kind kind = settings.oneOf("storage", Kind.class, Kind.LOCAL);
        S3 s3 = S3.from(settings);
        if (kind == Kind.S3) {
            s3.requireComplete(settings, ", and storage is s3");
        }
        return new StorageConfig(kind, s3);
    }

    /**
     * Complete when the storage is {@code s3}; may be without.
     *
     * @param tlsAuthority certificates in PEM; absent means the JDK's
     */
    record S3(
            Optional<URI> endpoint,
            String region,
            Optional<String> bucket,
            S3Config.Addressing addressing,
            Optional<Secret> accessKey,
            Optional<Secret> secretKey,
            Optional<Secret> sessionToken,
            Optional<Path> tlsAuthority,
            int maxConnections) {
        /** Part of a path or of a host. */
        private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,254}");

        private static final List<String> REQUIRED =
                List.of("s3.endpoint", "s3.bucket", "s3.access-key", "s3.secret-key");

        private static S3 from(Settings settings) {
            Optional<String> bucket = settings.text("s3.bucket");
            bucket.filter(name -> !BUCKET.matcher(name).matches())
                    .ifPresent(name -> settings.fault("s3.bucket", "is not the name of a bucket"));
            return new S3(
                    settings.uri("s3.endpoint", "https", "http"),
                    settings.text("s3.region", "us-east-1"),
                    bucket,
                    settings.oneOf("s3.addressing", S3Config.Addressing.class, S3Config.Addressing.PATH),
                    settings.secret("s3.access-key"),
                    settings.secret("s3.secret-key"),
                    settings.secret("s3.session-token"),
                    settings.file("s3.tls-authority"),
                    settings.count("s3.max-connections", 256, 1, 100_000));
        }

        private void requireComplete(Settings settings, String why) {
            REQUIRED.stream()
                    .filter(key -> !settings.isSet(key))
                    .forEach(key -> settings.fault(key, "is missing" + why));
        }

        boolean isComplete() {
            return endpoint.isPresent() && bucket.isPresent() && accessKey.isPresent() && secretKey.isPresent();
        }

        /** Of what is complete. */
        S3Config connection() {
            return new S3Config(
                    endpoint.orElseThrow(),
                    region,
                    bucket.orElseThrow(),
                    addressing,
                    accessKey.orElseThrow(),
                    secretKey.orElseThrow(),
                    sessionToken,
                    tlsAuthority,
                    maxConnections);
        }
    }
}

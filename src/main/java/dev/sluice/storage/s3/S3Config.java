package dev.sluice.storage.s3;

import dev.sluice.config.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a bucket is, and who asks.
 *
 * @param endpoint {@code http} or {@code https}
 * @param region that requests are signed for
 * @param sessionToken of credentials that were lent
 * @param authority certificates in PEM that the endpoint's is checked with; absent means the JDK's
 * @param maxConnections of this process at one time; requests beyond wait for one
 */
public record S3Config(
        URI endpoint,
        String region,
        String bucket,
        Addressing addressing,
        Secret accessKey,
        Secret secretKey,
        Optional<Secret> sessionToken,
        Optional<Path> authority,
        int maxConnections) {
    /** How a request names the bucket. */
    public enum Addressing {
        /** {@code endpoint/bucket/key}. */
        PATH,
        /** {@code bucket.endpoint/key}. */
        VIRTUAL_HOST
    }
}

package dev.sluice.access;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the keys for tokens come from and what their claims must say. Exactly one of the three key sources is set.
 *
 * @param jwtSecret shared secret for HS256, HS384 and HS512; its UTF-8 bytes are the key, at least 32
 * @param jwtPublicKeyPem one public key or certificate in PEM (RFC 7468): RSA of 2048 bits or more, EC on P-256, P-384
 *     or P-521, or Ed25519
 * @param jwksUrl a JWK set (RFC 7517), http or https
 * @param jwksRefresh how often the JWK set is fetched again, positive
 * @param issuer the {@code iss} a token must have, when set
 * @param audience a value the {@code aud} of a token must contain, when set
 */
public record AccessConfig(
        Optional<String> jwtSecret,
        Optional<String> jwtPublicKeyPem,
        Optional<URI> jwksUrl,
        Duration jwksRefresh,
        Optional<String> issuer,
        Optional<String> audience) {

    /** Without the secret, so that the record may be logged. */
    @Override
    public String toString() {
        return "AccessConfig[jwtSecret=%s, jwtPublicKeyPem=%s, jwksHost=%s, jwksRefresh=%s, issuer=%s, audience=%s]"
                .formatted(
                        jwtSecret.map(secret -> "(set)"),
                        jwtPublicKeyPem.map(pem -> "(set)"),
                        jwksUrl.map(URI::getHost),
                        jwksRefresh,
                        issuer,
                        audience);
    }
}

package dev.sluice.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Optional;

/** Reads addresses of servers. */
final class Addresses {
    private Addresses() {}

    static Optional<URI> absolute(String text, String... schemes) {
        try {
            URI uri = new URI(text);
            boolean usable = Arrays.stream(schemes).anyMatch(scheme -> scheme.equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null;
            return usable ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException malformed) {
            return Optional.empty();
        }
    }
}

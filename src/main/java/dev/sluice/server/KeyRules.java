package dev.sluice.server;

import dev.sluice.catalog.Catalog;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.http.Network;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The forms of single keys that are more than a number or a word. What is wrong becomes a fault, without a secret's value. */
final class KeyRules {
    /** RFC 7518 section 3.2: a key of the hash's size or larger. */
    private static final int LEAST_HMAC_BYTES = 32;

    /** 128 bits, beyond guessing. */
    private static final int LEAST_LINK_BYTES = 16;

    private static final Pattern LINK_KEY_ID = Pattern.compile("[A-Za-z0-9_-]{1,32}");
    private static final Pattern ORIGIN = Pattern.compile("https?://[a-z0-9.-]+(:\\d{1,5})?");
    private static final Pattern HOST = Pattern.compile("((\\*\\.)?[A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?");
    private static final Pattern AUTHORITY = Pattern.compile("[^@]+@([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?");
    private static final Pattern PUBLIC_KEY =
            Pattern.compile("\\s*-----BEGIN (PUBLIC KEY|CERTIFICATE)-----[A-Za-z0-9+/=\\s]+-----END \\1-----\\s*");

    private KeyRules() {}

    static Optional<Secret> hmacSecret(Settings settings, String key) {
        Optional<Secret> secret = settings.secret(key);
        secret.ifPresent(known -> {
            int bytes = known.reveal().getBytes(StandardCharsets.UTF_8).length;
            if (bytes < LEAST_HMAC_BYTES) {
                settings.fault(key, "has " + bytes + " bytes; HS256 needs " + LEAST_HMAC_BYTES + " or more");
            }
        });
        return secret;
    }

    /** One PEM block; from an environment that cannot hold line ends also with {@code \n} written out. */
    static Optional<String> publicKey(Settings settings, String key) {
        Optional<String> pem = settings.secret(key).map(text -> text.reveal().replace("\\n", "\n"));
        pem.filter(text -> !PUBLIC_KEY.matcher(text).matches())
                .ifPresent(text -> settings.fault(
                        key,
                        text.contains("PRIVATE KEY")
                                ? "is a private key; only its public key belongs here"
                                : "is not one PEM block, PUBLIC KEY or CERTIFICATE"));
        return pem;
    }

    /** The user's name is required since the migrations work as that user. */
    static Optional<Secret> databaseUrl(Settings settings, String key) {
        Optional<Secret> url = settings.secret(key);
        url.filter(text -> !isDatabaseUrl(text.reveal()))
                .ifPresent(text -> settings.fault(
                        key,
                        "is not of the form postgresql://user:password@host:port/database"
                                + " (special characters in the password as %XX)"));
        return url;
    }

    private static boolean isDatabaseUrl(String text) {
        try {
            URI uri = new URI(text);
            // Not getHost: it is null for names with an underscore, which container networks have.
            return ("postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme()))
                    && uri.getRawAuthority() != null
                    && AUTHORITY.matcher(uri.getRawAuthority()).matches()
                    && uri.getPath().matches("/[^/]+")
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException malformed) {
            return false;
        }
    }

    /** Reads what a key's file says. */
    @FunctionalInterface
    interface Reading {
        void read(Path file) throws IOException;
    }

    /** A file that says what the server can use. Whoever uses it reads it again. */
    static Optional<Path> file(Settings settings, String key, Reading reading) {
        Optional<Path> file = settings.file(key);
        file.ifPresent(path -> {
            try {
                reading.read(path);
            } catch (IOException unusable) {
                settings.fault(key, "cannot be used: " + unusable.getMessage());
            }
        });
        return file;
    }

    /** A directory that is there, or can be made. */
    static void directory(Settings settings, String key, Path directory) {
        Path absolute = directory.toAbsolutePath();
        Path existing = Stream.iterate(absolute, Objects::nonNull, Path::getParent)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        if (!Files.isDirectory(existing)) {
            settings.fault(key, "cannot be used: " + existing + " is no directory");
        } else if (!existing.equals(absolute) && !Files.isWritable(existing)) {
            settings.fault(key, "cannot be made: " + existing + " cannot be written");
        }
    }

    static void catalog(Path file) throws IOException {
        Catalog.read(Optional.of(file));
    }

    /** {@code kid:base64,kid2:base64}. */
    static List<ServerConfig.LinkKey> linkKeys(Settings settings, String key) {
        List<ServerConfig.LinkKey> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        List<String> entries = settings.secret(key)
                .map(text -> List.of(text.reveal().strip().split("\\s*,\\s*", -1)))
                .orElse(List.of());
        for (int i = 0; i < entries.size(); i++) {
            String[] parts = entries.get(i).split(":", 2);
            String where = "entry " + (i + 1) + " ";
            if (parts.length < 2 || !LINK_KEY_ID.matcher(parts[0]).matches()) {
                settings.fault(key, where + "is not of the form kid:base64");
            } else if (!ids.add(parts[0])) {
                settings.fault(key, where + "has the same kid as one before it");
            } else if (decodedLength(parts[1]) < LEAST_LINK_BYTES) {
                settings.fault(key, where + "is not Base64 of " + LEAST_LINK_BYTES + " bytes or more");
            } else {
                keys.add(new ServerConfig.LinkKey(parts[0], new Secret(parts[1])));
            }
        }
        return List.copyOf(keys);
    }

    private static int decodedLength(String base64) {
        try {
            return Base64.getDecoder().decode(base64).length;
        } catch (IllegalArgumentException malformed) {
            return -1;
        }
    }

    /** Origins as a browser sends them: RFC 6454 section 6.2. */
    static List<String> origins(Settings settings, String key) {
        return each(
                settings,
                key,
                ORIGIN,
                "is not an origin such as https://app.example.com, in lower case and without a path");
    }

    static List<Network> networks(Settings settings, String key) {
        List<Network> networks = new ArrayList<>();
        for (String value : settings.list(key)) {
            Network.parse(value)
                    .ifPresentOrElse(
                            networks::add,
                            () -> settings.fault(
                                    key,
                                    "'" + value
                                            + "' is not an address such as 10.1.2.3, or a network such as 10.0.0.0/8"));
        }
        return List.copyOf(networks);
    }

    static List<String> hosts(Settings settings, String key) {
        return each(settings, key, HOST, "is not a host such as example.com, *.example.com or example.com:8443");
    }

    private static List<String> each(Settings settings, String key, Pattern form, String otherwise) {
        List<String> values = settings.list(key);
        values.stream()
                .filter(value -> !form.matcher(value).matches())
                .forEach(value -> settings.fault(key, "'" + value + "' " + otherwise));
        return values;
    }
}

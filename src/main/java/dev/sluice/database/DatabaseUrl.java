package dev.sluice.database;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection URI of libpq's form (PostgreSQL manual, 32.1.1.2), read once for both clients: JDBC for migrations and
 * the reactive one. Of the parameters {@code sslmode} and {@code sslrootcert} (a PEM file; the JDK's authorities
 * without) are understood, others are refused rather than ignored. Never shows its password.
 */
record DatabaseUrl(
        String host, int port, String database, String user, String password, Map<String, String> parameters) {
    private static final Set<String> KNOWN = Set.of("sslmode", "sslrootcert");
    private static final List<String> MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    /** @throws IllegalArgumentException with a message that does not repeat the URL, since it holds a password */
    static DatabaseUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // Neither the message nor the cause: both quote the input.
            throw refused("is no URI (percent-encode special characters of the password)");
        }
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw refused("must begin with postgresql://");
        }
        if (uri.getHost() == null || uri.getRawUserInfo() == null) {
            throw refused("needs a user and a host");
        }
        Map<String, String> parameters = parameters(uri.getRawQuery());
        if (!MODES.contains(parameters.getOrDefault("sslmode", "prefer"))) {
            throw refused("has an sslmode other than " + MODES);
        }
        String[] userInfo = uri.getRawUserInfo().split(":", 2);
        String user = decode(userInfo[0]);
        String path = uri.getRawPath();
        return new DatabaseUrl(
                uri.getHost(),
                uri.getPort() == -1 ? 5432 : uri.getPort(),
                path.length() > 1 ? decode(path.substring(1)) : user,
                user,
                userInfo.length == 2 ? decode(userInfo[1]) : "",
                parameters);
    }

    String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    Properties jdbcProperties() {
        Properties properties = new Properties();
        properties.putAll(parameters);
        if (sslMode().compareTo(SslMode.VERIFY_CA) >= 0 && !parameters.containsKey("sslrootcert")) {
            properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        return properties;
    }

    PgConnectOptions connectOptions() {
        PgConnectOptions options = new PgConnectOptions()
                .setHost(host)
                .setPort(port)
                .setDatabase(database)
                .setUser(user)
                .setPassword(password)
                .setSslMode(sslMode());
        return switch (sslMode()) {
            case DISABLE -> options;
            case ALLOW, PREFER, REQUIRE -> options.setSslOptions(new ClientSSLOptions().setTrustAll(true));
            case VERIFY_CA -> options.setSslOptions(verifying().setHostnameVerificationAlgorithm(""));
            case VERIFY_FULL -> options.setSslOptions(verifying().setHostnameVerificationAlgorithm("HTTPS"));
        };
    }

    private ClientSSLOptions verifying() {
        ClientSSLOptions options = new ClientSSLOptions();
        @Nullable String authorities = parameters.get("sslrootcert");
        return authorities == null ? options : options.setTrustOptions(new PemTrustOptions().addCertPath(authorities));
    }

    private SslMode sslMode() {
        return SslMode.of(parameters.getOrDefault("sslmode", "prefer"));
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                if (!KNOWN.contains(parts[0]) || parts.length != 2) {
                    throw refused("has a parameter other than " + KNOWN);
                }
                parameters.put(parts[0], decode(parts[1]));
            }
        }
        return Map.copyOf(parameters);
    }

    private static String decode(String text) {
        // URLDecoder reads + as a blank, which a URI does not.
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("the database URL " + why);
    }

    @Override
    public String toString() {
        return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
    }
}

package dev.sluice.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that was built, from a resource that the build fills in. */
final class Version {
    static final String CURRENT = read();

    private Version() {}

    private static String read() {
        Properties built = new Properties();
        try (InputStream resource = Version.class.getResourceAsStream("/sluice.properties")) {
            built.load(resource);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return built.getProperty("version");
    }
}

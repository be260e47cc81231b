package dev.sluice.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** PostgreSQL refuses to run as root, so root (as in many containers) runs it as somebody else. */
final class Unprivileged {
    private static final int NOBODY = 65534;

    private Unprivileged() {}

    /**
     * What to put before a command: nothing for an ordinary user. Root keeps to whoever owns the directory already; one
     * of its own is served from a user namespace, where the files stay root's and the process is not, or handed to
     * {@code nobody} where namespaces are forbidden.
     */
    static List<String> prefix(Path home) throws IOException {
        if (effectiveUser(home) != 0) {
            return List.of();
        }
        int owner = (int) Files.getAttribute(home, "unix:uid");
        if (owner == 0 && succeeds("unshare", "--user", "true")) {
            return List.of("unshare", "--user");
        }
        if (owner == 0) {
            giveTo(NOBODY, home);
        }
        return List.of(
                "setpriv",
                "--reuid=" + Files.getAttribute(home, "unix:uid"),
                "--regid=" + Files.getAttribute(home, "unix:gid"),
                "--clear-groups");
    }

    private static void giveTo(int user, Path home) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(home)) {
            paths = walk.toList();
        }
        for (Path path : paths) {
            Files.setAttribute(path, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", user, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static int effectiveUser(Path home) throws IOException {
        Path probe = Files.createTempFile(home, "user", null);
        try {
            return (int) Files.getAttribute(probe, "unix:uid");
        } finally {
            Files.delete(probe);
        }
    }

    /** False, too, where the program is missing. */
    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

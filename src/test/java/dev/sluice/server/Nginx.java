package dev.sluice.server;

import dev.sluice.archive.ExternalTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Debian's nginx, with a port for each way in which it may be set up. Blocking. */
public final class Nginx implements AutoCloseable {
    private static final String HERE = "/.nginx-is-here";
    private static final int ATTEMPTS = 5;

    private final Process process;
    private final Path log;
    private final Map<String, Integer> ports;

    private Nginx(Process process, Path log, Map<String, Integer> ports) {
        this.process = process;
        this.log = log;
        this.ports = ports;
    }

    /**
     * Starts it; a port that somebody else has taken meanwhile is chosen anew.
     *
     * @param directory for its configuration, log and temporary files
     * @param http directives for all
     * @param locations directives of the one location, by name
     */
    public static Nginx start(Path directory, String http, Map<String, String> locations)
            throws IOException, InterruptedException {
        new ExternalTool("nginx").requirePresent();
        Path log = directory.resolve("nginx.log");
        for (int attempt = 1; ; attempt++) {
            Map<String, Integer> ports = new LinkedHashMap<>();
            StringBuilder servers = new StringBuilder();
            for (Map.Entry<String, String> location : locations.entrySet()) {
                int port = freePort();
                while (ports.containsValue(port)) {
                    port = freePort();
                }
                ports.put(location.getKey(), port);
                servers.append("server { listen 127.0.0.1:" + port + "; location = " + HERE + " { return 204; }\n")
                        .append("location / {\n" + location.getValue() + "\n} }\n");
            }
            Path configuration = Files.writeString(
                    directory.resolve("nginx.conf"),
                    "daemon off; master_process off; error_log stderr; pid " + directory.resolve("nginx.pid")
                            + "; worker_rlimit_nofile 4096;\nevents { worker_connections 1024; }\nhttp { access_log off;\n"
                            + "client_body_temp_path " + directory.resolve("bodies") + "; proxy_temp_path "
                            + directory.resolve("answers") + ";\n" + http + "\n" + servers + "}\n");
            Process process = new ProcessBuilder("nginx", "-p", directory.toString(), "-c", configuration.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Nginx nginx = new Nginx(process, log, ports);
            if (nginx.isUp()) {
                return nginx;
            }
            nginx.close();
            if (attempt == ATTEMPTS) {
                throw new AssertionError("nginx does not start: " + Files.readString(log));
            }
        }
    }

    public int port(String name) {
        return Optional.ofNullable(ports.get(name)).orElseThrow();
    }

    public URI uri(String name, String path) {
        return URI.create("http://127.0.0.1:" + port(name) + path);
    }

    private boolean isUp() throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        for (String name : ports.keySet()) {
            HttpRequest asked = HttpRequest.newBuilder(uri(name, HERE)).build();
            while (true) {
                if (!process.isAlive()) {
                    return false;
                }
                try {
                    if (client.send(asked, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 204) {
                        break;
                    }
                } catch (IOException notYet) {
                    // Its end is seen above.
                }
                Thread.sleep(10);
            }
        }
        return true;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("nginx does not end");
        }
    }
}

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What is quickly written with a JDK alone: a thread for each request, which copies files into the response and deflates
 * archives while they are sent. Arguments: port, directory of the jobs.
 */
public final class Baseline {
    private static final int BACKLOG = 4096;

    private final Path jobs;

    private Baseline(Path jobs) {
        this.jobs = jobs;
    }

    public static void main(String[] arguments) throws IOException {
        Baseline baseline = new Baseline(Path.of(arguments[1]));
        HttpServer server =
                HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])), BACKLOG);
        server.createContext("/files/", baseline::file);
        server.createContext("/models/", exchange -> {
            Path model = baseline.job(exchange, "/models/").resolve("model");
            try (Stream<Path> walk = Files.walk(model)) {
                archive(exchange, model, walk.filter(Files::isRegularFile).toList());
            }
        });
        server.createContext("/logs/", exchange -> {
            Path job = baseline.job(exchange, "/logs/");
            archive(exchange, job, List.of(job.resolve("training.log"), job.resolve("progress.json")));
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    private Path job(HttpExchange exchange, String context) {
        return jobs.resolve(exchange.getRequestURI().getPath().substring(context.length()));
    }

    private void file(HttpExchange exchange) throws IOException {
        Path file = job(exchange, "/files/");
        exchange.sendResponseHeaders(200, Files.size(file));
        try (OutputStream body = exchange.getResponseBody()) {
            Files.copy(file, body);
        }
    }

    private static void archive(HttpExchange exchange, Path root, List<Path> files) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (ZipOutputStream zip = new ZipOutputStream(exchange.getResponseBody())) {
            for (Path file : files) {
                zip.putNextEntry(new ZipEntry(root.relativize(file).toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }
}

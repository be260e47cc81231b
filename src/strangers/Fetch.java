import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@code java Fetch.java URL FILE}: saves it, going on where the file ends. The environment has AUTHORIZATION, or an empty one. */
final class Fetch {
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[1]);
        long have = Files.exists(file) ? Files.size(file) : 0;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(arguments[0]));
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        if (!System.getenv("AUTHORIZATION").isEmpty()) {
            request.header("Authorization", System.getenv("AUTHORIZATION"));
        }
        HttpResponse<InputStream> answer =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != (have > 0 ? 206 : 200)) {
            throw new IllegalStateException("status " + answer.statusCode());
        }
        try (InputStream body = answer.body();
                OutputStream saved =
                        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            body.transferTo(saved);
        }
    }
}

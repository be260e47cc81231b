package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.HttpDate;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** Reads what came back. */
final class Responses {
    private Responses() {}

    static String field(HttpResponse<?> response, String name) {
        return response.headers()
                .firstValue(name)
                .orElseThrow(() ->
                        new AssertionError(response.statusCode() + " without " + name + ": " + response.headers()));
    }

    static JsonObject json(HttpResponse<byte[]> response) {
        return new JsonObject(Buffer.buffer(response.body()));
    }

    /** A problem document of section 3 of the contract, complete and with nothing else in its head. */
    static JsonObject assertProblem(HttpResponse<byte[]> response, int status, String detail) {
        JsonObject problem = assertProblem(response, status);
        assertThat(problem.getString("detail")).isEqualTo(detail);
        return problem;
    }

    static JsonObject assertProblem(HttpResponse<byte[]> response, int status) {
        Map<String, String> fields = new TreeMap<>();
        response.headers()
                .map()
                .forEach((name, values) -> fields.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        return assertProblem(response.statusCode(), fields, response.body(), status);
    }

    static JsonObject assertProblem(RawConnection.Response response, int status) {
        return assertProblem(response.status(), response.fields(), response.body(), status);
    }

    /** @param fields by name in lower case */
    private static JsonObject assertProblem(int answered, Map<String, String> fields, byte[] body, int status) {
        assertThat(answered)
                .as(() -> new String(body, java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(status);
        assertThat(fields.get("content-type")).isEqualTo("application/problem+json");
        assertThat(fields.get("cache-control")).isEqualTo("no-store");
        assertThat(HttpDate.parse(fields.getOrDefault("date", ""))).isPresent();
        assertThat(fields)
                .doesNotContainKeys("etag", "content-disposition", "accept-ranges", "last-modified", "repr-digest");
        JsonObject problem = new JsonObject(Buffer.buffer(body));
        assertThat(problem.getString("type")).isEqualTo("about:blank");
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("instance")).matches("[0-9a-f]{32}").isEqualTo(fields.get("x-request-id"));
        return problem;
    }

    /** Entries in the order of the archive, content by name. */
    static Map<String, byte[]> unzipped(byte[] zip) {
        try (ZipFile file = ZipFile.builder().setByteArray(zip).get()) {
            Map<String, byte[]> contents = new LinkedHashMap<>();
            for (ZipArchiveEntry entry : entries(zip)) {
                try (InputStream content = file.getInputStream(file.getEntry(entry.getName()))) {
                    contents.put(entry.getName(), content.readAllBytes());
                }
            }
            return contents;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static List<ZipArchiveEntry> entries(byte[] zip) {
        try (ZipFile file = ZipFile.builder().setByteArray(zip).get()) {
            List<ZipArchiveEntry> entries = new ArrayList<>();
            file.getEntriesInPhysicalOrder().asIterator().forEachRemaining(entries::add);
            return entries;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static ZipArchiveEntry entry(byte[] zip, String name) {
        return entries(zip).stream()
                .filter(entry -> entry.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no entry " + name));
    }

    static Map<String, byte[]> untarred(byte[] tar) {
        try (TarFile file = new TarFile(tar)) {
            Map<String, byte[]> contents = new LinkedHashMap<>();
            for (TarArchiveEntry entry : file.getEntries()) {
                try (InputStream content = file.getInputStream(entry)) {
                    contents.put(entry.getName(), content.readAllBytes());
                }
            }
            return contents;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}

package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.entry;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDownloadTest {
    private static final String MODEL = "/api/training/run-1/download/model";
    private static final byte[] WEIGHTS = weights();
    private static final byte[] CONFIG = "{\"hidden_size\": 768}\n".repeat(500).getBytes(StandardCharsets.UTF_8);

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("model/model.safetensors", WEIGHTS);
        files.put("model/config.json", CONFIG);
        files.put("model/step-100/model.safetensors", WEIGHTS);
        files.put("model/step-100/nested/notes.txt", CONFIG);
        files.put("training.log", CONFIG);
        server.completed("alice", "run-1", files);
        Path model = server.workspace().resolve("run-1/model");
        Files.createDirectories(model.resolve("logs/empty"));
        Path script = server.write("run-1", "model/run.sh", "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(script, FileTime.from(Instant.parse("2020-02-02T20:20:20Z")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] weights() {
        byte[] weights = new byte[300_000];
        new Random(7).nextBytes(weights);
        return weights;
    }

    @Test
    void theZipHoldsTheModelByPathsRelativeToItInTheSameOrderAlways() {
        HttpResponse<byte[]> response = get(MODEL);
        assertThat(response.statusCode()).isEqualTo(200);
        Map<String, byte[]> zip = unzipped(response.body());
        assertThat(zip)
                .containsOnlyKeys(
                        "config.json",
                        "logs/empty/",
                        "model.safetensors",
                        "run.sh",
                        "step-100/model.safetensors",
                        "step-100/nested/notes.txt");
        assertThat(zip.get("model.safetensors")).isEqualTo(WEIGHTS);
        assertThat(zip.get("step-100/nested/notes.txt")).isEqualTo(CONFIG);
        assertThat(get(MODEL).body()).isEqualTo(response.body());
    }

    @Test
    void weightsAreStoredAndTextIsDeflatedWithSizesInLocalHeaders() {
        byte[] zip = get(MODEL).body();
        assertThat(entry(zip, "model.safetensors").getMethod()).isEqualTo(ZipArchiveEntry.STORED);
        ZipArchiveEntry config = entry(zip, "config.json");
        assertThat(config.getMethod()).isEqualTo(ZipArchiveEntry.DEFLATED);
        assertThat(config.getCompressedSize()).isLessThan(CONFIG.length / 3);
        assertThat(Responses.entries(zip))
                .allSatisfy(entry -> assertThat(entry.getGeneralPurposeBit().usesDataDescriptor())
                        .isFalse());
    }

    @Test
    void modesTimesAndEmptyDirectoriesAreKept() {
        byte[] zip = get(MODEL).body();
        ZipArchiveEntry script = entry(zip, "run.sh");
        assertThat(script.getUnixMode() & 0777).isEqualTo(0751);
        assertThat(script.getLastModifiedTime().toInstant()).isEqualTo("2020-02-02T20:20:20Z");
        assertThat(entry(zip, "logs/empty/").isDirectory()).isTrue();
    }

    @Test
    void aCheckpointIsAZipOfItsOwn() {
        HttpResponse<byte[]> response = get(MODEL + "?checkpoint=step-100");
        assertThat(field(response, "Content-Disposition")).contains("filename=\"model_run-1_step-100.zip\"");
        assertThat(unzipped(response.body())).containsOnlyKeys("model.safetensors", "nested/notes.txt");
        assertThat(unzipped(get(MODEL + "?checkpoint=logs").body())).containsOnlyKeys("empty/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "..", "%2e%2e", "../step-100", "..%2fstep-100", "step-100/nested", "step-100%2Fnested", "/etc",
                "%2Fetc", "..%5cstep-100", "a%5Cb", "a%00", "step-100%00", "a%0ab", "a%1bb", "a%7fb", "step-100/",
                "a..b", "..."
            })
    void aCheckpointNameThatIsNoneIsRefused(String name) {
        assertProblem(get(MODEL + "?checkpoint=" + name), 400, "Invalid checkpoint name");
        assertProblem(get("/api/training/none/download/model?checkpoint=" + name), 404, "Job not found");
    }

    @ParameterizedTest
    @CsvSource({
        "none, none",
        "config.json, config.json",
        "%252e%252e, %2e%2e",
        "a%20b, a b",
        "'%3Cscript%3E', <script>",
        "o'%27'clock, o'clock"
    })
    void aCheckpointThatIsNotThereIsNamed(String asked, String name) {
        assertProblem(get(MODEL + "?checkpoint=" + asked.replace("'", "")), 404, "Checkpoint '" + name + "' not found");
    }

    @Test
    void aJobWithoutAModelSaysSo() {
        server.register("alice", "bare");
        String none = "Model directory not found for job bare";
        assertProblem(get("/api/training/bare/download/model"), 404, none);
        assertProblem(get("/api/training/bare/download/model?checkpoint=step-1"), 404, none);
        server.write("bare", "model", new byte[3]);
        assertProblem(get("/api/training/bare/download/model"), 404, none);
    }

    @Test
    void anEmptyModelIsAnEmptyArchive() throws IOException {
        server.register("alice", "hollow");
        Files.createDirectories(server.workspace().resolve("hollow/model"));
        HttpResponse<byte[]> response = get("/api/training/hollow/download/model");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(unzipped(response.body())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "?format=zip, application/zip, model_run-1.zip",
        "?format=tar, application/x-tar, model_run-1.tar",
        "/model_run-1.zip, application/zip, model_run-1.zip",
        "/model_run-1.tar, application/x-tar, model_run-1.tar",
        "/any%20name, application/zip, model_run-1.zip",
        "/a.tar?format=zip, application/zip, model_run-1.zip",
        "/a.tar?checkpoint=step-100, application/x-tar, model_run-1_step-100.tar"
    })
    void theFormatIsAskedForByParameterOrTrailingName(String ending, String mediaType, String filename) {
        HttpResponse<byte[]> response = get(MODEL + ending);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(field(response, "Content-Type")).isEqualTo(mediaType);
        assertThat(field(response, "Content-Disposition"))
                .isEqualTo("attachment; filename=\"" + filename + "\"; filename*=UTF-8''" + filename);
    }

    @Test
    void theTarHoldsWhatTheZipHolds() {
        Map<String, byte[]> zip = unzipped(get(MODEL).body());
        Map<String, byte[]> tar = Responses.untarred(get(MODEL + "?format=tar").body());
        assertThat(tar.keySet()).containsExactlyElementsOf(zip.keySet());
        tar.forEach((name, content) -> assertThat(content).isEqualTo(zip.get(name)));
    }

    @ParameterizedTest
    @CsvSource({
        "include=*.json, config.json",
        "include=**/*.safetensors, model.safetensors;step-100/model.safetensors",
        "include=step-100/**&exclude=**/notes.txt, step-100/model.safetensors",
        "include=config.json&include=run.sh, config.json;run.sh",
        "exclude=**/*.safetensors&exclude=logs/**, config.json;run.sh;step-100/nested/notes.txt",
        "include=nothing, ''"
    })
    void globsChooseEntries(String query, String names) {
        HttpResponse<byte[]> response = get(MODEL + "?" + query);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(String.join(";", new TreeSet<>(unzipped(response.body()).keySet())))
                .isEqualTo(names);
        assertThat(field(response, "ETag")).isNotEqualTo(field(get(MODEL), "ETag"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format=rar",
                "format=",
                "format=ZIP",
                "include=%5B",
                "include=%zz",
                "v=%zz",
                "checkpoint=%zz",
                "other=%"
            })
    void aQueryThatCannotBeMeantIsRefused(String query) throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            RawConnection.Response refused = connection.exchange("GET", server.token("alice"), MODEL + "?" + query);
            assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        }
    }

    private static HttpResponse<byte[]> get(String path) {
        return server.get(server.token("alice"), path);
    }
}

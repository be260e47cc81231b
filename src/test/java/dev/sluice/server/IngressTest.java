package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import dev.sluice.cli.Doctor;
import dev.sluice.cli.Finding;
import dev.sluice.cli.Finding.Check;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads behind Debian's nginx as it comes, as we recommend it and set up badly; and what the doctor says of each. */
class IngressTest {
    /** Beyond what sockets hold, and beyond what nginx keeps of one answer in a file. Bytes. */
    private static final long LARGE = 80L << 20;

    private static final long BEYOND_TEMPORARY_FILES = 1100L << 20;

    private static final String LARGE_FILE = "/api/training/run-1/files/model/large.bin";
    private static final String HUGE_FILE = "/api/training/run-2/files/model/huge.bin";
    private static final String SMALL_FILE = "/api/training/run-1/files/model/small.bin";

    /** What k8s/ingress-nginx makes of it. */
    private static final String RECOMMENDED = """
            proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
            proxy_buffering off; proxy_max_temp_file_size 0; proxy_request_buffering off; client_max_body_size 0;
            proxy_connect_timeout 5s; proxy_read_timeout 3600s; proxy_send_timeout 3600s; send_timeout 3600s;
            """;

    /** A pause that ends as soon as there is something to be seen. */
    private static final Duration UNTIL_SEEN = Duration.ofMinutes(6);

    private static final Duration SHORT = Duration.ofSeconds(2);

    @TempDir
    private static Path dir;

    private static TestServer server;
    private static Nginx nginx;
    private static byte[] small;

    @BeforeAll
    static void start() throws Exception {
        server = TestServer.start();
        Path model = Files.createDirectories(server.workspace().resolve("run-1/model"));
        sparse(model.resolve("large.bin"), LARGE);
        small = new byte[3_000_000];
        new Random(8).nextBytes(small);
        Files.write(model.resolve("small.bin"), small);
        server.completed("alice", "run-1", Map.of());
        Path running = Files.createDirectories(server.workspace().resolve("run-2/model"));
        sparse(running.resolve("huge.bin"), BEYOND_TEMPORARY_FILES);
        server.register("alice", "run-2");
        Map<String, String> locations = new LinkedHashMap<>();
        locations.put("defaults", "");
        locations.put("recommended", RECOMMENDED);
        locations.put("buffering", "proxy_ignore_headers X-Accel-Buffering; client_max_body_size 0;");
        locations.put(
                "limited",
                "proxy_ignore_headers X-Accel-Buffering; client_max_body_size 0; proxy_max_temp_file_size 16m;");
        locations.put("old-protocol", RECOMMENDED + "proxy_http_version 1.0;");
        locations.put("compressing", RECOMMENDED + "gzip on; gzip_types *;");
        locations.put("no-range", RECOMMENDED + "proxy_set_header Range \"\";");
        locations.put("no-if-range", RECOMMENDED + "proxy_set_header If-Range \"\";");
        locations.put("no-condition", RECOMMENDED + "proxy_set_header If-None-Match \"\";");
        locations.put("no-tag", RECOMMENDED + "proxy_hide_header ETag;");
        locations.put("filtering", RECOMMENDED + "sub_filter_types *; sub_filter 'no such text' '';");
        locations.put("no-offer", RECOMMENDED + "proxy_hide_header Accept-Ranges;");
        locations.put("cutting", RECOMMENDED + "send_timeout 1s;");
        locations.replaceAll(
                (name, directives) -> once(directives) + "\nproxy_pass http://127.0.0.1:" + server.port() + ";");
        nginx = Nginx.start(dir, "", locations);
    }

    /** Of directives that stand there twice the last. */
    private static String once(String directives) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (String directive : directives.strip().split(";\\s*", -1)) {
            String[] words = directive.split(" ", -1);
            kept.put(words[0].endsWith("_header") ? words[0] + words[1] : words[0], directive);
        }
        return kept.values().stream().filter(one -> !one.isBlank()).reduce("", (all, one) -> all + one + ";\n");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (nginx != null) {
            nginx.close();
        }
        server.close();
    }

    private static void sparse(Path file, long size) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        }
    }

    private static List<Finding> examined(String nginxAs, String path, Duration patience) throws IOException {
        return new Doctor(nginx.uri(nginxAs, path), Optional.of(server.token("alice")), patience).examine();
    }

    private static List<Check> faults(List<Finding> findings) {
        return findings.stream().filter(Finding::isFault).map(Finding::check).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "compressing, COMPRESSION",
        "no-range, RANGE",
        "no-if-range, IF_RANGE",
        "no-condition, NOT_MODIFIED",
        "no-tag, TAG",
        "no-offer, RANGES_OFFERED"
    })
    void theDoctorNamesTheOneFault(String nginxAs, Check fault) throws IOException {
        assertThat(faults(examined(nginxAs, SMALL_FILE, Duration.ZERO))).containsExactly(fault);
    }

    @Test
    void theDoctorNamesWhatAFilterOfBodiesTakes() throws IOException {
        assertThat(faults(examined("filtering", SMALL_FILE, Duration.ZERO))).contains(Check.LENGTH, Check.TAG);
    }

    @Test
    void theDoctorNamesBuffers() throws IOException {
        assertThat(faults(examined("buffering", LARGE_FILE, UNTIL_SEEN))).containsExactly(Check.BUFFERING);
    }

    @Test
    void theDoctorNamesWhoCutsSlowClients() throws IOException {
        assertThat(faults(examined("cutting", LARGE_FILE, UNTIL_SEEN))).containsExactly(Check.PATIENCE);
    }

    /** Sluice itself asks nginx not to buffer; what then is left is the limit of uploads. */
    @Test
    void asItComesOnlyLargeUploadsAreRefused() throws IOException {
        assertThat(faults(examined("defaults", LARGE_FILE, SHORT))).containsExactly(Check.UPLOADS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"recommended", "old-protocol"})
    void theDoctorFindsNoFaultWhereThereIsNone(String nginxAs) throws IOException {
        assertThat(examined(nginxAs, LARGE_FILE, SHORT))
                .hasSize(Check.values().length)
                .allMatch(finding -> finding.verdict() == Finding.Verdict.GOOD);
    }

    @Test
    void withoutAProxyThereIsNoFaultEither() throws IOException {
        assertThat(faults(new Doctor(server.uri(LARGE_FILE), Optional.of(server.token("alice")), SHORT).examine()))
                .isEmpty();
    }

    @Test
    void aModelIsFoundByItself() throws IOException {
        byte[] weights = new byte[1000];
        server.completed("bob", "of-bob", Map.of("model/weights.bin", weights));
        new Models(server).published("bob", "of-bob");
        List<Finding> findings =
                new Doctor(nginx.uri("recommended", ""), Optional.of(server.token("bob")), SHORT).examine();
        assertThat(faults(findings)).isEmpty();
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Finding.Verdict.UNKNOWN)
                .extracting(Finding::check)
                .containsExactly(Check.BUFFERING, Check.PATIENCE);
    }

    @Test
    void theTableSaysWhatToChange() {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        Doctor.print(
                List.of(
                        new Finding(Check.LENGTH, Finding.Verdict.GOOD, "5 bytes"),
                        new Finding(Check.RANGE, Finding.Verdict.FAULT, "answered with 200")),
                new PrintStream(table, true, StandardCharsets.UTF_8));
        assertThat(table.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .anyMatch(line -> line.matches("good +Content-Length +5 bytes"))
                .anyMatch(line -> line.matches("fault +Range +answered with 200"))
                .last()
                .matches(line -> line.contains("proxy_set_header Range"));
    }

    /** Whole, though nginx keeps no more than a gigabyte of one answer, or than it is told; and the same bytes from the middle on. */
    @ParameterizedTest
    @CsvSource({
        "defaults, " + HUGE_FILE + ", " + BEYOND_TEMPORARY_FILES,
        "recommended, " + HUGE_FILE + ", " + BEYOND_TEMPORARY_FILES,
        "limited, " + LARGE_FILE + ", " + LARGE
    })
    void downloadsCompleteAndResume(String nginxAs, String large, long size) throws Exception {
        assertThat(curl("-o", "/dev/null", "-w", "%{http_code} %{size_download}", nginx.uri(nginxAs, large)))
                .isEqualTo("200 " + size);
        Path part = dir.resolve(nginxAs + ".bin");
        Files.write(part, java.util.Arrays.copyOf(small, 1_234_567));
        assertThat(curl("-C", "-", "-o", part, "-w", "%{http_code}", nginx.uri(nginxAs, SMALL_FILE)))
                .isEqualTo("206");
        assertThat(Files.readAllBytes(part)).isEqualTo(small);
    }

    private static String curl(Object... arguments) throws Exception {
        Object[] all = new Object[arguments.length + 3];
        all[0] = "-fsS";
        all[1] = "-H";
        all[2] = "Authorization: Bearer " + server.token("alice");
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return new ExternalTool("curl").run(dir, all).succeeded().output();
    }

    /** The client has the first byte while the server still has most of the others. */
    @ParameterizedTest
    @ValueSource(strings = {"defaults", "recommended"})
    void theFirstBytePassesAtOnce(String nginxAs) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(nginx.uri(nginxAs, LARGE_FILE))
                .header("Authorization", "Bearer " + server.token("alice"))
                .build();
        new Metrics(server).awaitIdle();
        HttpResponse<InputStream> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.read()).isZero();
            assertThat(new Metrics(server).value("sluice_transfers_active")).isEqualTo(1);
        }
    }
}

package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people have at hand, on a line that breaks: every one of them ends with the zip, byte for byte. */
class ResumingClientsTest {
    private static final String PATH = "/api/training/run-1/download/model";
    private static final long SEED = 20261121;

    private static TestServer server;
    private static byte[] zip;

    @TempDir
    private Path dir;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        Random random = new Random(SEED);
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            files.put("model/part-" + i + ".bin", bytes(random, 1 + random.nextInt(200_000)));
        }
        files.put("model/weights.bin", bytes(random, 12_000_000));
        files.put("model/training.txt", text(900_000));
        server.completed("alice", "run-1", files);
        zip = server.get(server.token("alice"), PATH).body();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void curlGoesOnWhereTheLineBrokeAtAnyOffset() throws Exception {
        Random random = new Random(SEED);
        int[] offsets = IntStream.concat(
                        IntStream.of(1, 29, 30, 31, zip.length - 23, zip.length - 22, zip.length - 1),
                        random.ints(13, 1, zip.length))
                .toArray();
        for (int offset : offsets) {
            Path file = dir.resolve("curl-" + offset + ".zip");
            try (CuttingProxy proxy =
                    new CuttingProxy(server, server.token("alice"), CuttingProxy.Cut.closedAfter(offset))) {
                String url = proxy.uri(PATH).toString();
                assertThat(curl(file, url).exit()).as("cut at " + offset).isEqualTo(18);
                assertThat(Files.size(file)).isEqualTo(offset);
                curl(file, url).succeeded();
                assertThat(proxy.exchanges().get(1).asked("range")).isEqualTo("bytes=" + offset + "-");
                assertThat(proxy.exchanges().get(1).status()).isEqualTo(206);
            }
            assertThat(Files.readAllBytes(file)).as("cut at " + offset).isEqualTo(zip);
        }
    }

    private ExternalTool.Run curl(Path file, String url) throws IOException, InterruptedException {
        return new ExternalTool("curl").run(dir, "-sS", "-C", "-", "-o", file, url);
    }

    @Test
    void wgetGoesOnByItself() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(
                server,
                server.token("alice"),
                CuttingProxy.Cut.closedAfter(3_000_000),
                CuttingProxy.Cut.closedAfter(1_000_000),
                CuttingProxy.Cut.closedAfter(5_000_000))) {
            new ExternalTool("wget")
                    .run(dir, "-q", "-c", "--tries=10", "--waitretry=0", "-O", "wget.zip", proxy.uri(PATH))
                    .succeeded();
            assertThat(proxy.exchanges())
                    .extracting(CuttingProxy.Exchange::status)
                    .containsExactly(200, 206, 206, 206);
        }
        assertThat(Files.readAllBytes(dir.resolve("wget.zip"))).isEqualTo(zip);
    }

    @Test
    void ariaSplitsTheZipIntoEightAndGoesOnWithEach() throws Exception {
        CuttingProxy.Cut[] cuts = IntStream.range(0, 6)
                .mapToObj(i -> CuttingProxy.Cut.closedAfter(300_000 + i * 50_000))
                .toArray(CuttingProxy.Cut[]::new);
        try (CuttingProxy proxy = new CuttingProxy(server, server.token("alice"), cuts)) {
            new ExternalTool("aria2c")
                    .run(
                            dir,
                            "-q",
                            "-x8",
                            "-s8",
                            "-k1M",
                            "--retry-wait=1",
                            "--max-tries=20",
                            "--file-allocation=none",
                            "-o",
                            "aria.zip",
                            proxy.uri(PATH))
                    .succeeded();
            assertThat(proxy.exchanges().stream().filter(exchange -> exchange.status() == 206))
                    .hasSizeGreaterThanOrEqualTo(8);
        }
        assertThat(Files.readAllBytes(dir.resolve("aria.zip"))).isEqualTo(zip);
    }

    @Test
    void aTarGoesOnToo() throws Exception {
        String path = PATH + "?format=tar";
        Path file = dir.resolve("model.tar");
        try (CuttingProxy proxy =
                new CuttingProxy(server, server.token("alice"), CuttingProxy.Cut.closedAfter(7_654_321))) {
            String url = proxy.uri(path).toString();
            assertThat(curl(file, url).exit()).isEqualTo(18);
            curl(file, url).succeeded();
        }
        assertThat(Files.readAllBytes(file))
                .isEqualTo(server.get(server.token("alice"), path).body());
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(int length) {
        StringBuilder text = new StringBuilder();
        for (int line = 0; text.length() < length; line++) {
            text.append("step ")
                    .append(line)
                    .append(" loss 0.")
                    .append(line % 977)
                    .append('\n');
        }
        return text.substring(0, length).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}

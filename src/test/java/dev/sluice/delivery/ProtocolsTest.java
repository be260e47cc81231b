package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same bytes, whole and in ranges, over every protocol. */
class ProtocolsTest {
    private static final long SEED = 4;
    private static final int RANGES = 10;
    private static final int ROUNDS = 6;

    private static final List<String> TARGETS =
            List.of("job.zip", "job.tar", "job/large.bin", "job/small.bin", "job/empty.bin", "nothing.zip");

    private static final Map<String, byte[]> CONTENTS = new LinkedHashMap<>();
    private static final Map<String, byte[]> WHOLE = new HashMap<>();

    private static Origin origin;

    @BeforeAll
    static void start() throws Exception {
        origin = new Origin();
        Random random = new Random(SEED);
        for (int i = 0; i < 300; i++) {
            CONTENTS.put("many/" + i, bytes(random, random.nextInt(3_000)));
        }
        CONTENTS.put("large.bin", bytes(random, (9 << 20) + 17));
        CONTENTS.put("medium.bin", bytes(random, 200_000));
        CONTENTS.put("small.bin", bytes(random, 10));
        CONTENTS.put("empty.bin", new byte[0]);
        CONTENTS.put("train.log", "epoch 1 loss 0.25\n".repeat(60_000).getBytes(StandardCharsets.UTF_8));
        CONTENTS.forEach((path, content) -> origin.write("job", path, content));
        origin.path("nothing", "file");
        HttpClient client = client(HttpClient.Version.HTTP_1_1);
        for (String target : TARGETS) {
            WHOLE.put(target, get(client, false, target).body());
        }
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    static Stream<Arguments> protocols() {
        return Stream.of(HttpClient.Version.values())
                .flatMap(version -> Stream.of(false, true).map(tls -> Arguments.of(version, tls)));
    }

    @Test
    void theWholeZipHoldsWhatIsInTheWorkspace() throws Exception {
        Map<String, byte[]> found = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(whole("job.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                found.put(entry.getName(), zip.readAllBytes());
            }
        }
        assertThat(found).containsOnlyKeys(CONTENTS.keySet());
        found.forEach((path, content) -> assertThat(content).as(path).isEqualTo(CONTENTS.get(path)));
        assertThat(whole("job/large.bin")).isEqualTo(CONTENTS.get("large.bin"));
        assertThat(whole("job/empty.bin")).isEmpty();
        assertThat(whole("nothing.zip")).hasSize(22);
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @MethodSource("protocols")
    void theWholeIsTheSameOverEveryProtocol(HttpClient.Version version, boolean tls) throws Exception {
        HttpClient client = client(version);
        for (String target : TARGETS) {
            HttpResponse<byte[]> response = get(client, tls, target);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(version);
            assertThat(response.body()).as(target).isEqualTo(whole(target));
        }
    }

    /** Pieces are read by several threads: their order must not hang on which is faster. */
    @ParameterizedTest(name = "{0}, TLS {1}")
    @MethodSource("protocols")
    void theWholeIsTheSameEveryTime(HttpClient.Version version, boolean tls) throws Exception {
        HttpClient client = client(version);
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(get(client, tls, "job/large.bin").body()).isEqualTo(whole("job/large.bin"));
        }
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @MethodSource("protocols")
    void rangesAreSlicesOfTheWhole(HttpClient.Version version, boolean tls) throws Exception {
        HttpClient client = client(version);
        Random random = new Random(SEED);
        for (String target : List.of("job.zip", "job.tar", "job/large.bin")) {
            byte[] whole = whole(target);
            for (int i = 0; i < RANGES; i++) {
                int first = random.nextInt(whole.length);
                int last = i % 2 == 0
                        ? Math.min(whole.length - 1, first + random.nextInt(100_000))
                        : first + random.nextInt(whole.length - first);
                HttpResponse<byte[]> part = get(client, tls, target, "Range", "bytes=" + first + "-" + last);
                assertThat(part.statusCode()).isEqualTo(206);
                assertThat(Arrays.equals(part.body(), Arrays.copyOfRange(whole, first, last + 1)))
                        .as("%s %d-%d", target, first, last)
                        .isTrue();
            }
        }
    }

    @Test
    void aClientOfHttp10GetsTheWhole() throws Exception {
        try (Peer peer = Peer.connect(origin.port(false), false)) {
            Peer.Head head =
                    peer.send("GET /job.zip HTTP/1.0\r\nHost: localhost\r\n").head();
            assertThat(peer.read(head.contentLength())).isEqualTo(whole("job.zip"));
            assertThat(peer.drain()).isZero();
        }
    }

    @Test
    void requestsThatAreSentAtOnceAreAnsweredInTheirOrder() throws Exception {
        try (Peer peer = Peer.connect(origin.port(false), false)) {
            peer.get("job/large.bin")
                    .get("job/small.bin")
                    .get("job.zip", "Range: bytes=0-99")
                    .get("job/small.bin");
            assertThat(peer.read(peer.head().contentLength())).isEqualTo(whole("job/large.bin"));
            assertThat(peer.read(peer.head().contentLength())).isEqualTo(whole("job/small.bin"));
            assertThat(peer.head().status()).isEqualTo(206);
            assertThat(peer.read(100)).isEqualTo(Arrays.copyOf(whole("job.zip"), 100));
            assertThat(peer.read(peer.head().contentLength())).isEqualTo(whole("job/small.bin"));
        }
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @MethodSource("protocols")
    void aFileThatIsTruncatedNeverEndsWell(HttpClient.Version version, boolean tls) throws Exception {
        Path file = origin.write("truncated", "model.bin", new byte[64 << 20]);
        HttpRequest request =
                HttpRequest.newBuilder(origin.uri(tls, "truncated/model.bin")).build();
        try (InputStream body = client(version)
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            body.readNBytes(100_000);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(100_000);
            }
            assertThatThrownBy(() -> body.transferTo(OutputStream.nullOutputStream()))
                    .isInstanceOf(IOException.class);
        }
        origin.nothingIsHeld(Long.MAX_VALUE);
    }

    private static byte[] whole(String target) {
        return WHOLE.getOrDefault(target, new byte[0]);
    }

    private static HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(SelfSigned.trusting())
                .build();
    }

    private static HttpResponse<byte[]> get(HttpClient client, boolean tls, String target, String... fields)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(origin.uri(tls, target));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}

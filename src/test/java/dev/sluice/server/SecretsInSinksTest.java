package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Canaries: a token, and a link's signature, are looked for in everything that a server writes. */
class SecretsInSinksTest {
    private static final String SIGNATURE = "c2lnbmF0dXJlLWNhbmFyeQ";
    private static final String LINK = "/dl/bGluay1jYW5hcnk." + SIGNATURE + "/model.zip";

    /** Everything, at every level. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            String trace =
                    event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            lines.add(event.getFormattedMessage() + " " + event.getMDCPropertyMap() + " " + trace);
        }
    }

    @Test
    void neitherTokensNorSignaturesAreWrittenAnywhere() throws Exception {
        Lines lines = new Lines();
        Logger all = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        Level before = all.getLevel();
        all.setLevel(Level.TRACE);
        lines.start();
        all.addAppender(lines);
        try (TestServer server = TestServer.start()) {
            server.completed("alice", "job", Map.of("model/a.bin", new byte[99], "training.log", new byte[9]));
            String token = server.token("alice");
            String expired = server.expiredToken("alice");
            String path = "/api/training/job/download/model";
            String model = "/api/models/"
                    + new Models(server).published("alice", "job").getString("id");
            String link = Responses.json(server.post(token, model + "/download", ""))
                    .getJsonObject("data")
                    .getJsonObject("archive")
                    .getString("url");
            String opener = link.substring("/dl/".length(), link.lastIndexOf('/'));
            Stream<Supplier<byte[]>> requests = Stream.of(
                    () -> server.get(token, path).body(),
                    () -> server.get(token, path, "Range", "bytes=0-5").body(),
                    () -> server.get(token, path, "If-Match", "\"x\"").body(),
                    () -> server.get(expired, path).body(),
                    () -> server.get(token + "x", path).body(),
                    () -> server.get(token, "/api/training/" + token + "/download/model")
                            .body(),
                    () -> server.get(token, LINK).body(),
                    () -> open(server, link),
                    () -> open(server, link.replace(opener, opener.substring(1))),
                    () -> server.send(server.request(token, model).DELETE()).body(),
                    () -> open(server, link),
                    () -> server.put(token, "/api/training/job/files/x", new byte[9])
                            .body(),
                    () -> server.post(token, "/api/training/jobs", "{\"job_id\":\"" + SIGNATURE)
                            .body(),
                    () -> server.get(
                                    token,
                                    path,
                                    "User-Agent",
                                    "agent",
                                    "Referer",
                                    server.uri(LINK).toString())
                            .body());
            String answers = requests.map(Supplier::get)
                    .map(body -> new String(body, StandardCharsets.ISO_8859_1))
                    .collect(Collectors.joining("\n"));
            try (RawConnection left = RawConnection.to(server)) {
                left.head("GET", token, path);
            }
            Metrics metrics = new Metrics(server);
            metrics.awaitIdle();
            metrics.await("sluice_records_waiting{kind=\"audit\"}", 0);
            metrics.await("sluice_records_waiting{kind=\"history\"}", 0);
            String rows = Stream.of(
                            "audit",
                            "downloads",
                            "jobs",
                            "models",
                            "model_files",
                            "notifications",
                            "shares",
                            "link_keys")
                    .map(table -> rows(server, table))
                    .collect(Collectors.joining());
            String admins = new String(
                    server.get(server.token("root", Scope.ADMIN), "/api/audit").body(), StandardCharsets.UTF_8);

            String log = String.join("\n", lines.lines);
            assertThat(log).contains("Download model requested for job: job", "Completed model download for job: job");
            assertThat(rows).contains("model.download.completed", "model_job.zip", "job_v1.zip", "model.deleted");
            // The token's own signature is the part of it that is in no other.
            String secret = token.substring(token.lastIndexOf('.') + 1);
            String expiredSecret = expired.substring(expired.lastIndexOf('.') + 1);
            for (String sink : new String[] {log, rows, admins, metrics.text(), answers}) {
                assertThat(sink).doesNotContain(secret, expiredSecret, SIGNATURE, "bGluay1jYW5hcnk");
                // Its end is its signature.
                assertThat(sink).doesNotContain(opener, opener.substring(opener.length() - 40));
            }
        } finally {
            all.detachAppender(lines);
            all.setLevel(before);
        }
    }

    private static byte[] open(TestServer server, String link) {
        return server.send(HttpRequest.newBuilder(server.uri(link))).body();
    }

    private static String rows(TestServer server, String table) {
        return StreamSupport.stream(
                        TestDatabase.await(server.database()
                                        .database()
                                        .as(
                                                new Actor.Background(),
                                                connection -> connection
                                                        .query("select t::text as line from " + table + " t")
                                                        .execute()))
                                .spliterator(),
                        false)
                .map(row -> row.getString("line"))
                .collect(Collectors.joining("\n"));
    }
}

package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ResponseHeadTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-04T05:06:07.8Z"), ZoneOffset.UTC);

    @Test
    void contentFromTheFutureWasModifiedWhenTheResponseIsSent() throws Exception {
        try (Origin origin = new Origin(CLOCK, new HttpServerOptions())) {
            byte[] content = "content".getBytes(StandardCharsets.UTF_8);
            Files.setLastModifiedTime(
                    origin.write("job", "late.txt", content), FileTime.from(Instant.parse("2199-01-01T00:00:00Z")));
            Files.setLastModifiedTime(
                    origin.write("job", "early.txt", content), FileTime.from(Instant.parse("2024-01-01T00:00:00Z")));
            try (Peer peer = Peer.connect(origin.port(false), false)) {
                Peer.Head late = peer.get("job/late.txt").head();
                assertThat(late.field("Date")).isEqualTo("Wed, 04 Mar 2026 05:06:07 GMT");
                assertThat(late.field("Last-Modified")).isEqualTo(late.field("Date"));
                peer.read(late.contentLength());
                Peer.Head early = peer.get("job/early.txt").head();
                assertThat(early.field("Date")).isEqualTo(late.field("Date"));
                assertThat(early.field("Last-Modified")).isEqualTo("Mon, 01 Jan 2024 00:00:00 GMT");
            }
        }
    }
}

package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.cli.Finding.Check;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A client that reads a little, pauses and goes on slowly, and asks the server's audit meanwhile what has become of its download: one
 * that is complete there and hardly begun here lies in a hop's buffers; one whose client has left, which is still there, was cut by a hop.
 * Blocking.
 */
final class SlowDownload {
    /** What sockets may hold on a few hops; of less nothing can be told. Bytes. */
    private static final long BEYOND_SOCKETS = 64L << 20;

    private static final int PIECE = 64 << 10;
    private static final Duration BETWEEN = Duration.ofMillis(250);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Way way;
    private final URI target;
    private final Duration patience;
    private final long began = System.nanoTime();

    /** @param patience how long it takes at least, two thirds of it in one pause, unless a fault shows before */
    SlowDownload(Way way, URI target, Duration patience) {
        this.way = way;
        this.target = target;
        this.patience = patience;
    }

    List<Finding> examine() throws IOException {
        HttpResponse<InputStream> response = way.get(target, "Accept-Encoding", "identity");
        long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        String request = response.headers().firstValue("X-Request-Id").orElse("");
        try (InputStream body = response.body()) {
            long read = body.readNBytes(PIECE).length;
            Duration firstBytes = elapsed();
            if (length >= 0 && length < BEYOND_SOCKETS) {
                String small =
                        "too small to tell: %d bytes, and sockets hold up to %d".formatted(length, BEYOND_SOCKETS);
                return List.of(Finding.unknown(Check.BUFFERING, small), Finding.unknown(Check.PATIENCE, small));
            }
            String outcome = pause(request);
            List<Finding> findings = new ArrayList<>();
            findings.add(buffering(outcome, read, firstBytes));
            findings.add(outcome.equals("completed") ? notTold() : patience(outcome, body, read, length));
            return findings;
        }
    }

    private static Finding notTold() {
        return Finding.unknown(Check.PATIENCE, "shows only where nothing is buffered");
    }

    private static Finding buffering(String outcome, long read, Duration firstBytes) {
        if (outcome.equals("completed")) {
            return Finding.fault(
                    Check.BUFFERING, "the server had sent everything when %d bytes had been read".formatted(read));
        }
        return outcome.isEmpty()
                ? Finding.unknown(Check.BUFFERING, "the server's audit does not show this download: a token is needed")
                : Finding.good(
                        Check.BUFFERING, "bytes pass as they come, the first after %s".formatted(text(firstBytes)));
    }

    /** Until two thirds of the time are over, or the server says that the download has ended. */
    private String pause(String request) throws IOException {
        String outcome = outcome(request);
        while (elapsed().compareTo(patience.multipliedBy(2).dividedBy(3)) < 0
                && (outcome.isEmpty() || outcome.equals("started"))) {
            sleep();
            outcome = outcome(request);
        }
        return outcome;
    }

    /** By the server's audit; empty when that does not know of it. */
    private String outcome(String request) throws IOException {
        if (way.token().isEmpty()) {
            return "";
        }
        for (JsonNode entry : JSON.readTree(way.text("/api/audit?limit=100")).path("entries")) {
            if (entry.path("request_id").asText().equals(request)
                    && entry.path("action").asText().contains("download")) {
                return entry.path("outcome").asText();
            }
        }
        return "";
    }

    private Finding patience(String outcome, InputStream body, long before, long length) {
        if (outcome.equals("stalled")) {
            return Finding.unknown(
                    Check.PATIENCE,
                    "the server's own delivery.stall-timeout is shorter than this pause of " + text(elapsed()));
        }
        Duration pause = elapsed();
        long read = before;
        try {
            while (elapsed().compareTo(patience) < 0 || isOver(outcome)) {
                int piece = body.readNBytes(PIECE).length;
                read += piece;
                if (piece < PIECE) {
                    break;
                }
                if (!isOver(outcome)) {
                    sleep();
                }
            }
        } catch (IOException cut) {
            return Finding.fault(Check.PATIENCE, cut(read, pause));
        }
        return isOver(outcome) && (length < 0 || read < length)
                ? Finding.fault(Check.PATIENCE, cut(read, pause))
                : Finding.good(Check.PATIENCE, "a pause of %s is endured".formatted(text(pause)));
    }

    /** Then what lies in sockets is read to its end. */
    private static boolean isOver(String outcome) {
        return !outcome.isEmpty() && !outcome.equals("started");
    }

    private String cut(long read, Duration pause) {
        return "cut off at %d bytes, %s after the beginning, with a pause of %s"
                .formatted(read, text(elapsed()), text(pause));
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static String text(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
    }

    private static void sleep() throws IOException {
        try {
            Thread.sleep(BETWEEN.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }
}

package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What a server's management port exposes. Blocking. */
record Metrics(TestServer server) {
    String text() {
        return new String(
                server.send(HttpRequest.newBuilder(server.managementUri("/metrics")))
                        .body(),
                StandardCharsets.UTF_8);
    }

    /** @param series name with its labels, as exposed; 0 while there is none */
    double value(String series) {
        return text().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }

    void await(String series, double value) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (value(series) != value) {
            assertThat(System.nanoTime()).as(series + " becomes " + value).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Every permit and every transfer is back. */
    void awaitIdle() throws InterruptedException {
        await("sluice_transfers_active", 0);
        await("sluice_downloads_active", 0);
        await("sluice_downloads_queued", 0);
    }
}

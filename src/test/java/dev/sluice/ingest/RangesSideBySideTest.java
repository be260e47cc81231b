package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.parallel;
import static dev.sluice.ingest.Fetching.random;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several connections for one file. */
class RangesSideBySideTest extends FetchingFixture {
    private static final byte[] CONTENT = random(300_000, 1);

    @BeforeEach
    void isGood() {
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
    }

    @Test
    void rangesComeSideBySideWhereTheUpstreamHasThem() throws Exception {
        assertThat(run(parallel(CONTENT, 8, upstream.url("/file")))).isEqualTo(CONTENT);
        // Ranges of 64 KiB or more: four.
        assertThat(upstream.requests())
                .extracting(request -> request.header("Range"))
                .containsExactlyInAnyOrder("", "bytes=75000-149999", "bytes=150000-224999", "bytes=225000-299999");
    }

    @Test
    void anUpstreamThatRefusesRangesSideBySideGivesThemOneAfterTheOther() throws Exception {
        upstream.script((request, reply) -> {
            if (request.number() > 1 && request.number() < 5) {
                reply.status(429);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(parallel(CONTENT, 4, upstream.url("/file")))).isEqualTo(CONTENT);
    }

    @Test
    void brokenRangesAreEachResumed() throws Exception {
        upstream.script((request, reply) -> {
            String range = request.header("Range");
            if (request.number() <= 4 && !range.isEmpty()) {
                int from = Integer.parseInt(range.substring(6, range.indexOf('-')));
                reply.head(
                        206,
                        "ETag",
                        TAG,
                        "Content-Length",
                        "75000",
                        "Content-Range",
                        "bytes " + from + "-" + (from + 74_999) + "/300000");
                reply.body(CONTENT, from, from + 10_000);
                reply.hang();
            } else if (request.number() <= 4) {
                reply.head(200, "ETag", TAG, "Accept-Ranges", "bytes", "Content-Length", "300000")
                        .body(CONTENT, 0, 10_000);
                awaitOnDisk(40_000);
                reply.hang(fetching::passStallBeforeFirstPause);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(parallel(CONTENT, 4, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests().subList(4, 8))
                .extracting(request -> request.header("Range"))
                .containsExactlyInAnyOrder(
                        "bytes=10000-74999", "bytes=85000-149999", "bytes=160000-224999", "bytes=235000-299999");
    }
}

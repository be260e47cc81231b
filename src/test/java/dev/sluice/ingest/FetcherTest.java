package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.digested;
import static dev.sluice.ingest.Fetching.random;
import static dev.sluice.ingest.Fetching.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.FetchFailed.Reason;
import io.vertx.core.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a fetch does with upstreams that have trouble but do not lie. */
class FetcherTest extends FetchingFixture {
    private static final byte[] CONTENT = random(300_000, 1);

    @BeforeEach
    void isGood() {
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
    }

    @Test
    void theBytesComeWithTheirDigestAndNothingStaysBehind() throws Exception {
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(fetching.left()).isEmpty();
        assertThat(upstream.requests()).singleElement().satisfies(request -> {
            assertThat(request.header("Accept-Encoding")).isEqualTo("identity");
            assertThat(request.header("Range")).isEmpty();
        });
    }

    @Test
    void aFileThatIsMovedIsTheCallersAndKeepsItsBytes() throws Exception {
        Path target = directory.resolve("published");
        try (FetchedFile file = TestDatabase.await(fetching.fetcher().fetch(request(upstream.url("/file"))))) {
            file.moveTo(target);
        }
        assertThat(Files.readAllBytes(target)).isEqualTo(CONTENT);
        assertThat(fetching.left()).isEmpty();
    }

    @Test
    void anEmptyFileIsAFile() throws Exception {
        upstream.script((request, reply) -> reply.status(200, "ETag", TAG));
        assertThat(run(request(upstream.url("/empty")))).isEmpty();
    }

    @Test
    void aChunkedBodyWithoutALengthIsTaken() throws Exception {
        upstream.script((request, reply) ->
                reply.head(200, "Transfer-Encoding", "chunked").text("5\r\nhello\r\n0\r\n\r\n"));
        assertThat(run(request(upstream.url("/chunked")))).asString().isEqualTo("hello");
    }

    @Test
    void aResetInMidFileIsResumedWithTheTagWhereItBroke() throws Exception {
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 100_000);
                awaitOnDisk(100_000);
                reply.reset();
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        ScriptedUpstream.Request second = upstream.requests().get(1);
        assertThat(second.header("Range")).isEqualTo("bytes=100000-299999");
        assertThat(second.header("If-Range")).isEqualTo(TAG);
        assertThat(upstream.requests()).hasSize(2);
    }

    @Test
    void withoutAStrongTagABrokenFileIsFetchedAnew() throws Exception {
        upstream.script((request, reply) -> {
            reply.head(
                    200,
                    "ETag",
                    "W/\"weak\"",
                    "Last-Modified",
                    "Mon, 01 Jan 2024 00:00:00 GMT",
                    "Content-Length",
                    "300000");
            reply.body(CONTENT, 0, request.number() == 1 ? 100_000 : CONTENT.length);
        });
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests())
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.header("Range")).isEmpty());
    }

    @Test
    void retryAfterIsHonouredAndOtherPausesGrowWithJitter() throws Exception {
        upstream.script((request, reply) -> {
            switch (request.number()) {
                case 1 -> reply.status(429, "Retry-After", "7");
                case 2 -> reply.status(500);
                case 3 -> reply.status(503, "Retry-After", "not a time");
                default -> reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(request(upstream.url("/busy")))).isEqualTo(CONTENT);
        // Jitter is 0 here: the lower half.
        assertThat(fetching.pauses)
                .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void anUpstreamThatAsksForTooMuchPatienceGivesWayToTheNext() throws Exception {
        upstream.script((request, reply) -> {
            if (request.path().equals("/busy")) {
                reply.status(503, "Retry-After", "86400");
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(request(upstream.url("/busy"), upstream.url("/mirror")))).isEqualTo(CONTENT);
        assertThat(fetching.pauses).isEmpty();
    }

    @Test
    void aSourceThatFailsGivesWayToTheNextAtOnce() throws Exception {
        upstream.script((request, reply) -> {
            switch (request.path()) {
                case "/broken" -> reply.status(500);
                case "/gone" -> reply.status(404);
                default -> reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(request(upstream.url("/broken"), upstream.url("/gone"), upstream.url("/good"))))
                .isEqualTo(CONTENT);
        assertThat(upstream.requests())
                .extracting(ScriptedUpstream.Request::path)
                .containsExactly("/broken", "/gone", "/good");
        assertThat(fetching.pauses).isEmpty();
    }

    @Test
    void whatMayBecomeBetterIsAskedAgainWhenAllHaveFailed() throws Exception {
        upstream.script((request, reply) -> {
            if (request.path().equals("/broken") && request.number() == 6) {
                reply.good(request, CONTENT, TAG);
            } else {
                reply.status(request.path().equals("/gone") ? 404 : 500);
            }
        });
        assertThat(run(request(upstream.url("/broken"), upstream.url("/gone"), upstream.url("/other"))))
                .isEqualTo(CONTENT);
        assertThat(upstream.requests())
                .extracting(ScriptedUpstream.Request::path)
                .containsExactly("/broken", "/gone", "/other", "/broken", "/other", "/broken");
        assertThat(fetching.pauses).hasSize(2);
    }

    @Test
    void aFetchThatWaitsForItsNextTryIsCancelledAtOnce() {
        upstream.script((request, reply) -> reply.status(500));
        fetching.rest = Promise.<Void>promise().future();
        Fetch fetch = fetching.start(request(upstream.url("/broken")));
        Fetching.await("a pause", () -> !fetching.pauses.isEmpty());
        fetch.cancel();
        assertThat(Fetching.failure(fetch).reason()).isEqualTo(Reason.CANCELLED);
    }

    @Test
    void whenNoSourceGivesItTheFailureNamesEachInWordsForPeople() throws Exception {
        upstream.script((request, reply) -> reply.status(request.path().startsWith("/a") ? 404 : 403));
        FetchFailed failure = fetching.failure(request(upstream.url("/a?signature=secret"), upstream.url("/b")));
        assertThat(failure.reason()).isEqualTo(Reason.STATUS);
        assertThat(failure)
                .hasMessage("127.0.0.1:%d/a answered 404; 127.0.0.1:%1$d/b answered 403".formatted(upstream.port()));
        assertThat(fetching.left()).isEmpty();
    }

    @Test
    void aStallIsSeenByTheLackOfProgressAndResumed() throws Exception {
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 5_000);
                awaitOnDisk(5_000);
                reply.hang(fetching::passStallBeforeFirstPause);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests().get(1).header("Range")).isEqualTo("bytes=5000-299999");
    }

    @Test
    void anUpstreamThatNeverAnswersStalls() throws Exception {
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.hang(fetching::passStallBeforeFirstPause);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
    }

    @Test
    void aSlowDripIsProgressHoweverLongItTakesInAll() throws Exception {
        upstream.script((request, reply) -> {
            reply.head(200, "Content-Length", "20");
            for (int i = 0; i < 20; i++) {
                reply.body(CONTENT, i, i + 1);
                awaitOnDisk(i + 1L);
                fetching.nanos.addAndGet(Fetching.limits().stallTimeout().toNanos() * 2 / 5);
            }
        });
        assertThat(run(request(upstream.url("/drip")))).hasSize(20);
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void theBandwidthThatWasAskedForIsKept() throws Exception {
        FetchRequest slow = new FetchRequest(
                "key",
                List.of(upstream.url("/file")),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.of(100_000),
                1);
        assertThat(run(slow)).isEqualTo(CONTENT);
        // The clock stands still here, so each pause is all of the time that the bytes so far should take.
        assertThat(fetching.pauses).isSorted();
        assertThat(fetching.pauses.get(fetching.pauses.size() - 1)).isEqualTo(Duration.ofSeconds(3));
    }
}

package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.random;
import static dev.sluice.ingest.Fetching.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.FetchFailed.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an unfinished fetch leaves, and what becomes of it. */
class PartialFilesTest extends FetchingFixture {
    private static final byte[] CONTENT = random(300_000, 1);

    @BeforeEach
    void isGood() {
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
    }

    @Test
    void aFileThatDoesNotFitIsRefusedBeforeItsFirstByte() throws Exception {
        fetching.freeSpace.set(200_000);
        FetchFailed failure = fetching.failure(request(upstream.url("/file")));
        assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE);
        assertThat(failure.retryable()).isTrue();
        assertThat(fetching.left()).isEmpty();
    }

    @Test
    void aDiskThatFillsUpEndsTheFetchAndKeepsWhatCanBeResumed() throws Exception {
        upstream.script((request, reply) -> {
            reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 20_000);
            awaitOnDisk(20_000);
            fetching.freeSpace.set(0);
            reply.body(CONTENT, 20_000, 200_000).hang();
        });
        assertThat(Fetching.failure(begin(request(upstream.url("/file")))).reason())
                .isEqualTo(Reason.NO_SPACE);
        assertThat(fetching.left()).hasSize(2);
        fetching.freeSpace.set(1L << 40);
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        assertThat(run(request(upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests().get(1).header("If-Range")).isEqualTo(TAG);
    }

    @Test
    void aCancelledFetchKeepsWhatCanBeResumedAndTheNextGoesOn() throws Exception {
        upstream.script((request, reply) -> {
            reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 50_000);
            reply.hang();
        });
        Fetch fetch = fetching.start(request(upstream.url("/file")));
        Fetching.await("bytes", () -> fetch.progress().bytes() == 50_000);
        fetch.cancel();
        assertThat(Fetching.failure(fetch).reason()).isEqualTo(Reason.CANCELLED);
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        assertThat(run(request(upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests().get(1).header("Range")).isEqualTo("bytes=50000-299999");
    }

    @Test
    void whatIsCancelledWhenAllHasComeIsNotCalledWrongAndNeedsNoFurtherRequest() throws Exception {
        FetchRequest request = new FetchRequest(
                "key",
                List.of(upstream.url("/file")),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.of(Fetching.sha256(CONTENT)),
                OptionalLong.of(1L << 40),
                1);
        CompletableFuture<Fetch> first = new CompletableFuture<>();
        fetching.onPause = () -> {
            if (first.join().progress().bytes() == CONTENT.length) {
                first.join().cancel();
            }
        };
        first.complete(fetching.start(request));
        assertThat(Fetching.failure(first.join()).reason()).isEqualTo(Reason.CANCELLED);
        fetching.onPause = () -> {};
        assertThat(run(request)).isEqualTo(CONTENT);
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void aSecondWriterOfTheSameFileDoesNotTouchTheBytesOfTheFirst() throws Exception {
        CompletableFuture<Fetch> second = new CompletableFuture<>();
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 50_000);
                Fetch other = second.join();
                Fetching.await("the second has ended", () -> other.result().isComplete());
                reply.body(CONTENT, 50_000, 300_000);
            } else {
                reply.good(request, random(300_000, 2), "\"other\"");
            }
        });
        Fetch first = fetching.start(request(upstream.url("/file")));
        Fetching.await("bytes", () -> first.progress().bytes() == 50_000);
        second.complete(fetching.start(request(upstream.url("/file"))));
        assertThat(Fetching.content(second.join())).isEqualTo(random(300_000, 2));
        assertThat(Fetching.content(first)).isEqualTo(CONTENT);
    }

    @Test
    void whatNobodyGoesOnWithIsCollectedAndWhatIsYoungIsNot() throws Exception {
        upstream.script((request, reply) -> {
            reply.head(200, "ETag", TAG, "Content-Length", "300000").body(CONTENT, 0, 50_000);
            awaitOnDisk(50_000);
            reply.reset();
            upstream.close();
        });
        assertThat(Fetching.failure(begin(request(upstream.url("/file")))).reason())
                .isEqualTo(Reason.UNREACHABLE);
        TestDatabase.await(fetching.fetcher().collect(Duration.ofHours(1)));
        assertThat(fetching.left()).hasSize(2);
        TestDatabase.await(fetching.fetcher().collect(Duration.ofHours(-1)));
        assertThat(fetching.left()).isEmpty();
    }
}

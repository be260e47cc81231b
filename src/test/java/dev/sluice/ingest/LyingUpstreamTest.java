package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.digested;
import static dev.sluice.ingest.Fetching.random;
import static dev.sluice.ingest.Fetching.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ingest.FetchFailed.Reason;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Nothing that an upstream says is believed: whatever it does, either the right bytes come out or none. */
class LyingUpstreamTest extends FetchingFixture {
    private static final byte[] CONTENT = random(200_000, 1);
    private static final byte[] OTHER = random(200_000, 2);
    private static final int HALF = 100_000;

    private FetchFailed refused(FetchRequest request) throws Exception {
        FetchFailed failure = fetching.failure(request);
        assertThat(fetching.left()).as("of a file that cannot be gone on with").isEmpty();
        return failure;
    }

    /** First half a file, then what the script says. */
    private void afterHalfAFile(ScriptedUpstream.Script rest) {
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, HALF);
                awaitOnDisk(HALF);
            } else {
                rest.answer(request, reply);
            }
        });
    }

    @Test
    void aBodyShorterThanAnnouncedIsNoFile() throws Exception {
        upstream.script(
                (request, reply) -> reply.head(200, "Content-Length", "200000").body(CONTENT, 0, HALF));
        assertThat(refused(request(upstream.url("/short"))).reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(upstream.requests()).hasSize(Fetching.limits().attempts());
    }

    @Test
    void aBodyLongerThanAnnouncedIsCutToWhatWasAnnouncedOrRefused() throws Exception {
        upstream.script(
                (request, reply) -> reply.head(200, "Content-Length", "100000").body(CONTENT));
        assertThat(refused(digested(CONTENT, upstream.url("/long"))).reason()).isEqualTo(Reason.WRONG_DIGEST);
    }

    @Test
    void aBodyWithoutAnEndIsRefused() throws Exception {
        upstream.script((request, reply) -> reply.head(200, "ETag", TAG).body(CONTENT));
        assertThat(refused(request(upstream.url("/endless"))).reason()).isEqualTo(Reason.BAD_ANSWER);
    }

    @Test
    void aBodyWithoutAnEndIsTakenWhenItsDigestTellsWhetherItIsWhole() throws Exception {
        upstream.script(
                (request, reply) -> reply.head(200, "Connection", "close").body(CONTENT));
        assertThat(run(digested(CONTENT, upstream.url("/endless")))).isEqualTo(CONTENT);
    }

    @Test
    void anAnnouncedLengthBeyondTheLimitIsRefusedAtOnceAndAnEndlessBodyAtTheLimit() throws Exception {
        upstream.script((request, reply) -> {
            if (request.path().equals("/announced")) {
                reply.head(200, "Content-Length", "1048577").body(CONTENT).hang();
            } else {
                reply.head(200, "Transfer-Encoding", "chunked");
                while (true) {
                    reply.text(Integer.toHexString(CONTENT.length) + "\r\n")
                            .body(CONTENT)
                            .text("\r\n");
                }
            }
        });
        assertThat(refused(request(upstream.url("/announced"))).reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(refused(request(upstream.url("/endless"))).reason()).isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void wrongBytesAreNeverPublished() throws Exception {
        upstream.script((request, reply) -> reply.good(request, OTHER, TAG));
        FetchFailed failure = refused(digested(CONTENT, upstream.url("/wrong")));
        assertThat(failure.reason()).isEqualTo(Reason.WRONG_DIGEST);
        assertThat(failure).hasMessageContaining("SHA-256 is not the one promised");
        assertThat(failure.retryable()).isFalse();
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void wrongBytesOfOneMirrorDoNotSpoilTheNext() throws Exception {
        upstream.script(
                (request, reply) -> reply.good(request, request.path().equals("/wrong") ? OTHER : CONTENT, TAG));
        assertThat(run(digested(CONTENT, upstream.url("/wrong"), upstream.url("/right"))))
                .isEqualTo(CONTENT);
    }

    @Test
    void anotherLengthThanTheCallerKnowsIsRefused() throws Exception {
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        FetchRequest request =
                FetchRequest.of("key", upstream.url("/file"), OptionalLong.of(199_999), Optional.empty());
        assertThat(refused(request).reason()).isEqualTo(Reason.WRONG_LENGTH);
    }

    @Test
    void aLengthThatOnlyTheEndTellsIsCheckedToo() throws Exception {
        upstream.script((request, reply) ->
                reply.head(200, "Transfer-Encoding", "chunked").text("3\r\nabc\r\n0\r\n\r\n"));
        FetchRequest request = FetchRequest.of("key", upstream.url("/file"), OptionalLong.of(4), Optional.empty());
        assertThat(refused(request).reason()).isEqualTo(Reason.WRONG_LENGTH);
    }

    @Test
    void aFileThatChangedBetweenTwoRangesIsFetchedAnew() throws Exception {
        afterHalfAFile((request, reply) -> reply.good(request, OTHER, "\"v2\""));
        assertThat(run(request(upstream.url("/file")))).isEqualTo(OTHER);
    }

    @Test
    void aRangeOfAnotherVersionIsNotJoinedEvenWhenTheUpstreamSaysSo() throws Exception {
        afterHalfAFile((request, reply) -> {
            if (request.number() == 2) {
                reply.head(
                        206,
                        "ETag",
                        "\"v2\"",
                        "Content-Length",
                        "100000",
                        "Content-Range",
                        "bytes 100000-199999/200000");
                reply.body(OTHER, HALF, 200_000);
            } else {
                reply.good(request, OTHER, "\"v2\"");
            }
        });
        assertThat(run(request(upstream.url("/file")))).isEqualTo(OTHER);
        assertThat(upstream.requests().get(2).header("Range")).isEmpty();
    }

    @Test
    void otherBytesUnderTheSameTagAreFoundByTheDigestAndFetchedInOnePiece() throws Exception {
        afterHalfAFile((request, reply) -> reply.good(request, request.number() == 2 ? OTHER : CONTENT, TAG));
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests()).hasSize(3);
    }

    @Test
    void anUpstreamThatIgnoresRangesGivesAllOfIt() throws Exception {
        afterHalfAFile((request, reply) ->
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT));
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests()).hasSize(2);
    }

    @Test
    void aRangeThatWasNotAskedForIsNotWritten() throws Exception {
        afterHalfAFile((request, reply) -> {
            if (request.number() == 2) {
                reply.head(206, "ETag", TAG, "Content-Length", "100000", "Content-Range", "bytes 0-99999/200000");
                reply.body(CONTENT, 0, HALF);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
    }

    @Test
    void a206ToARequestWithoutARangeIsRefused() throws Exception {
        upstream.script((request, reply) -> reply.head(
                        206, "ETag", TAG, "Content-Length", "100000", "Content-Range", "bytes 0-99999/200000")
                .body(CONTENT, 0, HALF));
        assertThat(refused(request(upstream.url("/part"))).reason()).isEqualTo(Reason.BAD_ANSWER);
    }

    @Test
    void aRangeShorterThanAskedForIsTakenAndTheRestAskedForAgain() throws Exception {
        afterHalfAFile((request, reply) -> {
            if (request.number() == 2) {
                reply.head(206, "ETag", TAG, "Content-Length", "50000", "Content-Range", "bytes 100000-149999/200000");
                reply.body(CONTENT, HALF, 150_000);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        assertThat(run(digested(CONTENT, upstream.url("/file")))).isEqualTo(CONTENT);
        assertThat(upstream.requests().get(2).header("Range")).isEqualTo("bytes=150000-199999");
    }

    @Test
    void a416MeansThatTheFileIsAnotherAndItIsFetchedAnew() throws Exception {
        afterHalfAFile((request, reply) -> {
            if (request.number() == 2) {
                reply.status(416, "Content-Range", "bytes */50000");
            } else {
                reply.good(request, OTHER, "\"v2\"");
            }
        });
        assertThat(run(request(upstream.url("/file")))).isEqualTo(OTHER);
        assertThat(upstream.requests().get(2).header("Range")).isEmpty();
    }

    @Test
    void aCodedBodyIsNotDecodedAndNotTaken() throws Exception {
        upstream.script(
                (request, reply) -> reply.head(200, "Content-Encoding", "gzip", "ETag", TAG, "Content-Length", "200000")
                        .body(CONTENT));
        assertThat(refused(request(upstream.url("/coded"))).reason()).isEqualTo(Reason.BAD_ANSWER);
    }

    @Test
    void whatIsNoHttpAtAllIsAFailureLikeAnother() throws Exception {
        upstream.script((request, reply) -> reply.text("220 mail.example ESMTP\r\n"));
        assertThat(refused(request(upstream.url("/smtp"))).reason()).isEqualTo(Reason.UNREACHABLE);
    }

    @Test
    void redirectsInACircleEnd() throws Exception {
        upstream.script((request, reply) -> reply.status(302, "Location", "/again"));
        assertThat(refused(request(upstream.url("/circle"))).reason()).isEqualTo(Reason.BAD_ANSWER);
        assertThat(upstream.requests()).hasSize(11);
    }
}

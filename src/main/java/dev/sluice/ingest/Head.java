package dev.sluice.ingest;

import dev.sluice.http.EntityTag;
import dev.sluice.ingest.FetchFailed.Reason;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the head of an answer says of the body, and whether that can be believed. */
final class Head {
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private final Target target;
    private final HttpClientResponse response;

    Head(Upstream.Answer answer) {
        this.target = answer.target();
        this.response = answer.response();
    }

    int status() {
        return response.statusCode();
    }

    /** @throws FetchFailed when the body is not the bytes themselves, which are never decoded */
    void requireIdentity() throws FetchFailed {
        List<String> codings = response.headers().getAll(HttpHeaders.CONTENT_ENCODING);
        if (codings.stream()
                .anyMatch(coding -> !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity"))) {
            throw new FetchFailed(Reason.BAD_ANSWER, target + " answers with a coded body, which was not asked for");
        }
    }

    /** @throws FetchFailed for a length that is none */
    OptionalLong length() throws FetchFailed {
        @Nullable String field = response.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (field == null) {
            return OptionalLong.empty();
        }
        if (!LENGTH.matcher(field.strip()).matches()) {
            throw new FetchFailed(Reason.BAD_ANSWER, target + " announces a length that is no number");
        }
        return OptionalLong.of(Long.parseLong(field.strip()));
    }

    /** Whether the end of the body can be told from a connection that broke (RFC 9112 §6.3). */
    boolean delimited() {
        @Nullable String transfer = response.getHeader(HttpHeaders.TRANSFER_ENCODING);
        return response.getHeader(HttpHeaders.CONTENT_LENGTH) != null
                || (transfer != null && transfer.strip().equalsIgnoreCase("chunked"));
    }

    /** The tag by which the rest can be asked for: a strong one, unless the upstream says that it has no ranges. */
    Optional<String> tag() {
        boolean none = "none".equalsIgnoreCase(response.getHeader(HttpHeaders.ACCEPT_RANGES));
        @Nullable String field = response.getHeader(HttpHeaders.ETAG);
        return none || field == null
                ? Optional.empty()
                : EntityTag.parse(field.strip()).filter(tag -> !tag.weak()).map(tag -> field.strip());
    }

    boolean rangesOffered() {
        return "bytes".equalsIgnoreCase(response.getHeader(HttpHeaders.ACCEPT_RANGES));
    }

    /** Of a 206: whether it is the range that was asked for, of the file that was begun. */
    boolean continues(Origin origin, Segment segment) {
        @Nullable String tag = response.getHeader(HttpHeaders.ETAG);
        return AnsweredRange.parse(response.getHeader(HttpHeaders.CONTENT_RANGE))
                .filter(range -> range.start() == segment.position()
                        && range.end() <= segment.end()
                        && (range.total().isEmpty() || range.total().equals(origin.total())))
                .filter(range ->
                        tag == null || origin.tag().filter(tag.strip()::equals).isPresent())
                .isPresent();
    }

    /** Bytes of a 206. */
    long rangeLength() {
        return AnsweredRange.parse(response.getHeader(HttpHeaders.CONTENT_RANGE))
                .map(range -> range.end() - range.start())
                .orElse(0L);
    }

    /** What an answer without the file means. */
    FetchFailed refusal(Clock clock) {
        int status = response.statusCode();
        String message = target + " answered " + status;
        return switch (status) {
            case 408, 421, 425, 429, 500, 502, 503, 504 ->
                new FetchFailed(Reason.UNREACHABLE, message, retryAfter(clock));
            default -> new FetchFailed(status > 500 ? Reason.UNREACHABLE : Reason.STATUS, message);
        };
    }

    /** RFC 9110 §10.2.3: seconds or a date. */
    private Optional<Duration> retryAfter(Clock clock) {
        @Nullable String field = response.getHeader(HttpHeaders.RETRY_AFTER);
        if (field == null) {
            return Optional.empty();
        }
        String text = field.strip();
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(clock.instant(), until);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException meaningless) {
            return Optional.empty();
        }
    }
}

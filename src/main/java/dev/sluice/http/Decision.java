package dev.sluice.http;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How an existing representation answers a conditional request: decided here, written elsewhere. */
public sealed interface Decision {
    /** The status code of the response. */
    int status();

    /** 200 with every byte. */
    record Whole() implements Decision {
        @Override
        public int status() {
            return 200;
        }
    }

    /** 206 with one range. */
    record Part(ByteRange range) implements Decision {
        @Override
        public int status() {
            return 206;
        }
    }

    /** 304: the client's copy is current. */
    record NotModified() implements Decision {
        @Override
        public int status() {
            return 304;
        }
    }

    /** 412: the content is not what the request was made for. */
    record PreconditionFailed() implements Decision {
        @Override
        public int status() {
            return 412;
        }
    }

    /** 416: no byte of the range exists. */
    record Unsatisfiable() implements Decision {
        @Override
        public int status() {
            return 416;
        }
    }

    /**
     * Evaluates the preconditions in the order of RFC 9110 §13.2.2, with {@code ?v=} before them all.
     *
     * <ul>
     *   <li>Dates that are malformed or repeated are ignored (§13.1.3, §13.1.4); malformed tags match nothing.
     *   <li>An If-Range that fails, or cannot be read, gives the whole (§13.1.5); one that holds lets the range be
     *       processed as if it stood alone, so that it may be unsatisfiable (§14.2).
     *   <li>An If-Range with a date holds only when it is exactly Last-Modified, and only under
     *       {@link RangePolicy#ALWAYS}: a modification time is a strong validator only if the content did not
     *       change twice within that second (§8.8.2.2), which nobody can promise of content that still moves.
     *   <li>Range is defined for GET alone (§14.2): HEAD answers as GET without it.
     *   <li>{@code If-Match: *} holds for any content, so it pins nothing for {@link RangePolicy#ONLY_WHEN_PINNED}.
     * </ul>
     *
     * @param length bytes of the whole representation
     */
    static Decision decide(ConditionalRequest request, Validators validators, long length, RangePolicy policy) {
        boolean pinned = false;
        if (request.version() != null) {
            if (!isPinnedTo(request.version(), validators)) {
                return new PreconditionFailed();
            }
            pinned = true;
        }
        if (request.ifMatch() != null) {
            EntityTags tags = EntityTags.parse(request.ifMatch());
            boolean listed = tags.listsStrongly(validators.tag());
            if (!listed && !tags.any()) {
                return new PreconditionFailed();
            }
            pinned |= listed;
        } else if (isModifiedSince(request.ifUnmodifiedSince(), validators, false)) {
            return new PreconditionFailed();
        }
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        if (request.ifNoneMatch() != null) {
            EntityTags tags = EntityTags.parse(request.ifNoneMatch());
            if (tags.any() || tags.listsWeakly(validators.tag())) {
                return reads ? new NotModified() : new PreconditionFailed();
            }
        } else if (reads && !isModifiedSince(request.ifModifiedSince(), validators, true)) {
            return new NotModified();
        }
        if (!request.method().equals("GET")) {
            return new Whole();
        }
        if (request.ifRange() != null) {
            if (!isUnchanged(request.ifRange(), validators, policy)) {
                return new Whole();
            }
            pinned = true;
        }
        if (policy == RangePolicy.ONLY_WHEN_PINNED && !pinned) {
            return new Whole();
        }
        return range(RangeRequest.parse(request.range(), length));
    }

    /**
     * Whether a request may change what it names; its answer is {@link PreconditionFailed} when not (RFC 9110 §13.2.1).
     * What is not there matches no If-Match, not even {@code *} (§13.1.1), and every If-None-Match (§13.1.2), and has no
     * date that If-Unmodified-Since could be compared with (§13.1.4).
     *
     * @param current of what is there now, if anything is
     */
    static boolean permitsChange(ConditionalRequest request, Optional<Validators> current) {
        return current.map(validators ->
                        !(decide(request, validators, 0, RangePolicy.ALWAYS) instanceof PreconditionFailed))
                .orElse(request.version() == null && request.ifMatch() == null);
    }

    private static boolean isPinnedTo(String version, Validators validators) {
        return PinnedVersion.parse(version)
                .map(pinned -> pinned.matches(validators.tag()))
                .orElse(false);
    }

    /** Whether the content is later than the date; the given answer when there is no readable date. */
    private static boolean isModifiedSince(@Nullable String date, Validators validators, boolean withoutDate) {
        return Optional.ofNullable(date)
                .flatMap(HttpDate::parse)
                .map(validators.lastModified()::isAfter)
                .orElse(withoutDate);
    }

    /** If-Range, RFC 9110 §13.1.5: a tag or a date, which their first characters tell apart. */
    private static boolean isUnchanged(String ifRange, Validators validators, RangePolicy policy) {
        Optional<EntityTag> tag = EntityTag.parse(ifRange);
        if (tag.isPresent()) {
            return tag.get().strongEquals(validators.tag());
        }
        Optional<Instant> date = HttpDate.parse(ifRange);
        return policy == RangePolicy.ALWAYS && date.equals(Optional.of(validators.lastModified()));
    }

    private static Decision range(RangeRequest request) {
        if (request instanceof RangeRequest.Satisfiable satisfiable) {
            return new Part(satisfiable.range());
        }
        return request instanceof RangeRequest.Unsatisfiable ? new Unsatisfiable() : new Whole();
    }
}

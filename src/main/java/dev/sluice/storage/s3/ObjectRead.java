package dev.sluice.storage.s3;

import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobMissing;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.StoreUnavailable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Part of one object, read by one GET as long as that lasts, with as much read ahead as was last asked for. When it breaks off, or
 * says nothing for too long, it is gone on with at the offset, only if the object is still the same (RFC 9110 §13.1.1). A reader
 * that takes its time gives the connection back meanwhile. Event loop.
 */
final class ObjectRead implements BlobRead {
    private static final long NONE = -1;

    private final S3Client client;
    private final String key;
    private final BlobId blob;
    private final long until;
    private final ContextInternal context;
    private final Promise<Void> opened;

    /** Come, and not taken yet. */
    private final Deque<ByteBuf> arrived = new ArrayDeque<>();

    private long held;
    /** Of the next byte from the store. */
    private long position;
    /** Bytes to be held. */
    private int ahead;

    private @Nullable Wanted wanted;
    private @Nullable HttpClientResponse answer;
    private boolean paused;
    /** Until there is an answer, and before a further attempt. */
    private boolean connecting;
    /** What belongs to an earlier attempt is no longer listened to. */
    private int attempt;
    /** Since the last byte. */
    private int failures;

    private @Nullable String tag;
    private @Nullable Throwable over;
    private boolean moved;
    private long watch = NONE;

    private record Wanted(Promise<ByteBuf> given, int length) {}

    ObjectRead(S3Client client, String key, BlobId blob, long from, long until) {
        this.client = client;
        this.key = key;
        this.blob = blob;
        this.position = from;
        this.until = until;
        this.context = (ContextInternal) client.vertx().getOrCreateContext();
        this.opened = context.promise();
        context.emit(start -> {
            watch = client.vertx().setPeriodic(client.limits().silence().toMillis(), tick -> look());
            connect();
        });
    }

    @Override
    public Future<Void> opened() {
        return opened.future();
    }

    @Override
    public Future<ByteBuf> next(int length) {
        Promise<ByteBuf> given = context.promise();
        context.emit(turn -> {
            if (over != null) {
                given.fail(over);
                return;
            }
            moved = true;
            ahead = length;
            wanted = new Wanted(given, length);
            give();
            pull();
        });
        return given.future();
    }

    @Override
    public void close() {
        context.emit(turn -> end(new ClosedChannelException()));
    }

    private void connect() {
        connecting = true;
        moved = true;
        int number = ++attempt;
        S3Request request = S3Request.of(HttpMethod.GET, key).header("Range", "bytes=" + position + "-" + (until - 1));
        if (failures > 0) {
            client.again(request);
        }
        client.begin(tag == null ? request : request.header("If-Match", tag)).onComplete(begun -> begun(number, begun));
    }

    private void begun(int number, AsyncResult<HttpClientResponse> begun) {
        if (number != attempt) {
            if (begun.succeeded()) {
                drop(begun.result());
            }
            return;
        }
        connecting = false;
        if (begun.failed()) {
            lost(begun.cause());
            return;
        }
        HttpClientResponse response = begun.result();
        int status = response.statusCode();
        if (status == 200 || status == 206) {
            begin(number, response);
            return;
        }
        drop(response);
        if (S3Reply.isTransient(status)) {
            lost(new StoreUnavailable("the store answered " + status));
        } else if (status == 404) {
            end(new BlobMissing(blob));
        } else if (status == 412 || status == 416) {
            end(new ContentChanged("blob " + blob.sha256() + " is not as it was, or not as long as its name says"));
        } else {
            end(new StoreUnavailable("reading was refused: " + status));
        }
    }

    private void begin(int number, HttpClientResponse response) {
        String found = response.getHeader("ETag");
        if (!isAsAsked(response) || (tag != null && !tag.equals(found))) {
            drop(response);
            end(new ContentChanged("blob " + blob.sha256() + " is not as it was, or not as long as its name says"));
            return;
        }
        tag = found;
        answer = response;
        paused = true;
        response.handler(bytes -> {
            if (number == attempt) {
                arrive(((BufferInternal) bytes).getByteBuf());
            }
        });
        response.endHandler(end -> brokeOff(number, new EOFException("the body ended early")));
        response.exceptionHandler(broken -> brokeOff(number, broken));
        opened.tryComplete();
        pull();
    }

    /** A store that knows no ranges sends the whole. */
    private boolean isAsAsked(HttpClientResponse response) {
        return response.statusCode() == 206
                ? ("bytes " + position + "-" + (until - 1) + "/" + blob.size())
                        .equals(response.getHeader("Content-Range"))
                : position == 0
                        && until == blob.size()
                        && Long.toString(until).equals(response.getHeader("Content-Length"));
    }

    private void arrive(ByteBuf bytes) {
        moved = true;
        failures = 0;
        position += bytes.readableBytes();
        held += bytes.readableBytes();
        arrived.add(bytes);
        give();
        pull();
    }

    private void give() {
        Wanted waiting = wanted;
        if (waiting == null || held < waiting.length()) {
            return;
        }
        wanted = null;
        ByteBuf piece = PooledByteBufAllocator.DEFAULT.directBuffer(waiting.length());
        while (piece.readableBytes() < waiting.length()) {
            ByteBuf first = arrived.element();
            piece.writeBytes(first, Math.min(first.readableBytes(), waiting.length() - piece.readableBytes()));
            if (!first.isReadable()) {
                arrived.remove();
            }
        }
        held -= waiting.length();
        waiting.given().complete(piece);
    }

    /** Lets the store send, or not, as it is wanted. After the last byte only the end can come. */
    private void pull() {
        HttpClientResponse from = answer;
        boolean wantsMore = wanted != null || held < ahead;
        if (over != null) {
            return;
        }
        if (from == null) {
            if (position < until && wantsMore && !connecting) {
                connect();
            }
        } else if (paused == (wantsMore || position == until)) {
            paused = !paused;
            if (paused) {
                from.pause();
            } else {
                from.resume();
            }
        }
    }

    /** Also when it ended well. */
    private void brokeOff(int number, Throwable cause) {
        if (number != attempt) {
            return;
        }
        answer = null;
        if (position < until) {
            lost(cause);
        }
    }

    /** Tries again after a while, unless nobody wants more then. */
    private void lost(Throwable cause) {
        attempt++;
        failures++;
        if (failures >= client.limits().attempts()) {
            end(new StoreUnavailable("the store broke off, and " + failures + " attempts to go on failed", cause));
            return;
        }
        connecting = true;
        client.vertx().setTimer(client.limits().pause(failures).toMillis(), later -> {
            connecting = false;
            if (over == null && !opened.future().isComplete()) {
                connect();
            } else {
                pull();
            }
        });
    }

    /** Every silence. */
    private void look() {
        boolean still = !moved;
        moved = false;
        HttpClientResponse from = answer;
        if (!still) {
            return;
        }
        if (wanted != null || !opened.future().isComplete()) {
            answer = null;
            if (from != null) {
                drop(from);
            }
            lost(new IOException("the store was silent"));
        } else if (from != null) {
            attempt++;
            answer = null;
            drop(from);
        }
    }

    private void end(Throwable why) {
        if (over != null) {
            return;
        }
        over = why;
        attempt++;
        client.vertx().cancelTimer(watch);
        HttpClientResponse from = answer;
        answer = null;
        if (from != null) {
            drop(from);
        }
        arrived.clear();
        held = 0;
        opened.tryFail(why);
        Wanted waiting = wanted;
        wanted = null;
        if (waiting != null) {
            waiting.given().fail(why);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Its connection is closed, or was.
    private static void drop(HttpClientResponse response) {
        response.request().reset();
    }
}

package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Moves one body from its source to its writer with two pieces under way, and ends the response only with the last piece
 * in hand. Every way out releases what the transfer holds. Event loop of the connection.
 */
final class BodyPump {
    /** Pieces that have left the source and not yet arrived at the socket. */
    static final int UNDER_WAY = 2;

    private static final long HEAD_WAITS_MILLIS = 250;

    private static final long NONE = -1;

    /** Of {@link #firstByte}: no byte left. */
    static final long NEVER = Long.MIN_VALUE;

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final PieceSource source;
    private final PieceWriter writer;
    private final Promise<Void> done = Promise.promise();
    private long written;
    private long firstByte = NEVER;
    private int underWay;
    private boolean asking;
    private boolean over;
    private long headTimer = NONE;
    private @Nullable TransferAborted aborted;

    BodyPump(Vertx vertx, HttpServerResponse response, PieceSource source, PieceWriter writer) {
        this.vertx = vertx;
        this.response = response;
        this.source = source;
        this.writer = writer;
    }

    /**
     * Sends the body. The head waits for the first piece, so that content which cannot even be opened is still answered
     * with a problem; but not for long, because a checksum may have to be computed first. A store elsewhere is waited for
     * until it gives its first bytes, or is given up.
     *
     * @return completes when the response has ended. Fails as the source did while the head is unsent, and with
     *     {@link TransferAborted} after the connection was reset. Descriptors have been given back by then
     */
    Future<Void> start() {
        response.exceptionHandler(broken -> left("The connection broke", broken));
        response.closeHandler(closed -> left("The client left", new ClosedChannelException()));
        if (response.closed()) {
            left("The client left", new ClosedChannelException());
        } else if (source.hasNext()) {
            waitWithHead();
            pump();
        } else {
            end(Unpooled.EMPTY_BUFFER);
        }
        return done.future();
    }

    private void waitWithHead() {
        headTimer = vertx.setTimer(HEAD_WAITS_MILLIS, late -> {
            if (over || response.headWritten()) {
                return;
            }
            if (source.isOpening()) {
                waitWithHead();
            } else {
                response.writeHead();
            }
        });
    }

    /** Body bytes that have left so far. */
    long written() {
        return written + writer.partlyWritten();
    }

    /** Changes while the transfer gets on, also while a checksum is computed that it waits for. */
    long progress() {
        return written() + source.computed();
    }

    /** When the first bytes of the body went to the connection, by {@link System#nanoTime}; or {@link #NEVER}. */
    long firstByte() {
        return firstByte;
    }

    /** Resets the connection, also while the last bytes wait for a peer that does not read. Nothing after the end. */
    void abort(TransferAborted.Party party, String reason, Throwable cause) {
        if (aborted != null || done.future().isComplete()) {
            return;
        }
        TransferAborted failure = new TransferAborted(party, reason, cause);
        aborted = failure;
        if (over) {
            // Ending: what the end waits for fails now, and finishes the transfer.
            writer.reset();
            return;
        }
        finish();
        if (party == TransferAborted.Party.CONTENT && !response.headWritten()) {
            writer.stop();
            source.close().onComplete(closed -> done.fail(cause));
            return;
        }
        writer.reset();
        source.close().onComplete(closed -> done.fail(failure));
    }

    /** While the end is under way it is the end's own future that tells whether it reached the client. */
    private void left(String reason, Throwable cause) {
        if (!over) {
            abort(TransferAborted.Party.CLIENT, reason, cause);
        }
    }

    private void finish() {
        over = true;
        stopWaiting();
    }

    private void stopWaiting() {
        if (headTimer != NONE) {
            vertx.cancelTimer(headTimer);
            headTimer = NONE;
        }
    }

    private void pump() {
        while (!over && !asking && underWay < UNDER_WAY && source.hasNext()) {
            asking = true;
            source.next().onComplete(next -> {
                asking = false;
                if (next.succeeded()) {
                    take(next.result());
                } else {
                    abort(TransferAborted.Party.CONTENT, "The content could not be read as planned", next.cause());
                }
            });
        }
    }

    private void take(Piece piece) {
        if (over) {
            discard(piece);
            return;
        }
        if (firstByte == NEVER) {
            firstByte = System.nanoTime();
        }
        if (!source.hasNext() && piece instanceof Piece.Memory last) {
            end(last.bytes());
            return;
        }
        long length = piece.length();
        underWay++;
        writer.write(piece).onComplete(sent -> {
            underWay--;
            if (sent.succeeded()) {
                written += length;
                stopWaiting();
                pump();
            } else {
                abort(partyOf(sent.cause()), "The body could not be written", sent.cause());
            }
        });
        pump();
    }

    private void end(ByteBuf last) {
        long length = last.readableBytes();
        finish();
        writer.end(last).onComplete(sent -> {
            Future<Void> closed = source.close();
            if (sent.succeeded()) {
                written += length;
                closed.onComplete(done);
            } else {
                abort(partyOf(sent.cause()), "The end could not be written", sent.cause());
                closed.onComplete(ignored -> done.fail(aborted));
            }
        });
    }

    private static TransferAborted.Party partyOf(Throwable cause) {
        return cause instanceof ContentUnreadable ? TransferAborted.Party.CONTENT : TransferAborted.Party.CLIENT;
    }

    private static void discard(Piece piece) {
        if (piece instanceof Piece.Memory memory) {
            memory.bytes().release();
        } else if (piece instanceof Piece.Region region) {
            region.lease().release();
        }
    }
}

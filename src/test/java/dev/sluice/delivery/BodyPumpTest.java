package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ends a transfer from the server's side. */
class BodyPumpTest {
    private static final int LARGE = 24 << 20;

    /** Too much for the kernel's buffers, too little for a second piece. */
    private static final int LAST_PIECE = 60 << 10;

    private static Origin origin;
    private static Path file;

    @BeforeAll
    static void start() {
        origin = new Origin();
        byte[] content = new byte[LARGE];
        new Random(1).nextBytes(content);
        file = origin.write("job", "model.bin", content);
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    private record Running(Context context, BodyPump pump, Future<Void> done) {
        void abort() {
            context.runOnContext(
                    turn -> pump.abort(TransferAborted.Party.SERVER, "stalled", new TimeoutException("no progress")));
        }
    }

    @ParameterizedTest(name = "{0} bytes, TLS {1}")
    @CsvSource({LARGE + ", false", LARGE + ", true", LAST_PIECE + ", false", LAST_PIECE + ", true"})
    void aTransferWhosePeerDoesNotReadCanBeAborted(int length, boolean tls) throws Exception {
        long leasedBefore = Origin.leasedBuffers();
        Promise<Running> started = Promise.promise();
        HttpServer server = listen(tls, request -> started.complete(pump(request, length)));
        try (Peer peer = Peer.connect(server.actualPort(), tls, 4 << 10)) {
            peer.get("").head();
            Running running = TestDatabase.await(started.future());
            stalls(running);
            running.abort();
            assertThatThrownBy(() -> TestDatabase.await(running.done()))
                    .rootCause()
                    .isInstanceOf(TimeoutException.class);
            assertThat(origin.descriptors()).isEmpty();
            assertThat(peer.drain()).isLessThan(length);
        } finally {
            TestDatabase.await(server.close());
        }
        origin.nothingIsHeld(leasedBefore);
    }

    /** In a socket that the kernel sizes: a third of what it holds of a fast peer's body would be more than this. */
    @Test
    void aPeerThatReadsALittleIsSeenToMove() throws Exception {
        assumeTrue(origin.vertx().isNativeTransportEnabled(), "without native transport the kernel is left to itself");
        Promise<Running> started = Promise.promise();
        HttpServer server = listen(new HttpServerOptions(), request -> started.complete(pump(request, LARGE)));
        try (Peer peer = Peer.connect(server.actualPort(), false, 64 << 10)) {
            peer.get("").head();
            Running running = TestDatabase.await(started.future());
            stalls(running);
            long stalled = running.pump().progress();
            peer.read(256 << 10);
            Origin.awaitThat("the pump gets on", () -> running.pump().progress() > stalled);
        } finally {
            TestDatabase.await(server.close());
        }
    }

    @Test
    void abortingAfterTheEndChangesNothing() throws Exception {
        Promise<Running> started = Promise.promise();
        HttpServer server = listen(false, request -> {
            Running running = pump(request, 10);
            running.done().onComplete(ended -> started.tryComplete(running));
        });
        try (Peer peer = Peer.connect(server.actualPort(), false)) {
            peer.get("").head();
            peer.read(10);
            Running running = TestDatabase.await(started.future());
            running.abort();
            peer.get("").head();
            assertThat(peer.read(10)).hasSize(10);
            assertThat(running.done().succeeded()).isTrue();
        } finally {
            TestDatabase.await(server.close());
        }
    }

    /** Nothing has left for a while, in the kernel's buffers neither: only then is it the peer that holds the body up. */
    private static void stalls(Running running) {
        long[] seen = {-1, 0};
        Origin.awaitThat("the transfer stalls", () -> {
            long written = running.pump().written();
            seen[1] = written == seen[0] ? seen[1] + 1 : 0;
            seen[0] = written;
            return seen[1] > 50;
        });
        assertThat(running.done().isComplete()).isFalse();
    }

    private static Running pump(HttpServerRequest request, long length) {
        MemoryShare share = new MemoryShare();
        PieceWriter writer = PieceWriter.of(request, origin.worker(), share);
        PieceSource source = new PieceSource(
                ArchiveLayout.file(length),
                new PlainSource(file),
                origin.worker(),
                writer::maxRegion,
                share::pieceSize,
                writer.readsOnEventLoop());
        request.response().putHeader("Content-Length", Long.toString(length));
        BodyPump pump = new BodyPump(origin.vertx(), request.response(), source, writer);
        return new Running(origin.vertx().getOrCreateContext(), pump, pump.start());
    }

    private static HttpServer listen(boolean tls, Handler<HttpServerRequest> handler) throws IOException {
        HttpServerOptions options =
                new HttpServerOptions().setSendBufferSize(4 << 10).setSsl(tls);
        if (tls) {
            options.setKeyCertOptions(
                    new PfxOptions().setPath(SelfSigned.store().toString()).setPassword(SelfSigned.PASSWORD));
        }
        return listen(options, handler);
    }

    private static HttpServer listen(HttpServerOptions options, Handler<HttpServerRequest> handler) {
        options.setHost("127.0.0.1").setPort(0);
        return TestDatabase.await(
                origin.vertx().createHttpServer(options).requestHandler(handler).listen());
    }
}

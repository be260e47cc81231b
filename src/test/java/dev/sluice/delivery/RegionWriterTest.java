package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.database.TestDatabase;
import io.netty.channel.epoll.EpollSocketChannel;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the socket is told while regions go through it. */
class RegionWriterTest {
    /** Long enough for a peer to be fast for 4 MiB of it, however busy the machine is. */
    private static final int LENGTH = 256 << 20;

    private static final int BUFFER = 1 << 20;

    private static Origin origin;

    @TempDir
    private static Path directory;

    private static Path file;

    @BeforeAll
    static void start() throws IOException {
        origin = new Origin();
        assumeTrue(origin.vertx().isNativeTransportEnabled(), "without native transport the kernel is left to itself");
        file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(LENGTH);
        }
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    @Test
    void aFastPeerGetsFullSegmentsAndTheNextResponseIsNotHeldBack() throws Exception {
        AtomicBoolean corked = new AtomicBoolean();
        Promise<Boolean> corkedAfter = Promise.promise();
        HttpServer server = listen(corked, corkedAfter);
        try (Peer peer = Peer.connect(server.actualPort(), false, BUFFER)) {
            peer.get("").head();
            for (int left = LENGTH; left > 0; left -= BUFFER) {
                assertThat(peer.read(BUFFER)).hasSize(BUFFER);
            }
            assertThat(TestDatabase.await(corkedAfter.future())).isFalse();
            assertThat(corked).isTrue();
        } finally {
            TestDatabase.await(server.close());
        }
    }

    private static HttpServer listen(AtomicBoolean corked, Promise<Boolean> corkedAfter) {
        return TestDatabase.await(origin.vertx()
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .requestHandler(request -> {
                    EpollSocketChannel socket = (EpollSocketChannel) ((ConnectionBase) request.connection()).channel();
                    MemoryShare share = new MemoryShare();
                    PieceWriter writer = PieceWriter.of(request, origin.worker(), share);
                    PieceSource source = new PieceSource(
                            ArchiveLayout.file(LENGTH),
                            new PlainSource(file),
                            origin.worker(),
                            () -> {
                                corked.compareAndSet(false, socket.config().isTcpCork());
                                return writer.maxRegion();
                            },
                            share::pieceSize,
                            writer.readsOnEventLoop());
                    request.response().putHeader("Content-Length", Long.toString(LENGTH));
                    new BodyPump(origin.vertx(), request.response(), source, writer)
                            .start()
                            .map(ended -> socket.config().isTcpCork())
                            .onComplete(corkedAfter);
                })
                .listen());
    }
}

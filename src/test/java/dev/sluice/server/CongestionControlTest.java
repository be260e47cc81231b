package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.database.TestDatabase;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CongestionControlTest {
    private static final Path SYSTEM = Path.of("/proc/sys/net/ipv4/tcp_congestion_control");

    /** Every kernel lets every process choose it. */
    private static final String EVERYWHERE = "reno";

    private static final String NOWHERE = "unheard-of";

    @ParameterizedTest
    @CsvSource({
        "bbr, reno bbr cubic, cubic",
        "bbr3, cubic bbr3, cubic",
        "bbr, reno bbr, bbr",
        "bbr, reno cubic, bbr",
        "bbr, reno bbr cubic2, bbr",
        "cubic, reno bbr cubic, cubic",
        "reno, reno cubic, reno",
        "'', '', ''",
    })
    void onlyPacingIsReplacedAndOnlyByWhatIsAllowed(String inUse, String allowed, String local) {
        assertThat(CongestionControl.of(inUse, allowed)).isEqualTo(new CongestionControl(inUse, local));
    }

    /** Its name, where sockets have such an option, and the other algorithm can be told from it. */
    private static String systems() throws Exception {
        assumeTrue(Epoll.isAvailable(), "sockets of this system have no such option");
        String systems = Files.readString(SYSTEM).strip();
        assumeTrue(!systems.equals(EVERYWHERE), "what is chosen could not be told from what is not");
        return systems;
    }

    private static CongestionControl sparing() throws Exception {
        return new CongestionControl(systems(), EVERYWHERE);
    }

    @Test
    void aPeerOnTheLoopbackIsSpared() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        assertThat(algorithm(sparing(), loopback, loopback)).isEqualTo(EVERYWHERE);
    }

    @Test
    void aPeerUnderAnotherAddressOfThisMachineIsSpared() throws Exception {
        InetAddress own = otherThanLoopback();
        assertThat(algorithm(sparing(), own, own)).isEqualTo(EVERYWHERE);
    }

    /** From another address than that which it asks, and not from the loopback's, as all are that come over a network. */
    @Test
    void anotherPeerKeepsTheSystems() throws Exception {
        assertThat(algorithm(sparing(), otherThanLoopback(), InetAddress.getLoopbackAddress()))
                .isEqualTo(systems());
    }

    @Test
    void withNothingToSpareTheSystemsStays() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        assertThat(algorithm(new CongestionControl(systems(), systems()), loopback, loopback))
                .isEqualTo(systems());
    }

    /** As where a sandbox refuses what the kernel would allow. */
    @Test
    void aListenerThatMayNotChooseListensAllTheSame() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        assertThat(algorithm(new CongestionControl(systems(), NOWHERE), loopback, loopback))
                .isEqualTo(systems());
    }

    @Test
    void aConnectionThatMayNotChooseIsServedAllTheSame() throws Exception {
        assertThat(algorithm(
                        new CongestionControl(NOWHERE, EVERYWHERE),
                        otherThanLoopback(),
                        InetAddress.getLoopbackAddress()))
                .isEqualTo(EVERYWHERE);
    }

    private static InetAddress otherThanLoopback() throws Exception {
        var own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .filter(Inet4Address.class::isInstance)
                .findFirst();
        assumeTrue(own.isPresent(), "this machine has no other address");
        return own.orElseThrow();
    }

    /**
     * Of the server's socket, once the connection was opened.
     *
     * @param control what the server chooses
     * @param from the client's address
     * @param to the server's
     */
    private static String algorithm(CongestionControl control, InetAddress from, InetAddress to) throws Exception {
        Vertx vertx =
                Vertx.builder().withTransport(new ListeningTransport(control)).build();
        try {
            Promise<String> told = Promise.promise();
            HttpServer server = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                    .connectionHandler(connection -> {
                        control.opened(connection);
                        told.complete(name((EpollSocketChannel) ((ConnectionBase) connection).channel()));
                    })
                    .requestHandler(request -> request.response().end());
            int port = TestDatabase.await(server.listen(0, to.getHostAddress())).actualPort();
            try (Socket client = new Socket()) {
                client.bind(new InetSocketAddress(from, 0));
                client.connect(new InetSocketAddress(to, port));
                return TestDatabase.await(told.future());
            }
        } finally {
            TestDatabase.await(vertx.close());
        }
    }

    private static String name(EpollSocketChannel channel) {
        ByteBuffer name = channel.config().getOption(CongestionControl.NAMED);
        return StandardCharsets.US_ASCII.decode(name).toString().replaceAll("\0.*", "");
    }
}

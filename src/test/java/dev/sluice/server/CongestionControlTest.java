package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.database.TestDatabase;
import io.netty.channel.epoll.EpollSocketChannel;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CongestionControlTest {
    /** Every kernel lets every process choose it. */
    private static final String EVERYWHERE = "reno";

    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        assumeTrue(vertx.isNativeTransportEnabled(), "sockets of this system have no such option");
    }

    @AfterAll
    static void stop() {
        TestDatabase.await(vertx.close());
    }

    @ParameterizedTest
    @CsvSource({
        "bbr, reno bbr cubic, cubic",
        "bbr3, cubic bbr3, cubic",
        "bbr, reno bbr,",
        "bbr, reno bbr cubic2,",
        "cubic, reno bbr cubic,",
        "reno, reno cubic,",
        "'', '',",
    })
    void onlyPacingIsReplacedAndOnlyByWhatIsAllowed(String inUse, String allowed, String local) {
        assertThat(CongestionControl.of(inUse, allowed).local()).isEqualTo(Optional.ofNullable(local));
    }

    @Test
    void aPeerOnTheLoopbackIsSpared() throws Exception {
        assertThat(algorithm(new CongestionControl(Optional.of(EVERYWHERE)), InetAddress.getLoopbackAddress()))
                .isEqualTo(EVERYWHERE);
    }

    @Test
    void aPeerUnderAnotherAddressOfThisMachineIsSpared() throws Exception {
        Optional<InetAddress> own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findFirst();
        assumeTrue(own.isPresent(), "this machine has no other address");
        assertThat(algorithm(new CongestionControl(Optional.of(EVERYWHERE)), own.orElseThrow()))
                .isEqualTo(EVERYWHERE);
    }

    @Test
    void withNothingToSpareTheSystemsStays() throws Exception {
        assertThat(algorithm(new CongestionControl(Optional.empty()), InetAddress.getLoopbackAddress()))
                .isEqualTo(Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control"))
                        .strip());
    }

    /** Of the server's socket for a client that connects to this address. */
    private static String algorithm(CongestionControl control, InetAddress address) throws Exception {
        Promise<String> told = Promise.promise();
        HttpServer server = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .connectionHandler(connection -> {
                    control.opened(connection);
                    told.complete(name((EpollSocketChannel) ((ConnectionBase) connection).channel()));
                })
                .requestHandler(request -> request.response().end());
        int port =
                TestDatabase.await(server.listen(0, address.getHostAddress())).actualPort();
        try (Socket client = new Socket(address, port)) {
            assertThat(client.isConnected()).isTrue();
            return TestDatabase.await(told.future());
        } finally {
            TestDatabase.await(server.close());
        }
    }

    private static String name(EpollSocketChannel channel) {
        ByteBuffer name = channel.config().getOption(CongestionControl.NAMED);
        return StandardCharsets.US_ASCII.decode(name).toString().replaceAll("\0.*", "");
    }
}

package dev.sluice.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Spares peers on this machine the pacing of a network that is not there: a proxy beside the server, a laptop's own browser. BBR
 * sends by a timer, at a rate that it estimates; on a loopback the estimate is far too low for many responses, which then take
 * three times as long and cost twice the CPU. Such peers get CUBIC instead, whose rate follows what the peer takes (RFC 9438). All
 * others keep what the system is set to, and where that is not BBR nothing is changed for anybody.
 *
 * <p>Sockets have from their listener what local peers get, and remote peers are given the system's back: a connection that began
 * with BBR keeps its timer whatever is chosen later.
 *
 * @param remote the name of the algorithm for peers on other machines, the system's
 * @param local the name of the one for peers on this machine
 */
record CongestionControl(String remote, String local) {
    private static final Logger log = LoggerFactory.getLogger(CongestionControl.class);
    private static final Path SYSTEM = Path.of("/proc/sys/net/ipv4");
    private static final String PACING = "bbr";
    private static final String NOT_PACING = "cubic";

    /** {@code TCP_CA_NAME_MAX} of {@code linux/tcp.h}. Bytes. */
    private static final int NAME = 16;

    /** {@code IPPROTO_TCP} and {@code TCP_CONGESTION}, tcp(7). */
    static final RawUnixChannelOption NAMED = new RawUnixChannelOption("TCP_CONGESTION", 6, 13, NAME);

    /** As the system is set now. */
    static CongestionControl ofSystem() {
        return of(setting("tcp_congestion_control"), setting("tcp_allowed_congestion_control"));
    }

    /**
     * @param inUse the name of the system's algorithm
     * @param allowed the names of those that a process may choose, with spaces between
     */
    static CongestionControl of(String inUse, String allowed) {
        boolean spares =
                inUse.startsWith(PACING) && List.of(allowed.split("\\s+")).containsAll(List.of(inUse, NOT_PACING));
        return new CongestionControl(inUse, spares ? NOT_PACING : inUse);
    }

    /** Empty where there is no such setting: another system, or a container that does not show it. */
    private static String setting(String name) {
        try {
            return Files.readString(SYSTEM.resolve(name)).strip();
        } catch (IOException unknown) {
            return "";
        }
    }

    /** Whether anything is to be chosen at all. */
    boolean tells() {
        return !local.equals(remote);
    }

    /**
     * A socket of TCP is about to listen; those that it accepts inherit its choice. Where it is refused, by a sandbox that the
     * system's settings do not tell of, all peers keep what the system is set to. Any thread.
     */
    void listening(EpollServerSocketChannel listener) {
        if (tells()) {
            choose(listener, local, Level.WARN);
        }
    }

    /** A connection was opened. Its event loop. */
    void opened(HttpConnection connection) {
        if (tells()
                && ((ConnectionBase) connection).channel() instanceof EpollSocketChannel channel
                && channel.isOpen()
                && !isLocal(channel)) {
            choose(channel, remote, Level.DEBUG);
        }
    }

    private static void choose(Channel channel, String name, Level concern) {
        try {
            channel.config().setOption(NAMED, option(name));
        } catch (ChannelException refused) {
            log.atLevel(concern)
                    .setCause(refused)
                    .log("{} keeps the congestion control it has: {} is refused", channel, name);
        }
    }

    private static ByteBuffer option(String name) {
        return ByteBuffer.wrap(Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), NAME));
    }

    private static boolean isLocal(EpollSocketChannel channel) {
        InetAddress peer = channel.remoteAddress().getAddress();
        return peer.isLoopbackAddress() || peer.equals(channel.localAddress().getAddress());
    }
}

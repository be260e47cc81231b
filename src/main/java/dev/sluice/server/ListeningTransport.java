package dev.sluice.server;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.transport.Transport;

/** Linux' epoll, as Vert.x uses it, with listeners that choose how what they accept is sent: Vert.x has no option for that. */
final class ListeningTransport extends EpollTransport implements Transport {
    private final CongestionControl congestionControl;

    ListeningTransport(CongestionControl congestionControl) {
        this.congestionControl = congestionControl;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return domainSocket ? super.serverChannelFactory(true) : this::listener;
    }

    private EpollServerSocketChannel listener() {
        EpollServerSocketChannel listener = new EpollServerSocketChannel();
        congestionControl.listening(listener);
        return listener;
    }

    @Override
    public String name() {
        return Transport.EPOLL.name();
    }

    @Override
    public boolean available() {
        return isAvailable();
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
        return this;
    }
}

package dev.sluice.server;

import io.netty.bootstrap.ServerBootstrap;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;

/** Linux' epoll, as Vert.x uses it, with listeners that choose how what they accept is sent: Vert.x has no option for that. */
final class ListeningTransport extends EpollTransport implements Transport {
    private final CongestionControl congestionControl;

    ListeningTransport(CongestionControl congestionControl) {
        this.congestionControl = congestionControl;
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        super.configure(options, domainSocket, bootstrap);
        if (!domainSocket) {
            congestionControl.listening(bootstrap);
        }
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

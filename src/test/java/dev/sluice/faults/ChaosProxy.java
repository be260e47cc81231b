package dev.sluice.faults;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line between two machines that can be slow, cut, and led elsewhere. Any thread; closing it cuts it. */
final class ChaosProxy implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Set<NetSocket> ends = ConcurrentHashMap.newKeySet();
    private final int port;
    private volatile int target;
    private volatile Duration latency = Duration.ZERO;

    ChaosProxy(int target) {
        this.target = target;
        NetServer server = vertx.createNetServer().connectHandler(this::accept);
        this.port = TestDatabase.await(server.listen(0, "127.0.0.1")).actualPort();
    }

    int port() {
        return port;
    }

    void leadTo(int elsewhere) {
        target = elsewhere;
    }

    /** What comes from the target from now on comes that much later. */
    void delay(Duration later) {
        latency = later;
    }

    private void accept(NetSocket client) {
        client.pause();
        vertx.createNetClient().connect(target, "127.0.0.1").onComplete(connected -> {
            if (connected.failed()) {
                client.close();
                return;
            }
            NetSocket peer = connected.result();
            pass(client, peer, false);
            pass(peer, client, true);
            client.resume();
        });
    }

    private void pass(NetSocket from, NetSocket to, boolean late) {
        ends.add(from);
        from.handler(bytes -> {
            long millis = late ? latency.toMillis() : 0;
            if (millis == 0) {
                to.write(bytes);
            } else {
                vertx.setTimer(millis, now -> to.write(bytes));
            }
        });
        from.closeHandler(closed -> {
            ends.remove(from);
            to.close();
        });
        from.exceptionHandler(broken -> to.close());
    }

    @Override
    public void close() {
        TestDatabase.await(vertx.close());
    }
}

package dev.sluice.faults;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

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

    /** When what came so far has been passed on. */
    private static final class Direction {
        private Future<Void> sent = Future.succeededFuture();
    }

    private void pass(NetSocket from, NetSocket to, boolean late) {
        ends.add(from);
        Direction direction = new Direction();
        from.handler(bytes -> {
            long due = System.nanoTime() + (late ? latency.toNanos() : 0);
            // Never before what came earlier, also when the line has just become faster.
            direction.sent = direction.sent.compose(before -> until(due)).onSuccess(now -> to.write(bytes));
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

    private Future<Void> until(long due) {
        long millis = TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime());
        return millis <= 0
                ? Future.succeededFuture()
                : vertx.timer(millis, TimeUnit.MILLISECONDS).mapEmpty();
    }
}

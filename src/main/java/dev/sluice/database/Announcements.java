package dev.sluice.database;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What triggers announce (NOTIFY) when a transaction commits, whoever made it, on a connection of its own. Who remembers something
 * may rely on it for as long as {@link #heard}: then whatever was committed a moment ago has been told, and where that was not so
 * for a while, everything was to be forgotten since.
 *
 * <p>Behind a pooler that does not keep sessions nothing is heard, and nothing is remembered. Any thread.
 */
public final class Announcements {
    static final String CHANNEL = "sluice_changes";

    private static final Logger log = LoggerFactory.getLogger(Announcements.class);

    /** Between two looks whether the connection still tells what is announced. */
    private static final Duration PULSE = Duration.ofMillis(250);

    /** A connection that says nothing for so many times our patience is given up. */
    private static final int SILENCES = 4;

    private static final Duration CONNECTING = Duration.ofSeconds(10);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 5;

    private final Vertx vertx;
    private final PgConnectOptions options;
    private final Function<String, Future<?>> announce;
    private final long patience;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /** Of the event loop on which everything below is done. */
    private final Context context;

    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean whole;

    /** When a question was asked on the connection that it has answered since. */
    private volatile long proven;

    private @Nullable PgConnection current;
    private boolean asking;
    private boolean closed;
    private int failures;
    private long timer = -1;

    private record Listener(Consumer<String> announced, Runnable anything) {}

    /**
     * Hears nothing until there is somebody to tell.
     *
     * @param announce announces on the channel, by another connection
     * @param patience the longest silence in which everything counts as heard
     */
    Announcements(Vertx vertx, PgConnectOptions options, Function<String, Future<?>> announce, Duration patience) {
        this.vertx = vertx;
        this.options = options;
        this.announce = announce;
        this.patience = patience.toNanos();
        this.context = vertx.getOrCreateContext();
    }

    /**
     * Tells a listener from now on, on any thread.
     *
     * @param announced is given what was announced
     * @param anything is run when anything may have been announced that nobody heard
     */
    public void listen(Consumer<String> announced, Runnable anything) {
        listeners.add(new Listener(announced, anything));
        if (begun.compareAndSet(false, true)) {
            context.runOnContext(turn -> {
                timer = vertx.setPeriodic(PULSE.toMillis(), tick -> pulse());
                connect();
            });
        }
    }

    /** Whether what is committed anywhere is told here within a moment. */
    public boolean heard() {
        return whole && System.nanoTime() - proven < patience;
    }

    /** Tells what was changed here at once, before PostgreSQL does. */
    public void tell(String announced) {
        listeners.forEach(listener -> listener.announced().accept(announced));
    }

    /** As the other, when anything may have changed. */
    public void tellAll() {
        listeners.forEach(listener -> listener.anything().run());
    }

    private void connect() {
        if (closed) {
            return;
        }
        Future<PgConnection> connecting = PgConnection.connect(vertx, options);
        connecting
                .timeout(CONNECTING.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(this::connected)
                .onFailure(failure -> {
                    connecting.onSuccess(PgConnection::close);
                    connectLater(failure.toString());
                });
    }

    private void connected(PgConnection connection) {
        if (closed) {
            connection.close();
            return;
        }
        current = connection;
        proven = System.nanoTime();
        // Of several sessions behind one connection this may be told to another: then what follows is heard by nobody.
        String echo = UUID.randomUUID().toString();
        connection.closeHandler(gone -> lost(connection));
        connection.exceptionHandler(failure -> log.debug("The connection for announcements failed", failure));
        connection.notificationHandler(told -> {
            if (told.getPayload().equals(echo)) {
                begin(connection);
            } else {
                tell(told.getPayload());
            }
        });
        connection
                .query("listen " + CHANNEL)
                .execute()
                .compose(listening -> announce.apply(echo))
                .onFailure(failure -> {
                    connection.close();
                    lost(connection);
                });
    }

    /** Nothing is missed from here on. */
    private void begin(PgConnection connection) {
        if (connection == current) {
            tellAll();
            failures = 0;
            whole = true;
        }
    }

    private void lost(PgConnection connection) {
        if (connection == current) {
            current = null;
            whole = false;
            asking = false;
            connectLater("the connection is lost");
        }
    }

    private void connectLater(String reason) {
        if (closed) {
            return;
        }
        if (failures++ == 0) {
            log.warn("What changes is not heard of, and nothing remembered meanwhile: {}", reason);
        }
        vertx.timer(SHORTEST_PAUSE.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS), TimeUnit.MILLISECONDS)
                .onSuccess(later -> connect());
    }

    private void pulse() {
        PgConnection connection = current;
        if (connection == null) {
            return;
        }
        long now = System.nanoTime();
        if (asking) {
            if (now - proven > SILENCES * patience) {
                connection.close();
                lost(connection);
            }
            return;
        }
        asking = true;
        connection.query("select 1").execute().onComplete(answered -> {
            if (connection == current) {
                asking = false;
                if (answered.succeeded()) {
                    proven = now;
                }
            }
        });
    }

    Future<Void> close() {
        return Future.future(done -> context.runOnContext(turn -> {
            closed = true;
            whole = false;
            vertx.cancelTimer(timer);
            PgConnection last = current;
            current = null;
            (last == null ? Future.<Void>succeededFuture() : last.close()).onComplete(done);
        }));
    }
}

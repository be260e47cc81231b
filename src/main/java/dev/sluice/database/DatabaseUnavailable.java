package dev.sluice.database;

import io.netty.channel.unix.Errors.NativeIoException;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL did not answer in time, cannot be reached, or refuses for reasons of its own, such as a lock that is held. The
 * same request may succeed a second later. Whether a statement took effect is unknown.
 */
public final class DatabaseUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Appendix A of PostgreSQL's manual: connection, resources, operator intervention, system. */
    private static final Set<String> CLASSES = Set.of("08", "53", "57", "58");

    /** A lock not had in time, no connections taken, an idle transaction ended, a serialization failure, a deadlock. */
    private static final Set<String> STATES = Set.of("55P03", "55000", "25P03", "40001", "40P01");

    private DatabaseUnavailable(Throwable cause) {
        super("the database is not available: " + cause.getMessage(), cause);
    }

    /** The failure itself, unless it says that the database is not available. */
    static Throwable orCause(Throwable failure) {
        return tells(failure) ? new DatabaseUnavailable(failure) : failure;
    }

    /** Of the client's own kinds of failure only the server's words have a type; lost connections and waits are general. */
    private static boolean tells(Throwable failure) {
        if (failure instanceof PgException refused) {
            @Nullable String state = refused.getSqlState();
            return state != null
                    && state.length() == 5
                    && (CLASSES.contains(state.substring(0, 2)) || STATES.contains(state));
        }
        return failure instanceof TimeoutException
                || failure instanceof VertxException
                || failure instanceof SocketException
                || failure instanceof NativeIoException
                || failure instanceof UnknownHostException;
    }
}

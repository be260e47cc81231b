package dev.sluice.server;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first SIGTERM or SIGINT ends the process in order, a second one at once: the JVM itself would ignore it while its shutdown
 * hooks run. {@code sun.misc.Signal} (module {@code jdk.unsupported}) is the only way there; it is called by reflection since
 * naming it is a compiler warning that cannot be suppressed.
 */
final class Signals {
    private static final Logger log = LoggerFactory.getLogger(Signals.class);

    /** What shells report for a process that a signal ended: this and the signal's number. */
    private static final int ENDED_BY = 128;

    private static final AtomicBoolean SEEN = new AtomicBoolean();

    private Signals() {}

    static void endAtOnceWhenRepeated() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handle((int) signal.getMethod("getNumber").invoke(arguments[0]));
                        }
                        return null;
                    });
            for (String name : List.of("TERM", "INT")) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), handling);
            }
        } catch (ReflectiveOperationException unavailable) {
            log.info("Signals cannot be handled here: a second one will not end the process sooner");
        }
    }

    private static void handle(int number) {
        int status = ENDED_BY + number;
        if (SEEN.compareAndSet(false, true)) {
            new Thread(() -> System.exit(status), "sluice-signal").start();
        } else {
            Runtime.getRuntime().halt(status);
        }
    }
}

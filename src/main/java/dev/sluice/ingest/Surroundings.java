package dev.sluice.ingest;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What a fetch finds around it, and tests decide for themselves.
 *
 * @param isPublic whether an address may be connected to that no entry names
 * @param nanos monotonic
 * @param jitter 0 to 1
 */
record Surroundings(
        NameResolver resolver,
        Predicate<InetAddress> isPublic,
        Pauses pauses,
        LongSupplier nanos,
        DoubleSupplier jitter,
        FreeSpace freeSpace) {

    /** Waits. */
    @FunctionalInterface
    interface Pauses {
        Future<Void> pause(Duration duration);
    }

    /** Usable bytes of the file system that holds a path. Blocks. */
    @FunctionalInterface
    interface FreeSpace {
        long at(Path path) throws IOException;
    }

    static Surroundings real(Vertx vertx, WorkerExecutor worker) {
        SecureRandom random = new SecureRandom();
        return new Surroundings(
                // The platform's resolver, which blocks and knows of hosts files and search lists.
                host -> worker.executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false),
                PublicAddresses::contain,
                duration -> vertx.timer(Math.max(1, duration.toMillis()), TimeUnit.MILLISECONDS)
                        .mapEmpty(),
                System::nanoTime,
                random::nextDouble,
                path -> Files.getFileStore(path).getUsableSpace());
    }
}

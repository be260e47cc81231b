package dev.sluice.ingest;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Names to addresses. Asked once for each connection: what it answers is what is checked and what is connected to. */
@FunctionalInterface
interface NameResolver {
    /** Fails with {@link java.net.UnknownHostException} when there is no address. */
    Future<List<InetAddress>> resolve(String host);
}

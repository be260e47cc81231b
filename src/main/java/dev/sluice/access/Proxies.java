package dev.sluice.access;

import dev.sluice.http.Network;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who called. {@code X-Forwarded-For}, {@code -Proto} and {@code -Host} are believed of the configured proxies only: each
 * proxy appends whom it spoke with, so that the list is read from its end, up to the first who is no proxy of ours. What stands
 * before that anybody may have written. Event loop.
 */
public final class Proxies implements Handler<RoutingContext> {
    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9_.-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(:\\d{1,5})?");

    /** Some proxies append the port they saw. */
    private static final Pattern PORT = Pattern.compile("^\\[(.*)](?::\\d+)?$|^([0-9.]+):\\d+$");

    private final List<Network> trusted;

    public Proxies(List<Network> trusted) {
        this.trusted = List.copyOf(trusted);
    }

    @Override
    public void handle(RoutingContext ctx) {
        caller(ctx.request()).pass(ctx);
    }

    private Caller caller(HttpServerRequest request) {
        String peer = request.remoteAddress().hostAddress();
        @Nullable HostAndPort named = request.authority();
        String authority = named == null ? "" : named.toString();
        if (!isTrusted(peer)) {
            return new Caller(peer, request.isSSL(), authority);
        }
        return new Caller(
                client(peer, request.headers().getAll("X-Forwarded-For")),
                first(request, "X-Forwarded-Proto")
                        .map("https"::equalsIgnoreCase)
                        .orElse(request.isSSL()),
                first(request, "X-Forwarded-Host")
                        .filter(host -> HOST.matcher(host).matches())
                        .orElse(authority));
    }

    private String client(String peer, List<String> forwarded) {
        String client = peer;
        String[] hops = String.join(",", forwarded).split(",", -1);
        for (int hop = hops.length - 1; hop >= 0 && isTrusted(client); hop--) {
            Optional<InetAddress> address = Network.address(
                    PORT.matcher(hops[hop].strip()).replaceFirst("$1$2").strip());
            if (address.isEmpty()) {
                // Not a word more can be believed.
                return client;
            }
            client = address.get().getHostAddress();
        }
        return client;
    }

    private boolean isTrusted(String address) {
        return !trusted.isEmpty()
                && Network.address(address)
                        .filter(known -> trusted.stream().anyMatch(network -> network.contains(known)))
                        .isPresent();
    }

    /** Of several, each from a proxy further in, the one that the client met. */
    private static Optional<String> first(HttpServerRequest request, String name) {
        return Optional.ofNullable(request.getHeader(name))
                .map(values -> Arrays.asList(values.split(",", -1)).get(0).strip())
                .filter(value -> !value.isEmpty());
    }
}

package dev.sluice.ingest;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where files may be fetched from: {@code host} and {@code *.suffix} on any port, {@code host:port} on one. A suffix does not
 * include the domain itself. Nothing is allowed that is not listed.
 */
public final class AllowedHosts {
    private static final int ANY_PORT = -1;

    private final List<Entry> entries;

    /** @param entries of the forms above; IPv6 addresses in brackets */
    public AllowedHosts(List<String> entries) {
        this.entries = entries.stream().map(Entry::parse).toList();
    }

    boolean permits(String host, int port) {
        return entries.stream().anyMatch(entry -> entry.permits(host, port));
    }

    /** Whether an entry for this very host and port is that address, written out: only so can it be one that is not public. */
    boolean names(String host, int port, InetAddress address) {
        return entries.stream()
                .anyMatch(entry -> entry.permits(host, port)
                        && literal(entry.host).filter(address::equals).isPresent());
    }

    /** An address that is written out. Never asks a name server. */
    static Optional<InetAddress> literal(String host) {
        byte @Nullable [] octets = NetUtil.createByteArrayFromIpAddressString(host);
        if (octets == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByAddress(octets));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Lower case, without the brackets of an IPv6 address and without the dot that ends an absolute name. */
    static String canonical(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        String relative = bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare;
        return relative.toLowerCase(Locale.ROOT);
    }

    private record Entry(String host, int port, boolean suffix) {
        static Entry parse(String text) {
            int colon = text.lastIndexOf(':');
            boolean hasPort = colon > text.lastIndexOf(']')
                    && text.indexOf(':') == (text.startsWith("[") ? text.indexOf(':') : colon);
            String host = hasPort ? text.substring(0, colon) : text;
            int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : ANY_PORT;
            boolean suffix = host.startsWith("*.");
            return new Entry(canonical(suffix ? host.substring(1) : host), port, suffix);
        }

        boolean permits(String asked, int askedPort) {
            String name = canonical(asked);
            boolean matches = suffix ? name.endsWith(host) && name.length() > host.length() : name.equals(host);
            return matches && (port == ANY_PORT || port == askedPort);
        }
    }
}

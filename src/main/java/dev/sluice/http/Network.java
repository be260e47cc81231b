package dev.sluice.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses that begin alike (RFC 4632 §3.1, RFC 4291 §2.3): {@code 10.0.0.0/8}, {@code fd00::/8}, or one alone.
 *
 * @param bits that count
 */
public record Network(InetAddress first, int bits) {
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");
    private static final Pattern BITS = Pattern.compile("\\d{1,3}");

    /** Empty when it is neither an address nor a network. */
    public static Optional<Network> parse(String text) {
        String[] parts = text.split("/", 2);
        return address(parts[0]).flatMap(address -> {
            int most = address.getAddress().length * Byte.SIZE;
            if (parts.length == 1) {
                return Optional.of(new Network(address, most));
            }
            return Optional.of(parts[1])
                    .filter(bits -> BITS.matcher(bits).matches() && Integer.parseInt(bits) <= most)
                    .map(bits -> new Network(address, Integer.parseInt(bits)));
        });
    }

    /** An address in figures; no name is ever resolved. IPv4 in the clothes of IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
    public static Optional<InetAddress> address(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException malformed) {
            return Optional.empty();
        }
    }

    public boolean contains(InetAddress address) {
        byte[] ours = first.getAddress();
        byte[] theirs = address.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % Byte.SIZE;
            if (((ours[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}

package dev.sluice.ingest;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/**
 * Addresses that stand for a host on the public internet (IANA's special-purpose registries, RFC 6890). An IPv4 address inside an
 * IPv6 one is reached through a translator or tunnel that this server knows nothing of, so those forms are never public.
 */
final class PublicAddresses {
    private static final List<Block> SPECIAL_V4 = List.of(
            Block.of(8, 0), // "this network"
            Block.of(8, 10), // private
            Block.of(10, 100, 64), // carrier-grade NAT
            Block.of(8, 127), // loopback
            Block.of(16, 169, 254), // link-local, cloud metadata
            Block.of(12, 172, 16), // private
            Block.of(24, 192, 0, 0), // protocol assignments
            Block.of(24, 192, 0, 2), // documentation
            Block.of(24, 192, 88, 99), // 6to4 relay
            Block.of(16, 192, 168), // private
            Block.of(15, 198, 18), // benchmarks
            Block.of(24, 198, 51, 100), // documentation
            Block.of(24, 203, 0, 113), // documentation
            Block.of(3, 224), // multicast and reserved, broadcast included
            Block.of(32, 168, 63, 129, 16)); // a cloud's own services

    /** Everything outside 2000::/3 is special: mapped, compatible, NAT64, unique local, link-local, site-local, multicast. */
    private static final Block GLOBAL_V6 = Block.of(3, 0x20);

    private static final List<Block> SPECIAL_V6 = List.of(
            Block.of(23, 0x20, 0x01, 0x00), // protocol assignments, Teredo among them
            Block.of(32, 0x20, 0x01, 0x0d, 0xb8), // documentation
            Block.of(16, 0x20, 0x02), // 6to4
            Block.of(20, 0x3f, 0xff, 0x00)); // documentation

    private PublicAddresses() {}

    static boolean contain(InetAddress address) {
        byte[] octets = address.getAddress();
        if (address instanceof Inet4Address) {
            return SPECIAL_V4.stream().noneMatch(block -> block.contains(octets));
        }
        return GLOBAL_V6.contains(octets) && SPECIAL_V6.stream().noneMatch(block -> block.contains(octets));
    }

    /** @param bits that are the same in the whole block, which {@code prefix} begins */
    private record Block(int bits, List<Integer> prefix) {
        static Block of(int bits, Integer... prefix) {
            return new Block(bits, List.of(prefix));
        }

        boolean contains(byte[] octets) {
            for (int bit = 0; bit < bits; bit++) {
                int wanted = bit / 8 < prefix.size() ? prefix.get(bit / 8) : 0;
                int mask = 0x80 >> (bit % 8);
                if (((octets[bit / 8] ^ wanted) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}

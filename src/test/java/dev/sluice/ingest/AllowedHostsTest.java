package dev.sluice.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
    @ParameterizedTest
    @CsvSource({
        "models.example, models.example, 443, true",
        "models.example, MODELS.example., 8080, true",
        "models.example, a.models.example, 443, false",
        "models.example:8443, models.example, 8443, true",
        "models.example:8443, models.example, 443, false",
        "*.example, models.example, 443, true",
        "*.example, a.b.example, 443, true",
        "*.example, example, 443, false",
        "*.example, notexample, 443, false",
        "*.example, models.example.evil, 443, false",
        "10.1.2.3, 10.1.2.3, 443, true",
        "[fd00::1], fd00::1, 443, true",
        "[fd00::1]:8443, fd00::1, 443, false",
        "[fd00::1]:8443, fd00::1, 8443, true"
    })
    void entriesAllowHostsSuffixesAndPorts(String entry, String host, int port, boolean permitted) {
        assertThat(new AllowedHosts(List.of(entry)).permits(host, port)).isEqualTo(permitted);
    }

    @Test
    void nothingIsAllowedThatIsNotListed() {
        assertThat(new AllowedHosts(List.of()).permits("models.example", 443)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.255",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "64:ff9b:1::a00:1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "2002:a00:1::1",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void addressesOfSpecialPurposeAreNotPublic(String address) throws Exception {
        assertThat(PublicAddresses.contain(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.0.1",
                "172.32.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00:1450::1"
            })
    void otherAddressesAre(String address) throws Exception {
        assertThat(PublicAddresses.contain(InetAddress.getByName(address))).isTrue();
    }
}

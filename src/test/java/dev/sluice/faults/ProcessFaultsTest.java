package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the machine does to a whole server: it stops it, and takes its descriptors. */
@Tag("faults")
@ExtendWith(Leaks.class)
class ProcessFaultsTest extends ProcessFixture {
    private static final long SIZE = 32L << 20;

    @Test
    void aHundredDownloadsOutliveSigterm() throws Exception {
        sparse("model/big.bin", SIZE);
        try (ServerProcess server = ServerProcess.start(
                data,
                database,
                Map.of(
                        "SLUICE_DELIVERY_MAX_STREAMS_PER_OWNER",
                        "1000",
                        "SLUICE_DELIVERY_DRAIN_TIMEOUT",
                        "5m",
                        // The last is read when all others have been.
                        "SLUICE_DELIVERY_STALL_TIMEOUT",
                        "5m"))) {
            server.register("alice", "job");
            List<Wire> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(reading(server, BIG));
            }
            assertThat(server.handle().destroy()).isTrue();
            server.awaitLog(Pattern.compile("Draining: 100 transfers"));
            for (Wire wire : all) {
                assertThat(wire.read(SIZE)).isEqualTo(SIZE);
                wire.close();
            }
            assertThat(server.exit()).isEqualTo(128 + 15);
        }
    }

    @Test
    void withoutDescriptorsTheServerRefusesAndRecovers() throws Exception {
        new ExternalTool("prlimit").requirePresent();
        sparse("model/big.bin", SIZE);
        try (ServerProcess server = start()) {
            server.register("alice", "job");
            server.complete("job");
            String published = "/api/models/" + server.published("alice", "job") + "/files/big.bin";
            // Classes that are found in a directory take a descriptor each when they are first used, also by who waits.
            try (Wire first = reading(server, published)) {
                Awaiting.until("it waits to be read", () -> server.meter("sluice_transfers_active") == 1);
                assertThat(first.read(SIZE)).isEqualTo(SIZE);
            }
            Wire before = reading(server, published);
            Wire live = reading(server, BIG);
            Path open = Path.of("/proc", Long.toString(server.handle().pid()), "fd");
            new ExternalTool("prlimit")
                    .run(directory, "--pid", server.handle().pid(), "--nofile=" + (count(open) + 20))
                    .succeeded();
            List<Wire> crowd = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                crowd.add(new Wire(server.port()).send("GET /version HTTP/1.1\r\n"));
            }
            assertThat(before.read(SIZE)).as("what had its descriptors goes on").isEqualTo(SIZE);
            before.close();
            // Whether its name still leads to the same file cannot be told now, so it may end short.
            readOut(live);
            live.close();
            for (Wire wire : crowd) {
                wire.close();
            }
            Awaiting.until("it serves again", () -> answers(server));
            assertThat(server.log()).as("no disk is suspected").doesNotContain("Forgetting", "Quarantining");
        }
    }

    private static void readOut(Wire wire) {
        try {
            wire.read(SIZE);
        } catch (IOException reset) {
            // As it may.
        }
    }

    private static boolean answers(ServerProcess server) {
        try {
            return server.get(BIG, "alice").statusCode() == 200;
        } catch (IOException refused) {
            return false;
        }
    }
}

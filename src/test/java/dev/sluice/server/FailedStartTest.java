package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.config.Settings;
import dev.sluice.database.TestDatabase;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that cannot start says so: a process that waited for ever would look alive to its supervisor. */
class FailedStartTest {
    private static final String LOOPBACK = "127.0.0.1";

    @TempDir
    private Path data;

    @Test
    void aPortThatIsTakenFailsTheStart() throws Exception {
        try (TestDatabase database = TestDatabase.fresh();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ServerConfig config = config(database.url(), taken.getLocalPort());

            assertThatThrownBy(() ->
                            TestDatabase.await(Server.start(config, Main.access(config.auth()), Clock.systemUTC())))
                    .hasMessageContaining("Address already in use");
        }
    }

    @Test
    void aDatabaseThatIsNotThereFailsTheStart() throws Exception {
        ServerConfig config = config("postgresql://nobody:nothing@127.0.0.1:1/none", 0);

        assertThatThrownBy(
                        () -> TestDatabase.await(Server.start(config, Main.access(config.auth()), Clock.systemUTC())))
                .isInstanceOf(Exception.class);
    }

    private ServerConfig config(String database, int managementPort) throws Exception {
        Map<String, String> settings = Map.of(
                "http.host",
                LOOPBACK,
                "http.port",
                "0",
                "management.host",
                LOOPBACK,
                "management.port",
                Integer.toString(managementPort),
                "data.dir",
                data.toString(),
                "database.url",
                database,
                "auth.jwt-secret",
                "a secret of this test, thirty-two bytes or more");
        return ServerConfig.from(Settings.read(Optional.empty(), Map.of(), settings), ServerConfig.Mode.PRODUCTION);
    }
}

package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.config.DataSize;
import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Settings;
import dev.sluice.server.ServerConfig.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in the file: there is a configuration, or a list of faults. */
class ConfigurationFuzzTest {
    private static final String SECRET = "thirty-two bytes that nobody may print";

    @TempDir
    private static Path dir;

    private static Path file;

    @BeforeAll
    static void choose() {
        file = dir.resolve("sluice.yaml");
    }

    @FuzzTest(maxDuration = "1m")
    void everyFileIsReadOrItsFaultsAreNamed(byte[] input) throws IOException {
        Files.write(file, input);
        try {
            ServerConfig config = ServerConfig.from(
                    Settings.read(Optional.of(file), Map.of("SLUICE_AUTH_JWT_SECRET", SECRET), Map.of()), Mode.TOOL);
            assertThat(config.toString()).doesNotContain(SECRET);
        } catch (InvalidConfiguration invalid) {
            assertThat(invalid.faults())
                    .isNotEmpty()
                    .allSatisfy(fault -> assertThat(fault).isNotBlank().doesNotContain(SECRET));
        }
        try {
            DataSize size = DataSize.parse(new String(input, StandardCharsets.UTF_8));
            assertThat(DataSize.parse(size.toString())).isEqualTo(size);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}

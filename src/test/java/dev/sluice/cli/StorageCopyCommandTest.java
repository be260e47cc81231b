package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cli.Command.StorageCopy;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StorageCopyCommandTest {
    private static CommandLineParser.Parsed parse(String... arguments) {
        return new CommandLineParser("1").parse(arguments);
    }

    @Test
    void bothStoresAreNamed() {
        CommandLineParser.Parsed parsed =
                parse("storage", "copy", "--from", "local", "--to", "s3", "--set", "s3.bucket=models");
        assertThat(parsed.command()).hasValueSatisfying(command -> {
            assertThat(command).isInstanceOfSatisfying(StorageCopy.class, copy -> {
                assertThat(copy.from()).isEqualTo(StorageCopy.Place.LOCAL);
                assertThat(copy.to()).isEqualTo(StorageCopy.Place.S3);
                assertThat(copy.options().settings()).isEqualTo(Map.of("s3.bucket", "models"));
            });
        });
    }

    @Test
    void anotherStoreOrNoneIsRefused() {
        assertThat(parse("storage", "copy", "--from", "local", "--to", "disk").command())
                .isEmpty();
        assertThat(parse("storage", "copy", "--from", "local").exitStatus()).isEqualTo(2);
        assertThat(parse("storage").exitStatus()).isEqualTo(2);
    }
}

package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** That each benchmark still does what it says, once and in this JVM; how fast decides nothing. */
class BenchmarksTest {
    @BeforeAll
    static void measuresNothing() {
        // Its lock is one for the machine, and would let one build fail another.
        System.setProperty("jmh.ignoreLock", "true");
        // Would start JVMs to find out.
        System.setProperty("jmh.blackhole.autoDetect", "false");
    }

    @Test
    void eachRunsOnce() throws RunnerException {
        Options once = new OptionsBuilder()
                .forks(0)
                .mode(Mode.SingleShotTime)
                .warmupIterations(0)
                .measurementIterations(1)
                .param("entries", "10")
                .param("content", "log")
                .param("algorithm", "HS256", "ES256")
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        Collection<RunResult> results = new Runner(once).run();
        assertThat(results).isNotEmpty();
    }
}

package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever a client filters by: it is a glob or refused, and what it accepts does not depend on how it is asked. */
class GlobsFuzzTest {
    /** A glob and a path, separated by the first line feed. */
    @FuzzTest(maxDuration = "1m")
    void globsAreReadOrRefused(byte[] input) {
        String[] lines = new String(input, StandardCharsets.UTF_8).split("\n", 2);
        String path = lines[lines.length - 1];
        if (!path.isEmpty() && path.length() < 500 && !path.startsWith("/") && !path.endsWith("/")) {
            assertThat(including("/" + literal(path)).accepts(path)).isTrue();
        }
        EntryFilter including;
        try {
            including = including(lines[0]);
        } catch (InvalidGlob refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        boolean accepted = including.accepts(path);
        assertThat(EntryFilter.of(List.of(), List.of(lines[0])).accepts(path)).isNotEqualTo(accepted);
        assertThat(EntryFilter.of(List.of(lines[0], lines[0]), List.of()).accepts(path))
                .isEqualTo(accepted);
        assertThat(EntryFilter.of(List.of("**"), List.of()).accepts(path)).isTrue();
        if (accepted && !path.isEmpty()) {
            assertThat(including.accepts(path + "/beneath")).isTrue();
        }
    }

    private static EntryFilter including(String glob) {
        return EntryFilter.of(List.of(glob), List.of());
    }

    private static String literal(String path) {
        StringBuilder glob = new StringBuilder();
        path.codePoints().forEach(c -> {
            if (c != '/') {
                glob.append('\\');
            }
            glob.appendCodePoint(c);
        });
        return glob.toString();
    }
}

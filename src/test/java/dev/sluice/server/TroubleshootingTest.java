package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever looks up a text in {@code src/docs/troubleshooting.md} has it from the server: texts that changed are found here. */
class TroubleshootingTest {
    private static final Path TABLE = Path.of("src", "docs", "troubleshooting.md");
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Pattern FIRST_COLUMN = Pattern.compile("^\\| (.*?) \\|");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    /** Of a text with values in it, what stands between two of them. */
    private static final int WORTH_LOOKING_FOR = 8;

    /** Where a text of the sources is broken over lines. */
    private static final Pattern JOINT = Pattern.compile("\"\\s*\\+\\s*\"");

    @Test
    void everyTextThatIsQuotedStandsInTheSources() throws IOException {
        String sources = sources();
        List<String> quoted = quoted();
        assertThat(quoted)
                .hasSizeGreaterThan(40)
                .allSatisfy(text -> assertThat(Stream.of(text.split("…", -1))
                                .map(String::strip)
                                .filter(part -> part.length() >= WORTH_LOOKING_FOR))
                        .as(text)
                        .isNotEmpty()
                        .allMatch(sources::contains));
    }

    private static List<String> quoted() throws IOException {
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(TABLE)) {
            Matcher column = FIRST_COLUMN.matcher(line);
            if (!column.find()) {
                continue;
            }
            Matcher text = QUOTED.matcher(column.group(1));
            while (text.find()) {
                texts.add(text.group(1));
            }
        }
        return texts;
    }

    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".java"))::iterator) {
                all.append(JOINT.matcher(Files.readString(file)).replaceAll(""));
            }
        }
        return all.toString();
    }
}

package dev.sluice.mutation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Runs after PIT, on its report. */
@Tag("mutation")
class SurvivorsTest {
    private static final Path REPORT = Path.of("target/pit-reports/mutations.xml");
    private static final Path SOURCES = Path.of("src/main/java");

    /**
     * A mutant, told apart by what it does to which line of source, wherever that line moves.
     *
     * @param site class and method
     * @param text the line of source, trimmed
     */
    private record Mutant(String site, String change, String text) {
        String mutatedClass() {
            return site.substring(0, site.lastIndexOf('.'));
        }

        @Override
        public String toString() {
            return site + " | " + change + " | " + text;
        }
    }

    private static final List<Mutant> SURVIVORS = new ArrayList<>();
    private static final Set<String> MUTATED_CLASSES = new TreeSet<>();

    @BeforeAll
    static void readReport() throws Exception {
        NodeList mutations = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(REPORT.toFile())
                .getElementsByTagName("mutation");
        for (int i = 0; i < mutations.getLength(); i++) {
            Element mutation = (Element) mutations.item(i);
            MUTATED_CLASSES.add(text(mutation, "mutatedClass"));
            if (mutation.getAttribute("detected").equals("false")) {
                SURVIVORS.add(mutant(mutation));
            }
        }
        assertThat(MUTATED_CLASSES).isNotEmpty();
    }

    /** What is known of classes that this run left alone is not asked for. */
    @Test
    void everySurvivorIsKnownToMakeNoDifference() throws IOException {
        List<Mutant> known = known().stream()
                .filter(mutant -> MUTATED_CLASSES.contains(mutant.mutatedClass()))
                .toList();

        assertThat(SURVIVORS).containsExactlyInAnyOrderElementsOf(known);
    }

    @Test
    void everyKnownOneIsOfAClassThatExists() throws IOException, ClassNotFoundException {
        for (Mutant mutant : known()) {
            assertThat(Class.forName(mutant.mutatedClass())).isNotNull();
        }
    }

    /** Each is a line without indentation, and indented lines say why no test can tell it from the original. */
    private static List<Mutant> known() throws IOException {
        List<Mutant> known = new ArrayList<>();
        boolean reasoned = true;
        for (String line : lines("equivalent.txt")) {
            if (line.startsWith(" ")) {
                reasoned = true;
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                assertThat(reasoned).as("a reason before %s", line).isTrue();
                String[] parts = line.split(" \\| ", 3);
                known.add(new Mutant(parts[0], parts[1], parts[2]));
                reasoned = false;
            }
        }
        assertThat(reasoned).as("a reason for the last one").isTrue();
        return known;
    }

    private static Mutant mutant(Element mutation) throws IOException {
        String mutatedClass = text(mutation, "mutatedClass");
        String folder = mutatedClass.substring(0, mutatedClass.lastIndexOf('.')).replace('.', '/');
        Path source = SOURCES.resolve(folder).resolve(text(mutation, "sourceFile"));
        int line = Integer.parseInt(text(mutation, "lineNumber"));
        return new Mutant(
                mutatedClass + "." + text(mutation, "mutatedMethod"),
                text(mutation, "description"),
                Files.readAllLines(source).get(line - 1).strip());
    }

    private static String text(Element mutation, String name) {
        return mutation.getElementsByTagName(name).item(0).getTextContent();
    }

    private static List<String> lines(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(SurvivorsTest.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }
}

package dev.sluice.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogTest {
    private static final String GOOD = "models: [{id: m, name: M, file_name: m.gguf, url: \"https://h/m\"}]";

    @Test
    void theOneThatIsPackagedHasTheThreeModelsOfTheSeed() throws IOException {
        Catalog packaged = Catalog.read(Optional.empty());
        assertThat(packaged.entries())
                .extracting(CatalogEntry::id)
                .containsExactly("qwen3-8b-q4", "qwen3-8b-q5", "qwen3-8b-iq4");
        assertThat(packaged.entries()).filteredOn(CatalogEntry::recommended).hasSize(1);
        assertThat(packaged.entries())
                .allSatisfy(entry ->
                        assertThat(entry.urls()).singleElement().asString().startsWith("https://huggingface.co/"));
        assertThat(Catalog.read(Optional.of(Path.of("conf/catalog.yaml"))).entries())
                .as("the same as the file beside it")
                .containsExactlyElementsOf(packaged.entries());
    }

    @Test
    void everythingThatAnEntryMaySayIsRead() throws IOException {
        String digits = "0123456789ABCDEF".repeat(4);
        CatalogEntry entry = Catalog.parse(
                        "models:\n  - id: m.1\n    name: A model\n    file_name: m.gguf\n    url: https://h/m\n"
                                + "    mirrors: [http://one/m, https://two/m]\n    size: 2KiB\n    sha256: " + digits
                                + "\n    description: Words.\n    recommended: true\n",
                        "test")
                .find("m.1")
                .orElseThrow();
        assertThat(entry.urls()).containsExactly("https://h/m", "http://one/m", "https://two/m");
        assertThat(entry.size()).isEqualTo(OptionalLong.of(2048));
        assertThat(entry.sha256()).contains(digits.toLowerCase(java.util.Locale.ROOT));
        assertThat(entry.description()).isEqualTo("Words.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id: m | id: '../m' | id is not made of",
                "id: m, | '' | id is missing",
                "name: M, | '' | name is missing",
                "file_name: m.gguf | file_name: a/m.gguf | file_name",
                "file_name: m.gguf | file_name: '..' | file_name",
                "https://h/m | file:///etc/passwd | url and mirrors are absolute http or https",
                "https://h/m | https://user:pw@h/m | url and mirrors are absolute http or https",
                "name: M | 'name: M, sha256: abc' | sha256 is not 64",
                "name: M | 'name: M, size: many' | size",
                "name: M | 'name: M, other: x' | unknown member other",
                "models: | 'entries:' | does not consist of a list of models"
            })
    void whatACatalogDoesNotSayIsRefusedByName(String there, String instead, String fault) throws IOException {
        assertThat(Catalog.parse(GOOD, "test").entries()).hasSize(1);
        assertThat(GOOD).contains(there);
        assertThatThrownBy(() -> Catalog.parse(GOOD.replace(there, instead), "test"))
                .isInstanceOf(InvalidCatalog.class)
                .hasMessageContaining(fault);
    }

    @Test
    void twoModelsWithOneIdAreRefused() {
        String twice = GOOD.replace("}]", "}, {id: m, name: N, file_name: n, url: \"https://h/n\"}]");
        assertThatThrownBy(() -> Catalog.parse(twice, "test")).hasMessageContaining("two models with the id m");
    }
}

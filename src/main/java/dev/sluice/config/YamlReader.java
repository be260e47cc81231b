package dev.sluice.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads a YAML file's scalars as they are written, with the line each stands on; types come later, from the keys. Works on the
 * parser's tokens, so that neither {@code 010} nor an alias means more than it says. What is wrong goes to {@code faults}.
 */
final class YamlReader {
    private static final YAMLFactory YAML = new YAMLFactory();

    private final Path file;
    private final YAMLParser parser;
    private final Consumer<String> faults;
    private final Map<String, Given> values = new LinkedHashMap<>();

    private YamlReader(Path file, YAMLParser parser, Consumer<String> faults) {
        this.file = file;
        this.parser = parser;
        this.faults = faults;
    }

    static FileSource read(Path file, Consumer<String> faults) {
        if (!Files.exists(file) || Files.isDirectory(file)) {
            faults.accept("file " + file + (Files.exists(file) ? " is not a file" : " does not exist"));
            return new FileSource(Map.of());
        }
        try (YAMLParser parser = YAML.createParser(Files.readString(file))) {
            YamlReader reader = new YamlReader(file, parser, faults);
            reader.document();
            return new FileSource(reader.values);
        } catch (CharacterCodingException wrong) {
            faults.accept("file " + file + " is not UTF-8 text");
        } catch (JsonProcessingException wrong) {
            // The parser's own message quotes the line, which may hold a secret.
            JsonLocation at = wrong.getLocation();
            faults.accept("file " + file + " is not valid YAML"
                    + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
        } catch (IOException unreadable) {
            faults.accept("file " + file + " cannot be read");
        }
        return new FileSource(Map.of());
    }

    private void document() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            faults.accept("file " + file + " does not consist of keys and values");
            return;
        }
        section("");
        if (parser.nextToken() != null) {
            faults.accept("file " + file + " holds more than one document");
        }
    }

    private void section(String prefix) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = prefix + parser.currentName();
            String origin =
                    "file " + file + ", line " + parser.currentTokenLocation().getLineNr();
            value(key, origin, parser.nextToken());
        }
    }

    private void value(String key, String origin, JsonToken token) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            section(key + ".");
        } else if (token == JsonToken.START_ARRAY) {
            put(new Given(key, origin, list(key, origin), true));
        } else if (parser.isCurrentAlias()) {
            faults.accept(Given.one(key, origin, "").fault("is a YAML alias: write the value out"));
        } else if (token != JsonToken.VALUE_NULL) {
            put(Given.one(key, origin, parser.getText()));
        }
    }

    private List<String> list(String key, String origin) throws IOException {
        List<String> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token.isScalarValue() && token != JsonToken.VALUE_NULL && !parser.isCurrentAlias()) {
                items.add(parser.getText());
            } else {
                parser.skipChildren();
                faults.accept(Given.one(key, origin, "").fault("holds something that is not a plain value"));
            }
        }
        return items;
    }

    private void put(Given given) {
        Given before = values.putIfAbsent(given.key(), given);
        if (before != null) {
            faults.accept(given.fault("is set a second time, first in " + before.origin()));
        }
    }
}

package dev.sluice.jobs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON text (RFC 8259) strictly: besides bad syntax it refuses duplicate names, numbers that no double and no SQL numeric
 * can hold, text that PostgreSQL cannot hold (NUL, lone surrogates) and deep nesting. Numbers keep every digit.
 */
public final class JsonReader {
    static final int MAX_DEPTH = 32;

    /** The largest decimal exponent of a double. */
    private static final int MAX_EXPONENT = 308;

    /** Well below the smallest double, and within what PostgreSQL's jsonb stores. */
    private static final int MIN_EXPONENT = -400;

    /** Names come from strangers: interning would keep each of them for ever. NaN is let in to be named as a fault where it stands. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final JsonParser parser;
    private final Faults faults;

    private JsonReader(JsonParser parser, Faults faults) {
        this.parser = parser;
        this.faults = faults;
    }

    /**
     * Where a value is faulty null stands in for it.
     *
     * @throws dev.sluice.http.ProblemException 400, at once when the text cannot be read to its end
     */
    public static JsonNode read(byte[] text, Faults faults) {
        JsonNode root = NullNode.instance;
        try (JsonParser parser = FACTORY.createParser(text)) {
            root = new JsonReader(parser, faults).readWhole();
        } catch (StreamConstraintsException tooLong) {
            faults.add("", "has a name or number that is too long");
            faults.raise();
        } catch (JsonProcessingException malformed) {
            faults.add("", "is not well-formed JSON" + place(malformed));
            faults.raise();
        } catch (IOException noCharacters) {
            // Bytes that begin as UTF-16 or UTF-32 does are read as such, and may break off within a character.
            faults.add("", "is not well-formed JSON");
            faults.raise();
        }
        return root;
    }

    private static String place(JsonProcessingException malformed) {
        return malformed.getLocation() == null
                ? ""
                : " (line " + malformed.getLocation().getLineNr() + ", column "
                        + malformed.getLocation().getColumnNr() + ")";
    }

    private JsonNode readWhole() throws IOException {
        if (parser.nextToken() == null) {
            faults.add("", "is empty");
            faults.raise();
        }
        JsonNode root = value(Place.WHOLE, 0);
        if (parser.nextToken() != null) {
            faults.add("", "goes on after the end of its JSON value");
            faults.raise();
        }
        return root;
    }

    private JsonNode value(Place place, int depth) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(place, deeper(place, depth));
            case START_ARRAY -> array(place, deeper(place, depth));
            case VALUE_STRING -> text(place);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(place);
            case VALUE_TRUE, VALUE_FALSE -> BooleanNode.valueOf(token == JsonToken.VALUE_TRUE);
            case VALUE_NULL -> NullNode.instance;
            default -> throw new IllegalStateException("no value starts with " + token);
        };
    }

    private int deeper(Place place, int depth) {
        if (depth == MAX_DEPTH) {
            faults.add(place.pointer(), "is nested deeper than " + MAX_DEPTH + " levels");
            faults.raise();
        }
        return depth + 1;
    }

    private ObjectNode object(Place parent, int depth) throws IOException {
        ObjectNode object = Json.object();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Place place = new Place(parent, name, 0);
            if (!storable(name)) {
                faults.add(place.pointer(), "has a name with a NUL character or a lone surrogate");
            }
            parser.nextToken();
            JsonNode value = value(place, depth);
            if (object.has(name)) {
                faults.add(place.pointer(), "is given more than once");
            }
            object.set(name, value);
        }
        return object;
    }

    private ArrayNode array(Place parent, int depth) throws IOException {
        ArrayNode array = Json.array();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(new Place(parent, null, array.size()), depth));
        }
        return array;
    }

    private JsonNode text(Place place) throws IOException {
        String text = parser.getText();
        if (!storable(text)) {
            faults.add(place.pointer(), "must not contain a NUL character or a lone surrogate");
            return NullNode.instance;
        }
        return TextNode.valueOf(text);
    }

    private JsonNode number(Place place) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT && !Character.isDigit(lastCharacter())) {
            faults.add(place.pointer(), "must be a finite number");
            return NullNode.instance;
        }
        try {
            BigDecimal number = parser.getDecimalValue();
            if (inRange(number)) {
                return DecimalNode.valueOf(number);
            }
        } catch (NumberFormatException exponentBeyondInt) {
            // Out of any range.
        }
        faults.add(place.pointer(), "is out of the range of a double");
        return NullNode.instance;
    }

    /** Every number of JSON ends with a digit; NaN and Infinity do not. */
    private char lastCharacter() throws IOException {
        String text = parser.getText();
        return text.charAt(text.length() - 1);
    }

    private static boolean inRange(BigDecimal number) {
        long exponent = (long) number.precision() - number.scale() - 1;
        return exponent <= MAX_EXPONENT && exponent >= MIN_EXPONENT && Double.isFinite(number.doubleValue());
    }

    /** Whether PostgreSQL's text can hold it. */
    private static boolean storable(String text) {
        return text.indexOf('\0') < 0 && text.codePoints().noneMatch(JsonReader::surrogate);
    }

    private static boolean surrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /**
     * Where a value stands, as one step from the value above it: spelt out only for a fault. Names can be long and values many, and
     * every value under a long name would cost a copy of it.
     *
     * @param name of the member, or null for an item of an array
     */
    private record Place(@Nullable Place above, @Nullable String name, int index) {
        static final Place WHOLE = new Place(null, null, 0);

        /** RFC 6901. */
        String pointer() {
            return above == null ? "" : above.pointer() + "/" + (name == null ? index : escaped(name));
        }

        private static String escaped(String name) {
            return name.replace("~", "~0").replace("/", "~1");
        }
    }
}

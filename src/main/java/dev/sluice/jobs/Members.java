package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object in a request body. What is wrong with a member goes to the {@link Faults}, and something of the
 * right type stands in for it: no one sees that, because {@link Faults#raise} comes before the value is used. A member that is null
 * counts as absent.
 */
public final class Members {
    private final ObjectNode object;
    private final String pointer;
    private final Faults faults;

    private Members(ObjectNode object, String pointer, Faults faults) {
        this.object = object;
        this.pointer = pointer;
        this.faults = faults;
    }

    /** The members of a body; throws 400 when it is no object, for nothing else can be said about it. */
    public static Members of(JsonNode body, Faults faults) {
        if (!(body instanceof ObjectNode)) {
            faults.add("", "must be an object");
            faults.raise();
        }
        return new Members((ObjectNode) body, "", faults);
    }

    /** Reads each element of a body that has to be an array of at most {@code most} objects. */
    public static <T> List<T> list(JsonNode body, int most, Faults faults, Function<Members, T> read) {
        return elements(body, "", most, faults, read);
    }

    public boolean has(String name) {
        return get(name) != null;
    }

    /** Whether the member is named at all, null or not. */
    public boolean names(String name) {
        return object.has(name);
    }

    /** The members of this object whose names are not among {@code known}. */
    public ObjectNode others(List<String> known) {
        return object.deepCopy().without(known);
    }

    public void fault(String detail) {
        faults.add(pointer, detail);
    }

    public void fault(String name, String detail) {
        faults.add(place(name), detail);
    }

    /** Lengths in characters (code points). */
    public @Nullable String text(String name, int shortest, int longest) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            fault(name, "must be a string");
            return "";
        }
        String text = value.textValue();
        int length = text.codePointCount(0, text.length());
        if (length < shortest || length > longest) {
            fault(name, "must have " + shortest + " to " + longest + " characters");
        }
        return text;
    }

    public String requiredText(String name, int shortest, int longest) {
        String text = text(name, shortest, longest);
        if (text == null) {
            fault(name, "is required");
            return "";
        }
        return text;
    }

    public @Nullable BigDecimal number(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            fault(name, "must be a number");
            return BigDecimal.ZERO;
        }
        return value.decimalValue();
    }

    public @Nullable BigDecimal nonNegative(String name) {
        BigDecimal number = number(name);
        if (number != null && number.signum() < 0) {
            fault(name, "must not be negative");
        }
        return number;
    }

    public @Nullable Double real(String name) {
        BigDecimal number = number(name);
        return number == null ? null : number.doubleValue();
    }

    public double requiredReal(String name) {
        Double number = real(name);
        if (number == null) {
            fault(name, "is required");
            return 0;
        }
        return number;
    }

    /** A whole number from 0 on; {@code 3.0} is one, as in JSON Schema. */
    public @Nullable Long integer(String name) {
        BigDecimal number = nonNegative(name);
        if (number == null) {
            return null;
        }
        try {
            return number.longValueExact();
        } catch (ArithmeticException inexact) {
            fault(name, "must be a whole number of at most 63 bits");
            return 0L;
        }
    }

    public long requiredInteger(String name) {
        Long number = integer(name);
        if (number == null) {
            fault(name, "is required");
            return 0;
        }
        return number;
    }

    public @Nullable ObjectNode object(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof ObjectNode found)) {
            fault(name, "must be an object");
            return Json.object();
        }
        return found;
    }

    public <T> @Nullable T object(String name, Function<Members, T> read) {
        ObjectNode found = object(name);
        return found == null ? null : read.apply(new Members(found, place(name), faults));
    }

    /** Reads each element of an array of at most {@code most} objects; null when there is no such member. */
    public <T> @Nullable List<T> list(String name, int most, Function<Members, T> read) {
        JsonNode value = get(name);
        return value == null ? null : elements(value, place(name), most, faults, read);
    }

    private @Nullable JsonNode get(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private String place(String name) {
        return pointer + "/" + name;
    }

    private static <T> List<T> elements(
            JsonNode value, String pointer, int most, Faults faults, Function<Members, T> read) {
        if (!value.isArray()) {
            faults.add(pointer, "must be an array");
            return List.of();
        }
        if (value.size() > most) {
            faults.add(pointer, "must have at most " + most + " elements");
            return List.of();
        }
        List<T> elements = new ArrayList<>(value.size());
        for (int index = 0; index < value.size(); index++) {
            String place = pointer + "/" + index;
            if (value.get(index) instanceof ObjectNode object) {
                elements.add(read.apply(new Members(object, place, faults)));
            } else {
                faults.add(place, "must be an object");
            }
        }
        return elements;
    }
}

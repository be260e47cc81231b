package dev.sluice.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What file, environment and options set, read by key into typed values: an option wins over the environment, that over the file.
 *
 * <p>A method that finds a bad value notes the fault and answers with the default, so that one pass finds every fault;
 * {@link #requireNoFaults} ends that pass. Reads files, so that it belongs to the start, before there is an event loop. Not safe
 * for use by several threads.
 */
public final class Settings {
    private static final Path USUAL_FILE = Path.of("conf", "sluice.yaml");
    private static final String DATA_DIR = "data.dir";
    private static final String DATA_DIR_BY_DEFAULT = "data";

    private final Sources sources;
    private final Set<String> faults = new LinkedHashSet<>();
    private final SortedMap<String, String> defaults = new TreeMap<>();
    private final SortedSet<String> known = new TreeSet<>();
    private final Locations locations;

    private Settings(Optional<Path> file, Map<String, String> environment, Map<String, String> options) {
        sources = Sources.open(file, environment, options, this::note);
        ask(DATA_DIR, DATA_DIR_BY_DEFAULT);
        locations = new Locations(parsed(DATA_DIR, Locations::plain).orElse(Path.of(DATA_DIR_BY_DEFAULT)));
    }

    /**
     * Opens the sources. Never fails: a file that is missing or malformed is a fault like any other.
     *
     * @param file one that must exist; else {@code conf/sluice.yaml} in the working directory, when there
     * @param environment such as {@link System#getenv()}
     * @param options values by key
     */
    public static Settings read(Optional<Path> file, Map<String, String> environment, Map<String, String> options) {
        return new Settings(file.or(() -> Optional.of(USUAL_FILE).filter(Files::exists)), environment, options);
    }

    /** A text without the blanks around it. */
    public String text(String key, String byDefault) {
        ask(key, byDefault);
        return parsed(key, Function.identity()).orElse(byDefault);
    }

    /** A text without the blanks around it, or none. */
    public Optional<String> text(String key) {
        ask(key, "");
        return parsed(key, Function.identity());
    }

    /** The value exactly as it is, or the content of the file that {@code key-file} names, without one trailing line end. */
    public Optional<Secret> secret(String key) {
        ask(key, "");
        know(SecretFile.key(key));
        List<Given> found = sources.find(key, SecretFile.key(key));
        if (found.size() > 1) {
            note(found.get(0).fault("is set twice, here and by " + found.get(1).key()));
            return Optional.empty();
        }
        Optional<Given> given = found.stream().findFirst();
        return given.flatMap(this::scalar)
                .flatMap(text -> sources.find(key).equals(found)
                        ? Optional.of(new Secret(text))
                        : inFile(given.orElseThrow(), text.strip()));
    }

    /** A length of time between {@code min} and {@code max}, both included. */
    public Duration duration(String key, Duration byDefault, Duration min, Duration max) {
        ask(key, Durations.print(byDefault));
        return parsed(key, text -> within(Durations.parse(text), min, max, Durations::print))
                .orElse(byDefault);
    }

    /** An amount of data between {@code min} and {@code max}, both included. */
    public DataSize size(String key, DataSize byDefault, DataSize min, DataSize max) {
        ask(key, byDefault.toString());
        return parsed(key, text -> within(DataSize.parse(text), min, max, DataSize::toString))
                .orElse(byDefault);
    }

    /** A whole number between {@code min} and {@code max}, both included. */
    public int count(String key, int byDefault, int min, int max) {
        ask(key, Integer.toString(byDefault));
        return parsed(key, text -> within(number(text), (long) min, (long) max, Object::toString))
                .map(Math::toIntExact)
                .orElse(byDefault);
    }

    /** A TCP port; 0 lets the system pick a free one. */
    public int port(String key, int byDefault) {
        return count(key, byDefault, 0, 65535);
    }

    /** {@code true} or {@code false}. */
    public boolean flag(String key, boolean byDefault) {
        ask(key, Boolean.toString(byDefault));
        return parsed(key, Settings::truth).orElse(byDefault);
    }

    /** A path, relative to the working directory; {@code ${data}} at its start stands for the data directory. */
    public Path path(String key, String byDefault) {
        ask(key, byDefault);
        return parsed(key, key.equals(DATA_DIR) ? Locations::plain : locations::path)
                .orElseGet(() -> locations.path(byDefault));
    }

    /** A file that is there and readable, written like a path. */
    public Optional<Path> file(String key) {
        ask(key, "");
        return parsed(key, locations::file);
    }

    /** An absolute address with one of the schemes and a host, without user information; a fault does not quote it. */
    public Optional<URI> uri(String key, String... schemes) {
        ask(key, "");
        Optional<Given> given = given(key);
        Optional<String> text = given.flatMap(this::scalar).map(String::strip);
        Optional<URI> uri = text.flatMap(written -> Addresses.absolute(written, schemes));
        if (text.isPresent() && uri.isEmpty()) {
            fault(key, "is not an address like " + String.join("://host or ", schemes) + "://host");
        }
        return uri;
    }

    /** A YAML list, or values separated by commas, without the blanks around them. Absent and empty are the empty list. */
    public List<String> list(String key) {
        ask(key, "");
        return given(key).map(Given::items).orElse(List.of());
    }

    /** One of the constants' names, in lower case and with dashes. */
    public <E extends Enum<E>> E oneOf(String key, Class<E> type, E byDefault) {
        ask(key, written(byDefault));
        return parsed(key, text -> constant(text, type)).orElse(byDefault);
    }

    /** Whether anybody set the key, well or badly. */
    public boolean isSet(String key) {
        return given(key).isPresent();
    }

    /** Notes what is wrong with a key beyond its form, such as a rule between keys; {@code what} completes "key …". */
    public void fault(String key, String what) {
        note(given(key)
                .orElseGet(() -> Given.one(key, "environment " + EnvironmentSource.variable(key), ""))
                .fault(what));
    }

    /** Every key asked for until now with its default as one writes it, empty where there is none. */
    public SortedMap<String, String> defaults() {
        return Collections.unmodifiableSortedMap(defaults);
    }

    /**
     * Ends the reading; call it when every key was asked for, since any other key is a fault too.
     *
     * @throws InvalidConfiguration with all faults
     */
    public void requireNoFaults() throws InvalidConfiguration {
        sources.unknown(known).forEach(this::note);
        if (!faults.isEmpty()) {
            throw new InvalidConfiguration(List.copyOf(faults));
        }
    }

    private void ask(String key, String byDefault) {
        know(key);
        defaults.put(key, byDefault);
    }

    private void know(String key) {
        String variable = EnvironmentSource.variable(key);
        known.add(key);
        if (known.stream()
                        .filter(other -> EnvironmentSource.variable(other).equals(variable))
                        .count()
                > 1) {
            throw new IllegalStateException(variable + " would mean two keys, one of them " + key);
        }
    }

    /** Control characters would make one fault look like two lines. */
    private void note(String fault) {
        faults.add(fault.replaceAll("\\p{Cntrl}", "?"));
    }

    private Optional<Given> given(String key) {
        String file = SecretFile.key(key);
        return sources.find(known.contains(file) ? new String[] {key, file} : new String[] {key}).stream()
                .findFirst();
    }

    private Optional<String> scalar(Given given) {
        if (given.isList()) {
            note(given.fault("takes one value, not a list"));
            return Optional.empty();
        }
        String value = given.values().get(0);
        if (value.isBlank()) {
            note(given.fault("is empty; leave it out for the default"));
            return Optional.empty();
        }
        return Optional.of(value);
    }

    /** Does not quote the path: people put the secret itself where its file's name belongs. */
    private Optional<Secret> inFile(Given given, String path) {
        try {
            return Optional.of(SecretFile.read(locations.path(path)));
        } catch (IllegalArgumentException wrong) {
            note(given.fault(String.valueOf(wrong.getMessage())));
            return Optional.empty();
        }
    }

    private <T> Optional<T> parsed(String key, Function<String, T> parser) {
        return given(key).flatMap(this::scalar).map(String::strip).flatMap(text -> {
            try {
                return Optional.of(parser.apply(text));
            } catch (IllegalArgumentException wrong) {
                String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
                fault(key, "'" + shown + "' " + wrong.getMessage());
                return Optional.empty();
            }
        });
    }

    private static <T extends Comparable<T>> T within(T value, T min, T max, Function<T, String> print) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("is not between " + print.apply(min) + " and " + print.apply(max));
        }
        return value;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("is not a whole number", wrong);
        }
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("is neither true nor false");
        };
    }

    private static <E extends Enum<E>> E constant(String text, Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> written(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is none of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(Settings::written)
                                .collect(Collectors.joining(", "))));
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

package dev.sluice.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Environment variables: {@code delivery.max-streams} is {@code SLUICE_DELIVERY_MAX_STREAMS}. The way back is ambiguous, so that a
 * variable is looked for from the key, never the other way round.
 */
record EnvironmentSource(Map<String, String> environment) implements Source {
    private static final String PREFIX = "SLUICE_";
    private static final String ORIGIN = "environment";

    /** What the test suite reads. */
    private static final String TESTS = "SLUICE_TEST_";

    /** What Kubernetes sets in every pod of a namespace that has a Service named {@code sluice} or {@code sluice-…}. */
    private static final Pattern SERVICE_LINK = Pattern.compile(
            "SLUICE_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    @Override
    public Optional<Given> find(String key) {
        String variable = variable(key);
        return Optional.ofNullable(environment.get(variable)).map(value -> Given.one(variable, ORIGIN, value));
    }

    @Override
    public List<String> unknown(SortedSet<String> knownKeys) {
        SortedSet<String> known = new TreeSet<>();
        knownKeys.forEach(key -> known.add(variable(key)));
        return new TreeMap<>(environment)
                .entrySet().stream()
                        .filter(set -> set.getKey().startsWith(PREFIX) && !known.contains(set.getKey()))
                        .filter(set -> !foreign(set.getKey(), set.getValue()))
                        .map(set -> Given.one(set.getKey(), ORIGIN, "").fault(Spelling.unknown(set.getKey(), known)))
                        .toList();
    }

    private static boolean foreign(String variable, String value) {
        return variable.startsWith(TESTS)
                || SERVICE_LINK.matcher(variable).matches()
                || (variable.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).matches());
    }
}

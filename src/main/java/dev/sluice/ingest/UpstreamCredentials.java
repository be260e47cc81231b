package dev.sluice.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What upstreams want to see before they give, by host: one header field each, sent to that host and to no other. A host without a
 * port means each of its ports. The values are never shown.
 */
public final class UpstreamCredentials {
    /** A header field to send. */
    record Field(String name, Secret value) {}

    public static final UpstreamCredentials NONE = new UpstreamCredentials(Map.of());

    /** RFC 9110 §5.1, then visible text without line ends. */
    private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([\\x20-\\x7e]+)");

    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?");
    private static final int MOST_BYTES = 1 << 20;

    private final Map<String, Field> byHost;

    private UpstreamCredentials(Map<String, Field> byHost) {
        this.byHost = Map.copyOf(byHost);
    }

    /**
     * Reads a YAML file of lines {@code host: "Name: value"} or {@code host:port: "Name: value"}. Blocks.
     *
     * @throws IOException when it cannot be read or says something else; the message shows no value
     */
    public static UpstreamCredentials read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("the credentials file " + file + " is larger than 1 MiB");
        }
        Map<String, Field> byHost = new HashMap<>();
        JsonNode root;
        try {
            root = new YAMLMapper().readTree(Files.readString(file));
        } catch (JsonProcessingException malformed) {
            // Without the cause: the parser's message quotes the line.
            throw new IOException("the credentials file " + file + " is not YAML");
        }
        if (!root.isMissingNode() && !root.isNull() && !root.isObject()) {
            throw new IOException("the credentials file " + file + " is not a map of hosts to header fields");
        }
        root.properties().forEach(entry -> byHost.put(host(entry.getKey()), field(entry.getValue())));
        if (byHost.containsKey("") || byHost.containsValue(MALFORMED)) {
            throw new IOException(
                    "the credentials file " + file + " has an entry that is not of the form host: \"Name: value\"");
        }
        return new UpstreamCredentials(byHost);
    }

    private static final Field MALFORMED = new Field("", new Secret(""));

    private static String host(String key) {
        return HOST.matcher(key).matches() ? key.toLowerCase(Locale.ROOT) : "";
    }

    private static Field field(JsonNode value) {
        Matcher form = FIELD.matcher(value.asText().strip());
        return value.isTextual() && form.matches() ? new Field(form.group(1), new Secret(form.group(2))) : MALFORMED;
    }

    /** For this authority and no other. */
    Optional<Field> of(Target target) {
        Field exact = byHost.get(target.authority());
        return Optional.ofNullable(exact == null ? byHost.get(target.bracketed()) : exact);
    }

    @Override
    public String toString() {
        return byHost.size() + " credentials";
    }
}

package dev.sluice.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import dev.sluice.config.DataSize;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** The models on offer, in the order of their file; read once, at the start. */
public final class Catalog {
    private static final String PACKAGED = "/conf/catalog.yaml";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Set<String> MEMBERS =
            Set.of("id", "name", "file_name", "url", "mirrors", "size", "sha256", "description", "recommended");

    private final Map<String, CatalogEntry> entries;

    private Catalog(Map<String, CatalogEntry> entries) {
        this.entries = entries;
    }

    /**
     * Reads a file, or the one that is packaged. Blocks.
     *
     * @throws InvalidCatalog when it says something that a catalog does not say
     */
    public static Catalog read(Optional<Path> file) throws IOException {
        if (file.isPresent()) {
            return parse(Files.readString(file.get()), file.get().toString());
        }
        try (InputStream packaged = Objects.requireNonNull(Catalog.class.getResourceAsStream(PACKAGED))) {
            return parse(new String(packaged.readAllBytes(), StandardCharsets.UTF_8), "conf/catalog.yaml");
        }
    }

    static Catalog parse(String yaml, String file) throws InvalidCatalog {
        JsonNode root;
        try {
            root = new YAMLMapper().readTree(yaml);
        } catch (JsonProcessingException malformed) {
            throw new InvalidCatalog("the catalog " + file + " is not YAML: " + malformed.getOriginalMessage());
        }
        if (!root.path("models").isArray() || root.size() != 1) {
            throw new InvalidCatalog("the catalog " + file + " does not consist of a list of models");
        }
        Map<String, CatalogEntry> entries = new LinkedHashMap<>();
        int number = 0;
        for (JsonNode model : root.path("models")) {
            CatalogEntry entry = new Reader(model, "the catalog " + file + ", model " + ++number + ": ").entry();
            if (entries.putIfAbsent(entry.id(), entry) != null) {
                throw new InvalidCatalog("the catalog " + file + " has two models with the id " + entry.id());
            }
        }
        return new Catalog(entries);
    }

    Collection<CatalogEntry> entries() {
        return entries.values();
    }

    Optional<CatalogEntry> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    /** One model of the list. */
    private record Reader(JsonNode model, String where) {
        CatalogEntry entry() throws InvalidCatalog {
            for (Map.Entry<String, JsonNode> member : model.properties()) {
                require(MEMBERS.contains(member.getKey()), "has the unknown member " + member.getKey());
            }
            String id = text("id");
            require(ID.matcher(id).matches(), "id is not made of letters, digits, . _ -");
            String sha256 = model.path("sha256").asText("").toLowerCase(Locale.ROOT);
            require(sha256.isEmpty() || SHA256.matcher(sha256).matches(), "sha256 is not 64 hexadecimal digits");
            return new CatalogEntry(
                    id,
                    text("name"),
                    fileName(),
                    urls(),
                    size(),
                    Optional.of(sha256).filter(digits -> !digits.isEmpty()),
                    model.path("description").asText(""),
                    model.path("recommended").asBoolean(false));
        }

        private String fileName() throws InvalidCatalog {
            String name = text("file_name");
            try {
                require(!EntryName.parse(name).value().contains("/"), "file_name is a path");
                return name;
            } catch (InvalidEntryName unsafe) {
                throw new InvalidCatalog(where + "file_name cannot be the name of a file");
            }
        }

        private List<String> urls() throws InvalidCatalog {
            List<String> urls = new ArrayList<>(List.of(text("url")));
            model.path("mirrors").forEach(mirror -> urls.add(mirror.asText()));
            for (String url : urls) {
                require(fetchable(url), "url and mirrors are absolute http or https URLs without credentials");
            }
            return urls;
        }

        private static boolean fetchable(String url) {
            try {
                URI uri = new URI(url);
                return uri.getScheme() != null
                        && Set.of("http", "https").contains(uri.getScheme().toLowerCase(Locale.ROOT))
                        && uri.getHost() != null
                        && uri.getRawUserInfo() == null;
            } catch (URISyntaxException malformed) {
                return false;
            }
        }

        private OptionalLong size() throws InvalidCatalog {
            if (!model.has("size")) {
                return OptionalLong.empty();
            }
            try {
                return OptionalLong.of(
                        DataSize.parse(model.path("size").asText()).bytes());
            } catch (IllegalArgumentException wrong) {
                throw new InvalidCatalog(where + "size " + wrong.getMessage());
            }
        }

        private String text(String member) throws InvalidCatalog {
            String text = model.path(member).asText("").strip();
            require(!text.isEmpty(), member + " is missing");
            return text;
        }

        private void require(boolean valid, String otherwise) throws InvalidCatalog {
            if (!valid) {
                throw new InvalidCatalog(where + otherwise);
            }
        }
    }
}

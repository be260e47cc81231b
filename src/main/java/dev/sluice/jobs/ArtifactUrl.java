package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that was left elsewhere to be fetched when the job is published.
 *
 * @param path where it belongs among the model's files
 * @param url absolute, http or https, without credentials
 * @param sha256 64 lower-case hexadecimal digits, when the trainer knows them
 * @param size bytes, when the trainer knows them
 */
public record ArtifactUrl(
        String path,
        String url,
        @Nullable String sha256,
        @Nullable Long size) {
    private static final String MEMBER = "artifact_urls";
    private static final char LOWEST = '\0';
    private static final int MAX_ARTIFACTS = 10_000;
    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final int MAX_PATH_LENGTH = 4096;
    private static final int MAX_URL_LENGTH = 8192;
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");

    /**
     * The member {@code artifact_urls}; no two of its files may have one path, and none may be where another has a directory.
     *
     * @return null when there is none
     */
    static @Nullable List<ArtifactUrl> readList(Members members) {
        // With the separator below every character of a path: what lies below a path follows it at once.
        NavigableSet<String> paths = new TreeSet<>();
        return members.list(MEMBER, MAX_ARTIFACTS, artifact -> {
            ArtifactUrl read = read(artifact);
            String path = read.path().replace('/', LOWEST);
            @Nullable String before = paths.lower(path);
            @Nullable String after = paths.higher(path);
            if (!paths.add(path)) {
                artifact.fault("path", "is given more than once");
            } else if ((before != null && path.startsWith(before + LOWEST))
                    || (after != null && after.startsWith(path + LOWEST))) {
                artifact.fault("path", "is a file where another path has a directory, or the reverse");
            }
            return read;
        });
    }

    private static ArtifactUrl read(Members members) {
        return new ArtifactUrl(path(members), url(members), sha256(members), members.integer("size"));
    }

    private static String path(Members members) {
        String path = members.requiredText("path", 1, MAX_PATH_LENGTH);
        try {
            EntryName.parse(path);
        } catch (InvalidEntryName invalid) {
            members.fault("path", "must be a relative path of plain names separated by /");
        }
        return path;
    }

    private static String url(Members members) {
        String url = members.requiredText("url", 1, MAX_URL_LENGTH);
        if (!fetchable(url)) {
            members.fault("url", "must be an absolute http or https URL without credentials");
        }
        return url;
    }

    private static boolean fetchable(String url) {
        try {
            URI uri = new URI(url);
            return uri.getScheme() != null
                    && SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null;
        } catch (URISyntaxException malformed) {
            return false;
        }
    }

    private static @Nullable String sha256(Members members) {
        String digits = members.text("sha256", 0, Integer.MAX_VALUE);
        if (digits == null) {
            return null;
        }
        if (!SHA_256.matcher(digits).matches()) {
            members.fault("sha256", "must be 64 hexadecimal digits");
        }
        return digits.toLowerCase(Locale.ROOT);
    }

    /** What a job's row keeps. */
    public static List<ArtifactUrl> stored(String json) {
        List<ArtifactUrl> artifacts = new ArrayList<>();
        for (JsonNode kept : Json.stored(json)) {
            artifacts.add(new ArtifactUrl(
                    kept.get("path").textValue(),
                    kept.get("url").textValue(),
                    kept.hasNonNull("sha256") ? kept.get("sha256").textValue() : null,
                    kept.hasNonNull("size") ? kept.get("size").longValue() : null));
        }
        return artifacts;
    }

    /** Of all that is asked for: 64 hexadecimal digits, and others as soon as anything differs. */
    public String digest() {
        // In JSON, so that no field runs into the next.
        byte[] text = Json.text(toJson()).getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object().put("path", path).put("url", url);
        if (sha256 != null) {
            json.put("sha256", sha256);
        }
        if (size != null) {
            json.put("size", size);
        }
        return json;
    }
}

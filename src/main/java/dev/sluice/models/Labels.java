package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.Members;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The words that owners give to models. */
final class Labels {
    private static final int MAX_NAME = 255;
    private static final int MAX_DESCRIPTION = 10_000;
    private static final int MAX_TAGS = 50;
    private static final int MAX_TAG = 64;

    private Labels() {}

    static @Nullable String name(Members members, String member) {
        String name = members.text(member, 1, MAX_NAME);
        if (name != null && (name.isBlank() || name.codePoints().anyMatch(Character::isISOControl))) {
            members.fault(member, "must not be blank or contain control characters");
        }
        return name;
    }

    static @Nullable String description(Members members) {
        return members.text("description", 0, MAX_DESCRIPTION);
    }

    /** An array of strings, or one string with commas; without repetitions. */
    static @Nullable List<String> tags(Members members, JsonNode body, Faults faults) {
        JsonNode value = body.path("tags");
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        List<String> given = new ArrayList<>();
        if (value.isTextual()) {
            given.addAll(List.of(value.textValue().split(",")));
        } else if (value.isArray()) {
            for (JsonNode tag : value) {
                if (!tag.isTextual()) {
                    faults.add("/tags", "must be an array of strings, or one string with commas");
                    return List.of();
                }
                given.add(tag.textValue());
            }
        } else {
            members.fault("tags", "must be an array of strings, or one string with commas");
        }
        Set<String> tags = new LinkedHashSet<>();
        for (String tag : given) {
            String trimmed = tag.strip();
            if (trimmed.length() > MAX_TAG || trimmed.codePoints().anyMatch(Character::isISOControl)) {
                members.fault("tags", "must have at most " + MAX_TAG + " characters each, and no control characters");
            } else if (!trimmed.isEmpty()) {
                tags.add(trimmed);
            }
        }
        if (tags.size() > MAX_TAGS) {
            members.fault("tags", "must be at most " + MAX_TAGS);
        }
        return List.copyOf(tags);
    }
}

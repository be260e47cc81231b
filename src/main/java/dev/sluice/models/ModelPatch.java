package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.JsonReader;
import dev.sluice.jobs.Members;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What its owner may change of a model; null leaves a field as it is. */
record ModelPatch(
        @Nullable String name,
        @Nullable String description,
        @Nullable List<String> tags) {
    static ModelPatch read(byte[] body) {
        Faults faults = Faults.ofBody();
        JsonNode json = JsonReader.read(body, faults);
        Members members = Members.of(json, faults);
        if (!members.has("name") && !members.has("description") && !members.has("tags")) {
            members.fault("must have one of name, description, tags");
        }
        ModelPatch patch = new ModelPatch(
                Labels.name(members, "name"), Labels.description(members), Labels.tags(members, json, faults));
        faults.raise();
        return patch;
    }
}

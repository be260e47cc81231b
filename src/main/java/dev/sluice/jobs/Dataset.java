package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** What a job was trained on, in the trainer's words; at least one of the two is there. */
public record Dataset(@Nullable String id, @Nullable String name) {
    private static final int MAX_LENGTH = 255;

    static Dataset read(Members members) {
        Dataset dataset = new Dataset(members.text("id", 1, MAX_LENGTH), members.text("name", 1, MAX_LENGTH));
        if (!members.has("id") && !members.has("name")) {
            members.fault("must have an id or a name");
        }
        return dataset;
    }

    public ObjectNode toJson() {
        return Json.object().put("id", id).put("name", name);
    }
}

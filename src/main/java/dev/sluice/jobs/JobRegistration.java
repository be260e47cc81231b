package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A job as a trainer announces it. */
record JobRegistration(
        JobId id,
        String owner,
        String name,
        @Nullable Dataset dataset,
        ObjectNode config,
        @Nullable BigDecimal totalCost,
        List<ArtifactUrl> artifacts) {
    private static final int MAX_NAME_LENGTH = 255;
    /** As long as a token's subject may be. */
    private static final int MAX_OWNER_LENGTH = 255;
    /** Bytes of JSON. */
    private static final int MAX_CONFIG_SIZE = 64 * 1024;

    /**
     * @param registrar owns the job when the body names no one else
     * @throws dev.sluice.http.ProblemException 400, with every fault of the body
     */
    static JobRegistration read(byte[] body, String registrar) {
        Faults faults = Faults.ofBody();
        JsonNode json = JsonReader.read(body, faults);
        Members members = Members.of(json, faults);
        JobId id = id(members);
        String owner = owner(members);
        JobRegistration registration = new JobRegistration(
                id,
                owner == null ? registrar : owner,
                members.requiredText("name", 1, MAX_NAME_LENGTH),
                members.object("dataset", Dataset::read),
                config(members),
                members.nonNegative("total_cost"),
                Optional.ofNullable(ArtifactUrl.readList(members)).orElse(List.of()));
        faults.raise();
        return registration;
    }

    /** A job that was trained elsewhere. */
    static JobRegistration imported(JobId id, String owner, String name) {
        return new JobRegistration(id, owner, name, null, Json.object(), null, List.of());
    }

    private static JobId id(Members members) {
        String text = members.text("job_id", 0, Integer.MAX_VALUE);
        if (text == null) {
            return JobId.random();
        }
        return JobId.parse(text).orElseGet(() -> {
            members.fault(
                    "job_id",
                    "must be 1 to 128 letters, digits, dots, underscores and hyphens, begin with a letter or digit,"
                            + " and not be \"jobs\"");
            return JobId.random();
        });
    }

    private static @Nullable String owner(Members members) {
        String owner = members.text("owner", 1, MAX_OWNER_LENGTH);
        if (owner != null && owner.chars().anyMatch(Character::isISOControl)) {
            members.fault("owner", "must not contain control characters");
        }
        return owner;
    }

    private static ObjectNode config(Members members) {
        ObjectNode config = members.object("config");
        if (config == null) {
            return Json.object();
        }
        if (Json.text(config).getBytes(StandardCharsets.UTF_8).length > MAX_CONFIG_SIZE) {
            members.fault("config", "must have at most " + MAX_CONFIG_SIZE + " bytes of JSON");
        }
        return config;
    }
}

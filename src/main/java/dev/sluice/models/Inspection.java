package dev.sluice.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a look into a file showed; nothing of it was run.
 *
 * @param safety of files that could run code where they are loaded
 * @param findings what such a file would import, by name; of a suspicious one why it is
 * @param summary of files that describe themselves
 */
record Inspection(Optional<Safety> safety, List<String> findings, Optional<ObjectNode> summary) {
    static final Inspection NOTHING = new Inspection(Optional.empty(), List.of(), Optional.empty());

    enum Safety {
        SAFE,
        SUSPICIOUS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Safety labelled(String label) {
            return valueOf(label.toUpperCase(Locale.ROOT));
        }
    }

    static Inspection safe(List<String> imports) {
        return new Inspection(Optional.of(Safety.SAFE), List.copyOf(imports), Optional.empty());
    }

    static Inspection suspicious(List<String> why) {
        return new Inspection(Optional.of(Safety.SUSPICIOUS), List.copyOf(why), Optional.empty());
    }

    static Inspection summary(ObjectNode summary) {
        return new Inspection(Optional.empty(), List.of(), Optional.of(summary));
    }

    /** Of several files: suspicious when one is. */
    static Safety together(List<ModelFile> files) {
        return files.stream().anyMatch(file -> file.inspection().safety().orElse(Safety.SAFE) == Safety.SUSPICIOUS)
                ? Safety.SUSPICIOUS
                : Safety.SAFE;
    }
}

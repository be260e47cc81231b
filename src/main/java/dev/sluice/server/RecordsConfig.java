package dev.sluice.server;

import dev.sluice.config.Settings;
import dev.sluice.database.Database;
import dev.sluice.delivery.Retention;
import java.time.Duration;

/**
 * For how long it is remembered what happened.
 *
 * @param auditKept who did what
 * @param downloadsKept the history of downloads
 * @param deletedModelsKept models that can be restored
 */
record RecordsConfig(Duration auditKept, Duration downloadsKept, Duration deletedModelsKept) {
    /** The database deletes no younger entry of the audit, whoever asks. */
    private static final Duration SHORTEST_AUDIT = Duration.ofDays(30);

    private static final Duration SHORTEST_HISTORY = Duration.ofDays(1);
    private static final Duration SHORTEST_RECOVERY = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(36_500);

    static RecordsConfig from(Settings settings) {
        return new RecordsConfig(
                settings.duration("records.keep-audit", Duration.ofDays(400), SHORTEST_AUDIT, LONGEST),
                settings.duration("records.keep-downloads", Duration.ofDays(90), SHORTEST_HISTORY, LONGEST),
                settings.duration("records.keep-deleted-models", Duration.ofDays(30), SHORTEST_RECOVERY, LONGEST));
    }

    Retention retention(Database database) {
        return new Retention(database, auditKept, downloadsKept);
    }
}

package dev.sluice.models;

import dev.sluice.database.DatabaseUnavailable;
import dev.sluice.delivery.AdmissionRefused;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.StorageFull;
import dev.sluice.storage.TooManyEntries;
import java.io.IOException;

/** Why a job was not published this time. */
enum Setback {
    /** Somebody else has the job by now. */
    LEASE_LOST,
    /** This server is about to stop. */
    STOPPED,
    /** As much is taken in already as may be: a place is waited for. */
    NO_PERMIT,
    /** A trainer is still writing. */
    MOVING,
    /** Nothing can be said about the job. */
    DATABASE_AWAY,
    /** An artifact of the job, or where it comes from. */
    NOT_FETCHED,
    NOTHING_THERE,
    /** What is there is more than a model may be made of. */
    TOO_MUCH,
    DISK_FULL,
    UNREADABLE,
    /** A fault of ours. */
    UNEXPECTED;

    static Setback of(Throwable failure) {
        if (failure instanceof PublicationQueries.LeaseLost) {
            return LEASE_LOST;
        }
        if (failure instanceof Artifacts.Stopped) {
            return STOPPED;
        }
        if (failure instanceof AdmissionRefused) {
            return NO_PERMIT;
        }
        if (failure instanceof Publisher.Moving || failure instanceof ContentChanged) {
            return MOVING;
        }
        if (failure instanceof DatabaseUnavailable) {
            return DATABASE_AWAY;
        }
        if (failure instanceof Artifacts.NotFetched) {
            return NOT_FETCHED;
        }
        if (failure instanceof Publisher.NoModel) {
            return NOTHING_THERE;
        }
        if (failure instanceof TooManyEntries) {
            return TOO_MUCH;
        }
        if (failure instanceof StorageFull) {
            return DISK_FULL;
        }
        return failure instanceof IOException ? UNREADABLE : UNEXPECTED;
    }
}

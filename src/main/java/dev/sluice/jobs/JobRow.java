package dev.sluice.jobs;

import io.vertx.sqlclient.Row;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** How a job lies in the database. Any thread. */
public final class JobRow {
    /** For {@link #read}. */
    public static final String COLUMNS =
            "job_id, owner, name, status, dataset_id, dataset_name, config::text as config,"
                    + " total_cost, coalesce(error, publish_error) as error, created_at, started_at, completed_at,"
                    + " case when publication = 'due' and artifact_urls <> '[]' then 'awaiting_artifacts' else publication end"
                    + " as publication";

    private JobRow() {}

    /** A row of {@link #COLUMNS}, in their order; others may come before and after them. */
    public static Job read(Row row) {
        Cells cells = new Cells(row, row.getColumnIndex("job_id"));
        return new Job(
                new JobId(cells.text()),
                cells.text(),
                cells.text(),
                JobStatus.labelled(cells.text()).orElseThrow(),
                dataset(cells.mayBeText(), cells.mayBeText()),
                new StoredJson(cells.text()),
                cells.mayBeNumber(),
                cells.mayBeText(),
                cells.time(),
                cells.mayBeTime(),
                cells.mayBeTime(),
                cells.text());
    }

    private static @Nullable Dataset dataset(@Nullable String id, @Nullable String name) {
        return id == null && name == null ? null : new Dataset(id, name);
    }

    /** One after the other: to look for each by its name costs as much as to read it. */
    private static final class Cells {
        private final Row row;
        private int at;

        Cells(Row row, int first) {
            this.row = row;
            this.at = first;
        }

        String text() {
            return row.getString(at++);
        }

        @Nullable
        String mayBeText() {
            return row.getString(at++);
        }

        @Nullable
        BigDecimal mayBeNumber() {
            return row.getBigDecimal(at++);
        }

        Instant time() {
            return row.getOffsetDateTime(at++).toInstant();
        }

        @Nullable
        Instant mayBeTime() {
            OffsetDateTime time = row.getOffsetDateTime(at++);
            return time == null ? null : time.toInstant();
        }
    }
}

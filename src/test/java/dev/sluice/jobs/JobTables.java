package dev.sluice.jobs;

import dev.sluice.database.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables below the queries, for tests that share a database. */
final class JobTables {
    private JobTables() {}

    static void empty(TestDatabase database) throws SQLException {
        execute(database, "truncate jobs cascade");
        // Of which no trigger of rows tells.
        database.database().announcements().tellAll();
    }

    /** As the tables' owner, whom row-level security would stop if it were still forced. */
    static void execute(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.owner();
                Statement statement = connection.createStatement()) {
            statement.execute("alter table jobs no force row level security");
            statement.execute(sql);
            statement.execute("alter table jobs force row level security");
        }
    }
}

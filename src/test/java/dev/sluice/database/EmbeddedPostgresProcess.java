package dev.sluice.database;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/** A process of its own that runs the embedded server, writes a row, says so, and lives until it is killed. */
final class EmbeddedPostgresProcess {
    static final String READY = "ready";

    private EmbeddedPostgresProcess() {}

    public static void main(String[] arguments) throws IOException, SQLException, InterruptedException {
        EmbeddedPostgres postgres = EmbeddedPostgres.start(Path.of(arguments[0]));
        try (Connection connection = TestDatabase.connect(postgres.url());
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists kept (id int)");
            statement.execute("insert into kept values (1)");
        }
        System.out.println(READY);
        new CountDownLatch(1).await();
    }

    /** Started, and past its commit. */
    static Process startOn(Path dir) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        EmbeddedPostgresProcess.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(READY)) {
                return process;
            }
        }
        throw new AssertionError("the process ended before it was ready");
    }
}

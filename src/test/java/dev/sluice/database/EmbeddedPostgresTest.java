package dev.sluice.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One cluster, initialized once; each test starts servers on it and leaves it stopped. */
class EmbeddedPostgresTest {
    private static Path dir;

    @BeforeAll
    static void initialize() throws IOException {
        dir = Files.createTempDirectory("sluice-embedded").toRealPath();
        EmbeddedPostgres.start(dir).close();
    }

    @AfterAll
    static void delete() throws IOException {
        assertThat(new Postmaster(dir.resolve("data")).isRunning()).isFalse();
        Trees.delete(dir);
    }

    @Test
    void rowsSurviveARestart() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            execute(postgres.url(), "create table survivors as select 42 as id");
        }
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThat(query(postgres.url(), "select id from survivors")).isEqualTo("42");
        }
    }

    @Test
    void thePostmasterOfAKilledProcessIsTakenOver() throws Exception {
        Process process = EmbeddedPostgresProcess.startOn(dir);
        process.destroyForcibly().waitFor();
        assertThat(new Postmaster(dir.resolve("data")).isRunning())
                .as("the postmaster outlives its JVM")
                .isTrue();

        // Unless it is stopped first, the new server refuses to start beside it.
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThat(query(postgres.url(), "select count(*) > 0 from kept")).isEqualTo("t");
        }
    }

    @Test
    void aKilledProcessAndPostmasterAreFollowedByRecovery() throws Exception {
        Process process = EmbeddedPostgresProcess.startOn(dir);
        long postmaster = Long.parseLong(
                Files.readAllLines(dir.resolve("data/postmaster.pid")).get(0));
        process.destroyForcibly().waitFor();
        ProcessHandle handle = ProcessHandle.of(postmaster).orElseThrow();
        List<ProcessHandle> backends = handle.children().toList();
        handle.destroyForcibly();
        awaitGone(backends);

        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThat(query(postgres.url(), "select count(*) > 0 from kept")).isEqualTo("t");
        }
    }

    @Test
    void aSecondProcessIsRefused() throws Exception {
        Process process = EmbeddedPostgresProcess.startOn(dir);
        try {
            assertThatThrownBy(() -> EmbeddedPostgres.start(dir))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use by another running Sluice");
            assertThat(new Postmaster(dir.resolve("data")).isRunning()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
            EmbeddedPostgres.start(dir).close();
        }
    }

    @Test
    void aSecondStartInTheSameProcessIsRefused() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(dir)).isInstanceOf(IllegalStateException.class);
            assertThat(query(postgres.url(), "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aForeignProcessNamedByAnOldPidFileIsLeftAlone() throws Exception {
        Process foreign = new ProcessBuilder("sleep", "600").start();
        try {
            Files.writeString(
                    dir.resolve("data/postmaster.pid"),
                    "%d%n%s%n1%n1%n%n%n".formatted(foreign.pid(), dir.resolve("data")));

            EmbeddedPostgres.start(dir).close();

            assertThat(foreign.isAlive()).isTrue();
        } finally {
            foreign.destroyForcibly().waitFor();
        }
    }

    @Test
    void anEmptyPidFileAsAfterAPowerFailureDoesNotStopTheStart() throws Exception {
        Files.writeString(dir.resolve("data/postmaster.pid"), "");

        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThat(query(postgres.url(), "select 1")).isEqualTo("1");
        }
    }

    @Test
    void whatIsCommittedIsDurableAndOnlyLoopbackListens() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThat(query(postgres.url(), "show fsync")).isEqualTo("on");
            assertThat(query(postgres.url(), "show synchronous_commit")).isEqualTo("on");
            assertThat(query(postgres.url(), "show full_page_writes")).isEqualTo("on");
            assertThat(query(postgres.url(), "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(query(postgres.url(), "show server_encoding")).isEqualTo("UTF8");
        }
    }

    @Test
    void theUserIsNoSuperuserAndOthersAreRefused() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(dir)) {
            assertThat(query(
                            postgres.url(),
                            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"))
                    .isEqualTo("f");
            DatabaseUrl url = DatabaseUrl.parse(postgres.url());
            assertThatThrownBy(() -> DriverManager.getConnection(url.jdbcUrl(), "sluice", "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThatThrownBy(() -> DriverManager.getConnection(url.jdbcUrl(), "postgres", url.password()))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("rejects connection");
        }
    }

    @Test
    void nobodyElseReadsTheDirectoryOrThePassword() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("password"))))
                .isEqualTo("rw-------");
        assertThat(Files.readString(dir.resolve("tools.log")))
                .doesNotContain(Files.readString(dir.resolve("password")));
    }

    @Test
    void anInterruptedInitializationIsBegunAnew() throws Exception {
        Path other = Files.createTempDirectory("sluice-embedded");
        try {
            reuseBinaries(other);
            Files.createDirectories(other.resolve("data.new/base"));
            Files.writeString(other.resolve("data.new/PG_VERSION"), "17\n");

            try (EmbeddedPostgres postgres = EmbeddedPostgres.start(other)) {
                assertThat(query(postgres.url(), "select 1")).isEqualTo("1");
            }
        } finally {
            Trees.delete(other);
        }
    }

    @Test
    void aStartThatFailsShowsTheLogAndLetsGoOfTheDirectory() throws Exception {
        Path version = dir.resolve("data/PG_VERSION");
        Files.writeString(version, "9\n");
        try {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> EmbeddedPostgres.start(dir))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("incompatible");
            }
        } finally {
            Files.writeString(version, "17\n");
        }
    }

    @Test
    void rootServesADirectoryOfSomebodyElseAsThatUser() throws Exception {
        Path other = Files.createTempDirectory("sluice-embedded");
        assumeTrue(Files.getAttribute(other, "unix:uid").equals(0), "only root can be somebody else");
        try {
            Files.setAttribute(other, "unix:uid", 65534);
            Files.setAttribute(other, "unix:gid", 65534);
            try (EmbeddedPostgres postgres = EmbeddedPostgres.start(other)) {
                assertThat(query(postgres.url(), "select 1")).isEqualTo("1");
                assertThat(Files.getAttribute(other.resolve("data"), "unix:uid"))
                        .isEqualTo(65534);
            }
        } finally {
            Trees.delete(other);
        }
    }

    /** Gone or a zombie, which has no program any more. */
    private static void awaitGone(List<ProcessHandle> processes) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (processes.stream().anyMatch(process -> process.info().command().isPresent())) {
            assertThat(System.nanoTime()).as("processes are still there").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static void reuseBinaries(Path other) throws IOException {
        try (Stream<Path> children = Files.list(dir)) {
            Path binaries = children.filter(
                            path -> path.getFileName().toString().startsWith("bin-"))
                    .findAny()
                    .orElseThrow();
            Files.createSymbolicLink(other.resolve(binaries.getFileName()), binaries);
        }
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = TestDatabase.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(String url, String sql) throws SQLException {
        try (Connection connection = TestDatabase.connect(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}

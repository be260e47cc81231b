package dev.sluice.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of one Sluice process, for demos and small installations: durable settings, listening on loopback
 * only, SCRAM authentication with a random password. Its superuser cannot log in at all. The directory is held by a
 * file lock of this JVM; the kernel drops it with the process, however that ends, and the next start takes over a
 * postmaster that was left behind.
 *
 * <pre>
 * DIR/lock            held while the JVM lives
 * DIR/bin-DIGEST/     unpacked binaries
 * DIR/data/           the cluster
 * DIR/password        of the user sluice, mode 0600
 * DIR/postgres.log    the server's log, DIR/tools.log that of initdb and pg_ctl
 * </pre>
 *
 * Blocking throughout: workers only.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final String USER = "sluice";
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final int START_ATTEMPTS = 3;
    private static final long LOG_LIMIT = 16 << 20;

    private final FileChannel lock;
    private final PostgresTools tools;
    private final String url;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedPostgres(FileChannel lock, PostgresTools tools, String url) {
        this.lock = lock;
        this.tools = tools;
        this.url = url;
    }

    /**
     * Starts a server on the cluster in a directory, which is created when it is missing.
     *
     * @throws IllegalStateException when another living process uses the directory
     * @throws IOException when the server cannot be started; the message ends with the end of its log
     */
    public static EmbeddedPostgres start(Path dir) throws IOException {
        Files.createDirectories(dir);
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        Path home = dir.toRealPath();
        FileChannel lock = lock(home);
        try {
            PostgresTools tools = PostgresTools.in(home);
            Path passwordFile = home.resolve("password");
            if (!Files.exists(tools.data())) {
                Files.writeString(passwordFile, password());
                Files.setPosixFilePermissions(passwordFile, PosixFilePermissions.fromString("rw-------"));
                initialize(tools, Files.readString(passwordFile));
            }
            tools.stopLeftBehind();
            roll(home.resolve("postgres.log"));
            roll(home.resolve("tools.log"));
            int port = startOnFreePort(tools);
            return new EmbeddedPostgres(
                    lock,
                    tools,
                    "postgresql://%s:%s@127.0.0.1:%d/%s?sslmode=disable"
                            .formatted(USER, Files.readString(passwordFile), port, USER));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** A connection URI with the password of the schema's owner: a secret. */
    public String url() {
        return url;
    }

    /** Stops the server (transactions under way are rolled back) and lets go of the directory. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try (lock) {
                tools.stop();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static FileChannel lock(Path home) throws IOException {
        FileChannel channel =
                FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by this very JVM: the same refusal.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new IllegalStateException(
                    "the embedded database in " + home
                            + " is in use by another running Sluice: stop it, use another data directory, or share a database by URL");
        }
        return channel;
    }

    /** All or nothing: the cluster gets its name once it is complete. */
    private static void initialize(PostgresTools tools, String password) throws IOException {
        Path unfinished = tools.data().resolveSibling("data.new");
        Trees.delete(unfinished);
        tools.initdb(unfinished);
        tools.single(unfinished, """
                create role %1$s login createdb createrole password '%2$s';
                create database %1$s owner %1$s;
                revoke all on database %1$s from public;
                """.formatted(USER, password));
        Files.move(unfinished, tools.data(), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Tried again, since between the look and the start somebody else may take the port, and since processes of a server
     * that was killed a moment ago may still hold its shared memory.
     */
    private static int startOnFreePort(PostgresTools tools) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            configure(tools.data(), port);
            try {
                tools.start();
                return port;
            } catch (IOException e) {
                if (attempt == START_ATTEMPTS) {
                    throw e;
                }
                LOG.warn("starting the embedded PostgreSQL again: {}", e.getMessage());
            }
        }
    }

    /** Written anew at every start: nothing in these files is the operator's. */
    private static void configure(Path data, int port) throws IOException {
        Files.writeString(data.resolve("postgresql.conf"), """
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                max_connections = 100
                password_encryption = 'scram-sha-256'
                fsync = on
                full_page_writes = on
                synchronous_commit = on
                shared_buffers = 64MB
                max_wal_size = 512MB
                timezone = 'UTC'
                log_timezone = 'UTC'
                lc_messages = 'C'
                log_min_messages = warning
                log_checkpoints = off
                # Statements hold what users typed.
                log_min_error_statement = panic
                """.formatted(port));
        Files.writeString(data.resolve("pg_hba.conf"), """
                host all postgres 0.0.0.0/0 reject
                host all all 127.0.0.1/32 scram-sha-256
                """);
    }

    private static void roll(Path log) throws IOException {
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String password() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

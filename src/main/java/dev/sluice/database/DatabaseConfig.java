package dev.sluice.database;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How PostgreSQL is reached.
 *
 * @param url {@code postgresql://user:password@host:port/database}; its user owns the schema, or may
 *     take the role {@code sluice_server} of a schema that its owner migrates. Directly, or through a pooler that keeps
 *     sessions and passes start-up parameters on. Absent: an embedded server
 * @param dataDir where the embedded server lives, in {@code postgres/}; unused with a URL
 * @param poolSize connections held exclusively by transactions; the pipelined client has up to
 *     {@value Database#PIPELINED_CONNECTIONS} more, one tells whether the server is alive, and one is told what changes
 * @param connectTimeout for one TCP connection attempt
 * @param poolWait how long a transaction or a call may wait for a connection, for a lock, or for any sign of life, before
 *     it fails
 * @param statementTimeout how long one statement may run; the server cancels it then
 */
public record DatabaseConfig(
        Optional<String> url,
        Path dataDir,
        int poolSize,
        Duration connectTimeout,
        Duration poolWait,
        Duration statementTimeout) {
    Path embeddedDir() {
        return dataDir.resolve("postgres");
    }

    @Override
    public String toString() {
        return "DatabaseConfig["
                + url.map(text -> DatabaseUrl.parse(text).toString()).orElse("embedded in " + dataDir) + ", poolSize="
                + poolSize + "]";
    }
}

/**
 * Floor 1. PostgreSQL: the pool, migrations, the embedded server, and queries that run as an owner under row-level security.
 */
@NullMarked
package dev.sluice.database;

import org.jspecify.annotations.NullMarked;

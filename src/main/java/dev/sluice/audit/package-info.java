/**
 * Floor 2. Who did what, before and after: an intent is committed before the first byte, its outcome after the last. What is
 * recorded afterwards waits for a database that is away; what is recorded beforehand does not, and is refused then.
 */
@NullMarked
package dev.sluice.audit;

import org.jspecify.annotations.NullMarked;

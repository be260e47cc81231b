/**
 * Floor 0. An archive is a plan: from the name, size, time and mode of each entry every byte position of a zip or tar is
 * arithmetic, before any file is read. Pure: no I/O, no threads.
 */
@NullMarked
package dev.sluice.archive;

import org.jspecify.annotations.NullMarked;

/**
 * Floor 5. Commands beside the server.
 */
@NullMarked
package dev.sluice.cli;

import org.jspecify.annotations.NullMarked;

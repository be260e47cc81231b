/**
 * Floor 1. Every meter, named once.
 */
@NullMarked
package dev.sluice.metrics;

import org.jspecify.annotations.NullMarked;

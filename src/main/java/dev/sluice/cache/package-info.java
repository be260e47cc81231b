/**
 * Floor 0. What is kept for a moment because many ask for it, and what is not worth being kept.
 */
@NullMarked
package dev.sluice.cache;

import org.jspecify.annotations.NullMarked;

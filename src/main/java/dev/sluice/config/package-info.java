/**
 * Floor 0. Settings from file, environment and options as typed values with units; every fault is collected and named at once.
 */
@NullMarked
package dev.sluice.config;

import org.jspecify.annotations.NullMarked;

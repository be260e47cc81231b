/**
 * Floor 0. Values and decisions of HTTP as pure functions: entity tags, byte ranges, preconditions, content disposition,
 * digest fields and problem details. JDK only.
 */
@NullMarked
package dev.sluice.http;

import org.jspecify.annotations.NullMarked;

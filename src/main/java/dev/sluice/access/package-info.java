/**
 * Floor 1. Who asks: tokens become subjects with scopes.
 */
@NullMarked
package dev.sluice.access;

import org.jspecify.annotations.NullMarked;

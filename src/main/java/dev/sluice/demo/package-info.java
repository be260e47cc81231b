/**
 * Floor 5. A demo owner whose small models are really trained.
 */
@NullMarked
package dev.sluice.demo;

import org.jspecify.annotations.NullMarked;

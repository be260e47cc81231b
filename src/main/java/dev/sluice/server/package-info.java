/**
 * Floor 6. The composition root: configuration, routes, problem mapping and verticles.
 */
@NullMarked
package dev.sluice.server;

import org.jspecify.annotations.NullMarked;

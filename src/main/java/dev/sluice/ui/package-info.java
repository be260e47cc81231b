/**
 * Floor 5. The pages: shells that are the same for everyone, filled in the browser by small modules that call the API, and the
 * session that they call it with.
 */
@NullMarked
package dev.sluice.ui;

import org.jspecify.annotations.NullMarked;

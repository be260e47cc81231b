/**
 * Floor 3. The one engine that sends content: representation, decision, admission, sending.
 */
@NullMarked
package dev.sluice.delivery;

import org.jspecify.annotations.NullMarked;

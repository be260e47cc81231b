/**
 * {@code mvn -B -Pmutation test} changes {@code archive} and {@code http} in each small way that PIT knows, one at a time, and runs the
 * tests of these packages. A change that no test notices is a hole in the tests, or code that does nothing, or it makes no difference:
 * those of the last kind are in {@code equivalent.txt} with the reason, and {@link SurvivorsTest} lets no other pass.
 */
@NullMarked
package dev.sluice.mutation;

import org.jspecify.annotations.NullMarked;

/**
 * Floor 2. Bytes: live job directories and content-addressed blobs, with one vocabulary: stage, commit, cancel.
 */
@NullMarked
package dev.sluice.storage;

import org.jspecify.annotations.NullMarked;

/**
 * Floor 4. Training jobs: registration, status, metrics, uploads, lists and the downloads of live directories.
 */
@NullMarked
package dev.sluice.jobs;

import org.jspecify.annotations.NullMarked;

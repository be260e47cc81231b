/**
 * Upstream → verified bytes on disk, for everything that is fetched from elsewhere. {@link dev.sluice.ingest.Fetcher} is the engine:
 * it asks the sources of a {@link dev.sluice.ingest.FetchRequest} in order, each connection checked by
 * {@link dev.sluice.ingest.Upstream}, and writes into a {@link dev.sluice.ingest.Partial} that outlives the process. What comes out, a
 * {@link dev.sluice.ingest.FetchedFile}, has its length and digest checked; its content is never looked at.
 */
@NullMarked
package dev.sluice.ingest;

import org.jspecify.annotations.NullMarked;

/**
 * Models on offer from elsewhere: asked for by an administrator, fetched by whichever replica is free, delivered to all. What a row of
 * {@code catalog_downloads} says is the truth; {@link dev.sluice.catalog.CatalogWorker} makes it so.
 */
@NullMarked
package dev.sluice.catalog;

import org.jspecify.annotations.NullMarked;

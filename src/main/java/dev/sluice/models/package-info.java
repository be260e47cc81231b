/**
 * Floor 4. Published models: publication of completed jobs, scores, versions, shares, links and downloads.
 */
@NullMarked
package dev.sluice.models;

import org.jspecify.annotations.NullMarked;

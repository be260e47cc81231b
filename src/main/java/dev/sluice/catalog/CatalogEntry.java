package dev.sluice.catalog;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A model on offer.
 *
 * @param fileName what clients save it as
 * @param urls where its bytes come from, in the order in which they are asked
 * @param size about how many bytes: figures that people write are rounded, and the digest decides
 * @param sha256 64 lower-case hexadecimal digits
 */
record CatalogEntry(
        String id,
        String name,
        String fileName,
        List<String> urls,
        OptionalLong size,
        Optional<String> sha256,
        String description,
        boolean recommended) {}

package dev.sluice.delivery;

import java.time.Duration;

/**
 * How much may be under way, and for how long nothing may happen.
 *
 * @param streams downloads at one time
 * @param reads archives whose content is read, to deflate it or for its checksums, before it can be sent
 * @param ingests uploads, and fetches from elsewhere, at one time
 * @param stallTimeout a transfer without progress for this long is ended
 */
public record TransferLimits(Limit streams, Limit reads, Limit ingests, Duration stallTimeout) {
    /**
     * Of one class of work.
     *
     * @param most in all
     * @param mostPerOwner of one owner
     */
    public record Limit(int most, int mostPerOwner) {}

    Limit of(CostClass cost) {
        return switch (cost) {
            case STREAM -> streams;
            case READ -> reads;
            case INGEST -> ingests;
        };
    }
}

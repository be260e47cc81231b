package dev.sluice.delivery;

import java.time.Duration;

/**
 * How much may be under way, and for how long nothing may happen.
 *
 * @param streams downloads at one time in all
 * @param streamsPerOwner the same of one owner
 * @param stallTimeout a transfer without progress for this long is ended
 */
public record TransferLimits(int streams, int streamsPerOwner, Duration stallTimeout) {}

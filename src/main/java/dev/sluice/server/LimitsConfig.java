package dev.sluice.server;

import dev.sluice.config.Settings;
import dev.sluice.delivery.TransferLimits;

/**
 * How much costly work is under way at one time; 0 means by the processors.
 *
 * @param reads archives whose content is read before it can be sent
 * @param ingests uploads, and jobs and catalog models whose files are fetched
 */
record LimitsConfig(int reads, int readsPerOwner, int ingests, int ingestsPerOwner) {
    private static final int MOST = 1_000_000;

    /** As many threads as processors read; what waits for one of them is ready when it comes. */
    private static final int READS_PER_PROCESSOR = 4;

    /** Sixteen for each thread that works with files: a client sends more slowly than a disk writes. */
    private static final int INGESTS_PER_PROCESSOR = 64;

    static LimitsConfig from(Settings settings) {
        return new LimitsConfig(
                settings.count("delivery.max-reads", 0, 0, MOST),
                settings.count("delivery.max-reads-per-owner", 0, 0, MOST),
                settings.count("ingest.max-transfers", 0, 0, MOST),
                settings.count("ingest.max-transfers-per-owner", 0, 0, MOST));
    }

    TransferLimits.Limit readLimit(int processors) {
        return limit(reads, readsPerOwner, READS_PER_PROCESSOR * processors);
    }

    TransferLimits.Limit ingestLimit(int processors) {
        return limit(ingests, ingestsPerOwner, INGESTS_PER_PROCESSOR * processors);
    }

    /** Half of all is one owner's, so that there is always a place for another. */
    private static TransferLimits.Limit limit(int inAll, int perOwner, int usual) {
        int most = inAll == 0 ? usual : inAll;
        return new TransferLimits.Limit(most, perOwner == 0 ? Math.max(1, most / 2) : perOwner);
    }
}

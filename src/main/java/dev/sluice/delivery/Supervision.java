package dev.sluice.delivery;

import dev.sluice.metrics.Meters;
import java.util.function.LongSupplier;

/** What event loops and the {@link TransferSupervisor} share. Any thread. */
public final class Supervision {
    private final TransferLimits limits;
    private final Admission admission;
    private final Transfers transfers;
    private final Meters meters;

    public Supervision(TransferLimits limits, Meters meters, LongSupplier nanoTime) {
        this.limits = limits;
        this.admission = new Admission(limits, nanoTime);
        this.transfers = new Transfers(nanoTime);
        this.meters = meters;
        meters.activeTransfers(transfers::active);
        meters.activeStreams(admission::streams);
        meters.queuedDownloads(admission::queued);
    }

    TransferLimits limits() {
        return limits;
    }

    Admission admission() {
        return admission;
    }

    public Transfers transfers() {
        return transfers;
    }

    public Meters meters() {
        return meters;
    }
}

package dev.sluice.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The system's clock, set wrong and right again at will. Any thread. */
final class JumpingClock extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    /** @param of the true time; less than nothing puts it behind */
    void setAhead(Duration of) {
        ahead = of;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(ahead);
    }
}

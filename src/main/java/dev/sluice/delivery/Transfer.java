package dev.sluice.delivery;

/** Something under way whose progress is watched: a download or an upload. On the event loop that it was registered on. */
public interface Transfer {
    /** Anything that changes when the transfer gets on, such as the bytes so far. */
    long progress();

    /** Ends it. When it has not ended a stall timeout later it is told again, and must not be gentle then. */
    void end(Ending ending);
}

package dev.sluice.storage;

/** Told how far long work has come, on the thread that does it. */
@FunctionalInterface
public interface Progress {
    Progress IGNORED = position -> {};

    /**
     * All bytes before {@code position} are done. An unchecked exception, such as {@link
     * java.util.concurrent.CancellationException}, ends the work and reaches its caller; everything is released.
     */
    void reached(long position);
}

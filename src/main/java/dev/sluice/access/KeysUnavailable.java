package dev.sluice.access;

/** The token cannot be judged now because the key set cannot be fetched (503): a later try may succeed. */
public final class KeysUnavailable extends TokenFailure {
    KeysUnavailable() {
        super("the key set is not available");
    }
}

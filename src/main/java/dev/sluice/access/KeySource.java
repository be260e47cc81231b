package dev.sluice.access;

import io.vertx.core.Future;

/** Where the current keys come from. Safe from any thread. */
sealed interface KeySource permits FixedKeys, RemoteKeys {
    /** The keys of now; throws {@link KeysUnavailable} as long as there have never been any. */
    KeySet current();

    /**
     * The keys after looking for newer ones, as far as that is allowed now. Fails with {@link KeysUnavailable} when the
     * newest cannot be had. Completes on any thread.
     */
    Future<KeySet> newest();

    Future<Void> close();
}

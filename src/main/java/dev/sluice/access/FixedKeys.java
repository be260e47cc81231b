package dev.sluice.access;

import io.vertx.core.Future;

/** The one key of the configuration. */
record FixedKeys(KeySet current) implements KeySource {
    @Override
    public Future<KeySet> newest() {
        return Future.succeededFuture(current);
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}

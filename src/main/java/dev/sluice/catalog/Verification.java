package dev.sluice.catalog;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads kept files again and compares them with what they were; once for all who ask at the same time. Any thread. */
final class Verification {
    private static final Logger log = LoggerFactory.getLogger(Verification.class);

    private final CatalogQueries queries;
    private final CatalogFiles files;
    private final WorkerExecutor workers;
    private final Map<String, Future<Optional<String>>> underWay = new ConcurrentHashMap<>();

    Verification(CatalogQueries queries, CatalogFiles files, WorkerExecutor workers) {
        this.queries = queries;
        this.files = files;
        this.workers = workers;
    }

    /** What is wrong, in words for people. A file that is not right is not delivered any more. */
    Future<Optional<String>> of(String modelId) {
        return queries.find(modelId)
                .compose(download -> download.flatMap(CatalogDownload::file)
                        .map(file -> joined(modelId, file))
                        .orElseGet(() -> Future.succeededFuture(Optional.of("The model is not downloaded"))));
    }

    private Future<Optional<String>> joined(String modelId, CatalogDownload.KeptFile file) {
        return underWay.computeIfAbsent(file.sha256(), first -> workers.executeBlocking(() -> files.fault(file), false))
                .onComplete(read -> underWay.remove(file.sha256()))
                .compose(fault -> fault.isEmpty()
                        ? Future.succeededFuture(fault)
                        : queries.spoilt(modelId, file.sha256(), fault.get()).map(told -> {
                            log.error("The file of catalog model {} is spoilt: {}", modelId, fault.get());
                            return fault;
                        }));
    }
}

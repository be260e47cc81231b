package dev.sluice.models;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;

/**
 * Which files a model has. They never change, so they are kept without a limit of time; whether somebody may see them is asked
 * each time, before they are. Any thread.
 */
public final class PublishedContents {
    /** Files of all models that are kept. */
    private static final long CAPACITY = 200_000;

    private final ModelQueries models;
    private final Cache<UUID, List<ModelFile>> files = Caffeine.newBuilder()
            .maximumWeight(CAPACITY)
            .<UUID, List<ModelFile>>weigher((id, listed) -> 1 + listed.size())
            .build();

    public PublishedContents(ModelQueries models) {
        this.models = models;
    }

    /** Of a model that the subject was found to read; in the order of the archive. */
    Future<List<ModelFile>> files(String subject, UUID id) {
        List<ModelFile> known = files.getIfPresent(id);
        return known != null
                ? Future.succeededFuture(known)
                : models.files(subject, id).onSuccess(listed -> {
                    // A share that ended in between shows as no file at all.
                    if (!listed.isEmpty()) {
                        files.put(id, listed);
                    }
                });
    }
}

package dev.sluice.jobs;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A job that may be remembered for a while, and what is told of it, which is written once for all who ask. Any thread. */
final class KnownJob {
    private final Job job;

    /** Whoever comes first writes it; of several at once each may, the same. */
    private volatile @Nullable Buffer json;

    KnownJob(Job job) {
        this.job = job;
    }

    Job job() {
        return job;
    }

    /** UTF-8; not to be changed. */
    Buffer json() {
        Buffer written = json;
        if (written == null) {
            written = Json.buffer(job.toJson());
            json = written;
        }
        return written;
    }
}

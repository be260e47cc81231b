package dev.sluice.delivery;

import dev.sluice.storage.ContentEncoding;
import dev.sluice.storage.Quarantine;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Live content that is looked at again when the disk has failed to give it. */
final class SuspectedSource implements EntrySource {
    private static final Logger log = LoggerFactory.getLogger(SuspectedSource.class);

    private final EntrySource source;
    private final Quarantine quarantine;
    private final String owner;
    private final int firstFile;
    private final List<LiveSource.Content> contents;

    /**
     * @param source of the same entries
     * @param firstFile index of the first entry that is a file
     * @param contents of the entries from there on
     */
    SuspectedSource(
            EntrySource source, Quarantine quarantine, String owner, int firstFile, List<LiveSource.Content> contents) {
        this.source = source;
        this.quarantine = quarantine;
        this.owner = owner;
        this.firstFile = firstFile;
        this.contents = contents;
    }

    @Override
    public OpenEntry open(int entry) throws IOException {
        return source.open(entry);
    }

    @Override
    public Optional<Remote> remote(int entry) {
        return source.remote(entry);
    }

    @Override
    public Row row() {
        return source.row();
    }

    @Override
    public Future<IntUnaryOperator> checksums(int first, int last) {
        return source.checksums(first, last);
    }

    @Override
    public long computed() {
        return source.computed();
    }

    @Override
    public void suspect(int entry) {
        LiveSource.Content content = contents.get(entry - firstFile);
        check(content)
                .onFailure(failure -> log.warn(
                        "{} could not be looked at again", content.file().path(), failure));
    }

    private Future<Optional<String>> check(LiveSource.Content content) {
        return content.facts().encoding().orElse(null) instanceof ContentEncoding.Deflated deflated
                ? quarantine.check(deflated.copy())
                : quarantine.check(owner, content.file(), content.facts());
    }
}

package dev.sluice.delivery;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Files by their place in a list, opened as they are; it tells what is open and how much ever was at once. */
class PlainSource implements EntrySource {
    private final List<Path> files;
    private final List<Integer> open = Collections.synchronizedList(new ArrayList<>());
    private volatile int mostOpen;

    PlainSource(Path... files) {
        this.files = List.of(files);
    }

    int mostOpen() {
        return mostOpen;
    }

    List<Integer> open() {
        return List.copyOf(open);
    }

    /** What a subclass spoils. Worker thread. */
    void recheck(int entry) throws IOException {}

    @Override
    public OpenEntry open(int entry) throws IOException {
        FileChannel channel = FileChannel.open(files.get(entry));
        synchronized (open) {
            open.add(entry);
            mostOpen = Math.max(mostOpen, open.size());
        }
        return new OpenEntry() {
            @Override
            public FileChannel channel() {
                return channel;
            }

            @Override
            public void recheck() throws IOException {
                PlainSource.this.recheck(entry);
            }

            @Override
            public void close() throws IOException {
                channel.close();
                open.remove((Integer) entry);
            }
        };
    }

    @Override
    public Future<IntUnaryOperator> checksums(int first, int last) {
        return Future.succeededFuture(entry -> 0);
    }
}

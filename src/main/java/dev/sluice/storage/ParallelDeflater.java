package dev.sluice.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * Deflates one content on several cores into one valid raw deflate stream (RFC 1951), as pigz does: fixed blocks of 1 MiB at level
 * 1, each primed with the 32 KiB before it and ended by a sync flush (an empty stored block, which aligns to a byte), the last one
 * by the stream's end. The same content gives the same bytes whatever the cores, as long as zlib is the same.
 *
 * <p>Memory: 2.2 MiB for each of cores + 2 blocks a run.
 */
public final class ParallelDeflater {
    private final Executor executor;
    private final int blocks;

    /**
     * @param executor deflates blocks; the calling thread helps out, so that it may be one of the executor's own
     * @param cores how many of them to keep busy
     */
    public ParallelDeflater(Executor executor, int cores) {
        this.executor = executor;
        this.blocks = cores + 2;
    }

    /** Takes the stream, in order, on the calling thread. */
    @FunctionalInterface
    public interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    /**
     * Deflates the first {@code size} bytes into {@code sink}. Worker thread.
     *
     * @param progress bytes of the content that are deflated and written
     * @return empty when it is not worth it: the stream passed 95 % of the content; the sink has then got a part of it
     * @throws ContentChanged when the file is shorter
     */
    public Optional<Deflated> deflate(FileChannel content, long size, Sink sink, Progress progress) throws IOException {
        return deflate(content, size, size - size / 20, sink, progress);
    }

    /** As above; gives up beyond {@code atMost} bytes. */
    Optional<Deflated> deflate(FileChannel content, long size, long atMost, Sink sink, Progress progress)
            throws IOException {
        try (Run run = new Run(sink, progress)) {
            long position = 0;
            do {
                run.submit(content, position, size);
                position += DeflateBlock.SIZE;
            } while (position < size && run.stream.size() <= atMost);
            run.writeAll();
            return run.stream.size() <= atMost ? Optional.of(run.result()) : Optional.empty();
        }
    }

    private final class Run implements AutoCloseable {
        private final Sink sink;
        private final Progress progress;
        private final ContentHasher content = new ContentHasher();
        private final ContentHasher stream = new ContentHasher();
        private final List<DeflateBlock> all = new ArrayList<>();
        private final Deque<DeflateBlock> free = new ArrayDeque<>();
        private final Deque<Pending> pending = new ArrayDeque<>();

        private record Pending(DeflateBlock block, FutureTask<?> deflated) {}

        Run(Sink sink, Progress progress) {
            this.sink = sink;
            this.progress = progress;
        }

        void submit(FileChannel channel, long position, long size) throws IOException {
            DeflateBlock block = nextFree();
            block.fill(channel, position, size);
            FutureTask<?> task = new FutureTask<>(block::deflate, true);
            pending.add(new Pending(block, task));
            executor.execute(task);
        }

        private DeflateBlock nextFree() throws IOException {
            if (free.isEmpty() && all.size() == blocks) {
                writeOldest();
            }
            if (!free.isEmpty()) {
                return free.remove();
            }
            DeflateBlock block = new DeflateBlock();
            all.add(block);
            return block;
        }

        private void writeOldest() throws IOException {
            Pending oldest = pending.remove();
            // Where no thread has come to it yet, this one does the work; else this does nothing.
            oldest.deflated().run();
            await(oldest.deflated());
            content.update(oldest.block().input());
            stream.update(oldest.block().output());
            sink.write(oldest.block().output());
            free.add(oldest.block());
            progress.reached(content.size());
        }

        void writeAll() throws IOException {
            while (!pending.isEmpty()) {
                writeOldest();
            }
        }

        Deflated result() {
            return new Deflated(content.finish(), stream.finish());
        }

        @Override
        public void close() {
            all.forEach(DeflateBlock::close);
        }
    }

    private static void await(FutureTask<?> deflated) throws IOException {
        try {
            deflated.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while deflating");
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure.getCause());
        }
    }
}

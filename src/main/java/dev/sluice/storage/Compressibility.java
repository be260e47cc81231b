package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.Deflater;

/**
 * Whether deflating a content is worth it, judged by samples: 16 KiB at each of 8 places, spread evenly, at level 1. Only size and
 * bytes matter, so the same content is always judged alike.
 */
public final class Compressibility {
    private static final int SAMPLES = 8;
    private static final int SAMPLE = 16 * 1024;
    /** Smaller than this, a compressed entry saves less than a reader's trouble. */
    private static final int SMALLEST = 64;

    private static final double WORTHWHILE = 0.9;

    private Compressibility() {}

    /**
     * Judges the first {@code size} bytes. Worker thread.
     *
     * @throws ContentChanged when the file is shorter
     */
    public static boolean of(FileChannel channel, long size) throws IOException {
        if (size < SMALLEST) {
            return false;
        }
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            boolean whole = size <= (long) SAMPLES * SAMPLE;
            int length = whole ? (int) size : SAMPLE;
            int samples = whole ? 1 : SAMPLES;
            long stride = (size - length) / (SAMPLES - 1);
            ByteBuffer sample = ByteBuffer.allocate(length);
            byte[] output = new byte[SAMPLE];
            long deflated = 0;
            for (int i = 0; i < samples; i++) {
                FileBytes.read(channel, i * stride, sample.clear());
                deflated += deflatedSize(deflater, sample.flip(), output);
            }
            long sampled = (long) samples * length;
            return deflated < sampled * WORTHWHILE;
        } finally {
            deflater.end();
        }
    }

    private static long deflatedSize(Deflater deflater, ByteBuffer sample, byte[] output) {
        deflater.reset();
        deflater.setInput(sample);
        deflater.finish();
        while (!deflater.finished()) {
            deflater.deflate(output);
        }
        return deflater.getBytesWritten();
    }
}

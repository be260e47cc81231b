package dev.sluice.models;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Locale;

/** Which look a file gets, by its name. */
final class Inspections {
    private Inspections() {}

    /** Worker thread. */
    static Inspection of(String path, FileChannel content, long size) throws IOException {
        String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        if (name.endsWith(".safetensors")) {
            return SafetensorsHeader.inspect(content, size);
        }
        if (name.endsWith(".pkl")
                || name.endsWith(".pickle")
                || name.endsWith(".pt")
                || name.endsWith(".pth")
                || name.endsWith(".bin")
                || name.endsWith(".joblib")
                || name.endsWith(".ckpt")) {
            return PickleFiles.inspect(content, size);
        }
        return Inspection.NOTHING;
    }
}

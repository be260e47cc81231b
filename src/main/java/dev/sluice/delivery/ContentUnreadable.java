package dev.sluice.delivery;

import java.io.IOException;

/** A file's bytes could not be read where the plan has them. */
final class ContentUnreadable extends IOException {
    private static final long serialVersionUID = 1;

    ContentUnreadable(Throwable cause) {
        super("The content could not be read", cause);
    }
}

package dev.sluice.catalog;

import java.io.IOException;

/** The catalog's file is not one. The message names the file and what is wrong with it. */
public final class InvalidCatalog extends IOException {
    private static final long serialVersionUID = 1L;

    InvalidCatalog(String message) {
        super(message);
    }
}

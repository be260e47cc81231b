package dev.sluice.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A value that is used and never shown: neither logs nor faults nor records that hold it print it. */
public final class Secret {
    private final String text;

    public Secret(String text) {
        this.text = text;
    }

    /** The value itself. Hand it to what needs it and keep no copy. */
    public String reveal() {
        return text;
    }

    /** Compares in a time that depends on the lengths only. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "[hidden]";
    }

    private byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

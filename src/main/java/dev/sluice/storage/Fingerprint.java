package dev.sluice.storage;

import java.util.Optional;

/**
 * What identifies content.
 *
 * @param size bytes
 * @param crc32 as zip stores it, 0 to 2³²-1
 * @param sha256 64 lower-case hexadecimal digits
 * @param sha512 128 lower-case hexadecimal digits, when it was asked for
 */
public record Fingerprint(long size, long crc32, String sha256, Optional<String> sha512) {}

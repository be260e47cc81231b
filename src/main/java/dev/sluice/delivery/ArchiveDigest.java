package dev.sluice.delivery;

import dev.sluice.archive.Segment;
import dev.sluice.storage.BlobChannel;
import dev.sluice.storage.BlobRead;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** The digest of a representation whose bytes nobody asked for yet. */
public final class ArchiveDigest {
    private static final int PIECE = 1 << 20;

    private ArchiveDigest() {}

    /**
     * SHA-256 of every byte that would be sent, 64 lower-case hexadecimal digits. All checksums must be known. Worker thread.
     *
     * @throws IOException when an entry cannot be read
     */
    public static String sha256(Representation representation) throws IOException {
        MessageDigest digest = digest();
        ByteBuffer buffer = ByteBuffer.allocate(PIECE);
        IntUnaryOperator crc32 = representation
                .source()
                .checksums(0, Math.max(0, representation.entries() - 1))
                .result();
        Iterator<Segment> segments = representation.layout().segments();
        while (segments.hasNext()) {
            Segment segment = segments.next();
            if (segment instanceof Segment.Bytes bytes) {
                digest.update(bytes.render(crc32));
            } else if (segment instanceof Segment.FileRegion region) {
                update(digest, representation.source(), region, buffer);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, EntrySource source, Segment.FileRegion region, ByteBuffer buffer)
            throws IOException {
        Optional<EntrySource.Remote> remote = source.remote(region.entry());
        if (remote.isEmpty()) {
            try (OpenEntry entry = source.open(region.entry())) {
                update(digest, entry, region, buffer);
                entry.recheck();
            }
            return;
        }
        BlobRead read = remote.get().read(region.offset(), region.offset() + region.length());
        try (BlobChannel channel = new BlobChannel(read, region.length())) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
    }

    private static void update(MessageDigest digest, OpenEntry entry, Segment.FileRegion region, ByteBuffer buffer)
            throws IOException {
        long position = region.offset();
        long end = position + region.length();
        while (position < end) {
            buffer.clear().limit((int) Math.min(PIECE, end - position));
            int read = entry.channel().read(buffer, position);
            if (read < 0) {
                throw new EOFException("The file ended " + (end - position) + " bytes early");
            }
            digest.update(buffer.flip());
            position += read;
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}

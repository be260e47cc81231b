package dev.sluice.access;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes and reads the tokens of links: length-prefixed fields and their HMAC-SHA-256 (RFC 2104), in base64url (RFC 4648 §5) of
 * which only the one canonical spelling is taken. The first key signs, all verify. Any thread.
 */
public final class LinkSigner {
    /** Longest token that is looked at, in characters. */
    private static final int MAX_LENGTH = 8 * 1024;

    private static final int MAC_BYTES = 32;

    /** GET and HEAD: the class of methods that a link is good for. */
    private static final String READ = "read";

    private static final int FIELDS = 11;

    private volatile List<LinkKey> keys;
    private final Clock clock;

    /** Takes the keys, of which there is at least one. */
    public LinkSigner(List<LinkKey> keys, Clock clock) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no key signs links");
        }
        this.keys = List.copyOf(keys);
        this.clock = clock;
    }

    /** From now on these keys alone, of which there is at least one: what others signed has ended. */
    public void use(List<LinkKey> newest) {
        if (newest.isEmpty()) {
            throw new IllegalArgumentException("no key signs links");
        }
        keys = List.copyOf(newest);
    }

    /** When a link expires that is issued now and lives so many seconds. */
    public Instant expiry(long seconds) {
        return Instant.ofEpochSecond(clock.instant().getEpochSecond() + seconds);
    }

    /** The token that stands for the link in its URL. */
    public String sign(DownloadLink link) {
        LinkKey key = keys.get(0);
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        add(fields, bytes(key.id()));
        add(fields, bytes(READ));
        add(fields, bytes(link.model().toString()));
        add(fields, bytes(link.tag()));
        add(fields, link.files().toByteArray());
        add(fields, bytes(link.format()));
        add(fields, bytes(link.subject()));
        add(fields, bytes(link.modelEpoch()));
        add(fields, bytes(link.shareEpoch()));
        add(fields, bytes(link.expiresAt().getEpochSecond()));
        add(fields, bytes(link.filename()));
        byte[] message = fields.toByteArray();
        byte[] token = Arrays.copyOf(message, message.length + MAC_BYTES);
        System.arraycopy(Hmac.of(key.secret(), message), 0, token, message.length, MAC_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** What the token stands for; empty when it was not signed by one of the keys, or has expired. */
    public Optional<DownloadLink> verify(String token) {
        Optional<byte[]> decoded = decoded(token);
        if (decoded.isEmpty() || decoded.get().length < MAC_BYTES) {
            return Optional.empty();
        }
        byte[] message = Arrays.copyOf(decoded.get(), decoded.get().length - MAC_BYTES);
        byte[] mac = Arrays.copyOfRange(decoded.get(), message.length, decoded.get().length);
        Optional<List<byte[]>> fields = fields(message);
        if (fields.isEmpty()) {
            return Optional.empty();
        }
        String id = text(fields.get().get(0));
        // An unknown key takes as long as a known one.
        List<LinkKey> current = keys;
        LinkKey key = current.stream()
                .filter(known -> known.id().equals(id))
                .findFirst()
                .orElse(current.get(0));
        boolean signed = Hmac.isOf(key.secret(), message, mac);
        if (!signed || !key.id().equals(id) || !text(fields.get().get(1)).equals(READ)) {
            return Optional.empty();
        }
        return Optional.of(link(fields.get())).filter(link -> clock.instant().isBefore(link.expiresAt()));
    }

    /** Of fields that were signed here. */
    private static DownloadLink link(List<byte[]> fields) {
        return new DownloadLink(
                UUID.fromString(text(fields.get(2))),
                text(fields.get(3)),
                BitSet.valueOf(fields.get(4)),
                text(fields.get(5)),
                text(fields.get(6)),
                ByteBuffer.wrap(fields.get(7)).getLong(),
                ByteBuffer.wrap(fields.get(8)).getLong(),
                Instant.ofEpochSecond(ByteBuffer.wrap(fields.get(9)).getLong()),
                text(fields.get(10)));
    }

    private static Optional<byte[]> decoded(String token) {
        if (token.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            byte[] decoded = Base64.getUrlDecoder().decode(token);
            String canonical = Base64.getUrlEncoder().withoutPadding().encodeToString(decoded);
            return canonical.equals(token) ? Optional.of(decoded) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static Optional<List<byte[]>> fields(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        List<byte[]> fields = new ArrayList<>(FIELDS);
        try {
            while (in.hasRemaining() && fields.size() <= FIELDS) {
                int length = Short.toUnsignedInt(in.getShort());
                if (length > in.remaining()) {
                    return Optional.empty();
                }
                byte[] field = new byte[length];
                in.get(field);
                fields.add(field);
            }
        } catch (BufferUnderflowException cut) {
            return Optional.empty();
        }
        return fields.size() == FIELDS && !in.hasRemaining() ? Optional.of(fields) : Optional.empty();
    }

    private static void add(ByteArrayOutputStream out, byte[] field) {
        if (field.length > 0xFFFF) {
            throw new IllegalArgumentException("a field of " + field.length + " bytes does not fit into a link");
        }
        out.write(field.length >> 8);
        out.write(field.length);
        out.writeBytes(field);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static String text(byte[] field) {
        return new String(field, StandardCharsets.UTF_8);
    }
}

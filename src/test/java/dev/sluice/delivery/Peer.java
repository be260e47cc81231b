package dev.sluice.delivery;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLSocket;

/** An HTTP/1.x client that reads just as much as it is told to, over a small receive buffer, and leaves as it is told. */
final class Peer implements Closeable {
    private static final int RECEIVE_BUFFER = 64 << 10;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket raw;
    private final Socket socket;
    private final InputStream in;

    private Peer(Socket raw, Socket socket) throws IOException {
        this.raw = raw;
        this.socket = socket;
        this.in = socket.getInputStream();
    }

    static Peer connect(int port, boolean tls) throws IOException {
        return connect(port, tls, RECEIVE_BUFFER);
    }

    static Peer connect(int port, boolean tls, int receiveBuffer) throws IOException {
        Socket raw = new Socket();
        raw.setReceiveBufferSize(receiveBuffer);
        raw.setSoTimeout(TIMEOUT_MILLIS);
        raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        if (!tls) {
            return new Peer(raw, raw);
        }
        SSLSocket secured =
                (SSLSocket) SelfSigned.trusting().getSocketFactory().createSocket(raw, "localhost", port, true);
        secured.startHandshake();
        return new Peer(raw, secured);
    }

    /** @param fields status line and fields, with the empty line */
    record Head(int status, String fields) {
        long contentLength() {
            return Long.parseLong(field("Content-Length"));
        }

        String field(String name) {
            String start = "\r\n" + name.toLowerCase(Locale.ROOT) + ": ";
            int from = fields.toLowerCase(Locale.ROOT).indexOf(start);
            return from < 0 ? "" : fields.substring(from + start.length(), fields.indexOf("\r\n", from + 2));
        }
    }

    Peer get(String target, String... fields) throws IOException {
        return send("GET /" + target + " HTTP/1.1\r\nHost: localhost\r\n", fields);
    }

    Peer send(String start, String... fields) throws IOException {
        StringBuilder request = new StringBuilder(start);
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    Head head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("in the head: " + head);
            }
            head.write(next);
        }
        String fields = head.toString(StandardCharsets.ISO_8859_1);
        return new Head(Integer.parseInt(fields.substring(9, 12)), fields);
    }

    byte[] read(long length) throws IOException {
        byte[] read = in.readNBytes(Math.toIntExact(length));
        if (read.length < length) {
            throw new EOFException(read.length + " of " + length + " bytes");
        }
        return read;
    }

    /** Bytes that still come until the end or the reset. */
    long drain() {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                total += read;
            }
        } catch (SocketTimeoutException hangs) {
            throw new AssertionError("The connection hangs after " + total + " bytes", hangs);
        } catch (IOException reset) {
            return total;
        }
        return total;
    }

    /** Leaves by RST. */
    void reset() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
    }

    /** Leaves by FIN; of TLS without a word. */
    @Override
    public void close() throws IOException {
        raw.close();
    }
}

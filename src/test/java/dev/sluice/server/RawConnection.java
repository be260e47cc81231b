package dev.sluice.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One connection, byte by byte: what a client's library would hide or refuse to send. Blocking; a read waits 30 s at most. */
final class RawConnection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    static RawConnection to(TestServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(30_000);
        return new RawConnection(socket);
    }

    /** What came, with fields by name in lower case; those that are repeated are joined. */
    static final class Response {
        private final int status;
        private final Map<String, String> fields;
        private final byte[] body;

        private Response(int status, Map<String, String> fields, byte[] body) {
            this.status = status;
            this.fields = fields;
            this.body = body;
        }

        int status() {
            return status;
        }

        Map<String, String> fields() {
            return fields;
        }

        byte[] body() {
            return body;
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    RawConnection send(String latin) throws IOException {
        return send(latin.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawConnection send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** The head of a request; each further field is a whole line. */
    RawConnection head(String method, String token, String target, String... lines) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        head.append("Authorization: Bearer ").append(token).append("\r\n");
        for (String line : lines) {
            head.append(line).append("\r\n");
        }
        return send(head.append("\r\n").toString());
    }

    Response exchange(String method, String token, String target, String... lines) throws IOException {
        return head(method, token, target, lines).receive(method);
    }

    /** The next response, interim ones included. */
    Response receive(String method) throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        Map<String, String> fields = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            String[] field = line.split(":", 2);
            fields.merge(field[0].toLowerCase(Locale.ROOT), field[1].strip(), (one, two) -> one + ", " + two);
        }
        boolean bodiless = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
        return new Response(status, fields, bodiless ? new byte[0] : body(fields));
    }

    private byte[] body(Map<String, String> fields) throws IOException {
        String length = fields.get("content-length");
        if (length == null) {
            throw new AssertionError("a body without Content-Length: " + fields);
        }
        byte[] body = in.readNBytes(Integer.parseInt(length));
        if (body.length < Integer.parseInt(length)) {
            throw new AssertionError("the body ended after " + body.length + " of " + length + " bytes");
        }
        return body;
    }

    /** Reads so many bytes of a body whose head has been received, and forgets them. */
    void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new AssertionError("the connection ended after '" + line + "'");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Waits until the server closes, and says whether it did so without a further byte. */
    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

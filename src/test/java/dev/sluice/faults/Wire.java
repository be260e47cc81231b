package dev.sluice.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A connection as bytes, which can end in either of the two ways. Blocking; a read waits 30 s at most. */
final class Wire implements AutoCloseable {
    private final Socket socket = new Socket();

    Wire(int port) throws IOException {
        // Before it connects, so that little is taken from a server whose peer does not read.
        socket.setReceiveBufferSize(64 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 30_000);
        socket.setSoTimeout(30_000);
    }

    Wire send(String latin) throws IOException {
        socket.getOutputStream().write(latin.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    static String head(String method, String target, String token, String... lines) {
        return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n"
                + String.join(
                        "",
                        java.util.Arrays.stream(lines)
                                .map(line -> line + "\r\n")
                                .toList()) + "\r\n";
    }

    /** Up to the empty line. */
    String readHead() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended after '" + head + "'");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Reads so many bytes, or up to the end. Returns how many came. */
    long read(long most) throws IOException {
        byte[] buffer = new byte[64 << 10];
        long read = 0;
        while (read < most) {
            int now = socket.getInputStream().read(buffer, 0, (int) Math.min(buffer.length, most - read));
            if (now < 0) {
                return read;
            }
            read += now;
        }
        return read;
    }

    /** Everything until the server ends the connection in whatever way. */
    String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketException reset) {
            all.writeBytes("[reset]".getBytes(StandardCharsets.ISO_8859_1));
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Nothing more is sent; whether the server has ended the connection before makes no difference. */
    void finish() throws IOException {
        try {
            socket.shutdownOutput();
        } catch (SocketException endedByServer) {
            // What it said before is still to be read.
        }
    }

    /** By RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package dev.sluice.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * An upstream that says what a script tells it, byte by byte, so that it can lie in every way. Listens on all of 127.0.0.0/8; each
 * connection has a thread of its own and stays open only behind a good answer.
 */
public final class ScriptedUpstream implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /**
     * What came.
     *
     * @param number of the request, from 1 on
     */
    public record Request(int number, String path, Map<String, String> headers, InetAddress address) {
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    /** What is sent. */
    @FunctionalInterface
    public interface Script {
        void answer(Request request, Reply reply) throws Exception;
    }

    private final String scheme;
    private final ServerSocket listener;
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger number = new AtomicInteger();
    private volatile Script script;

    public ScriptedUpstream(Script script) {
        this("http", ServerSocketFactory.getDefault(), script);
    }

    /** Over TLS. */
    public ScriptedUpstream(SSLContext certificate, Script script) {
        this("https", certificate.getServerSocketFactory(), script);
    }

    private ScriptedUpstream(String scheme, ServerSocketFactory sockets, Script script) {
        this.scheme = scheme;
        this.script = script;
        try {
            listener = sockets.createServerSocket();
            listener.bind(new InetSocketAddress("0.0.0.0", 0));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        start(this::accept);
    }

    public void script(Script next) {
        script = next;
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String url(String path) {
        return scheme + "://127.0.0.1:" + port() + path;
    }

    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            boolean goesOn = true;
            for (String line = in.readLine(); goesOn && line != null; line = goesOn ? in.readLine() : null) {
                Map<String, String> headers = new LinkedHashMap<>();
                for (String field = in.readLine(); field != null && !field.isEmpty(); field = in.readLine()) {
                    int colon = field.indexOf(':');
                    headers.put(
                            field.substring(0, colon).toLowerCase(Locale.ROOT),
                            field.substring(colon + 1).strip());
                }
                String path = line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
                Request request = new Request(number.incrementAndGet(), path, headers, socket.getLocalAddress());
                requests.add(request);
                Reply reply = new Reply(socket);
                script.answer(request, reply);
                goesOn = reply.whole;
            }
        } catch (IOException clientLeft) {
            // As clients may.
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        } finally {
            open.remove(socket);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "scripted-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : List.copyOf(open)) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** One connection's way back. */
    public static final class Reply {
        private final Socket socket;
        private final OutputStream out;
        private boolean whole;

        Reply(Socket socket) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
        }

        /** Status line and fields; names and values alternate. */
        public Reply head(int status, String... fields) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\n");
            for (int i = 0; i < fields.length; i += 2) {
                head.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
            }
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return this;
        }

        public Reply body(byte[] bytes, int from, int to) throws IOException {
            out.write(bytes, from, to - from);
            out.flush();
            return this;
        }

        public Reply body(byte[] bytes) throws IOException {
            return body(bytes, 0, bytes.length);
        }

        public Reply text(String text) throws IOException {
            return body(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public void status(int status, String... fields) throws IOException {
            List<String> all = new ArrayList<>(List.of(fields));
            all.addAll(List.of("Content-Length", "0"));
            head(status, all.toArray(String[]::new));
            whole = true;
        }

        /** RST instead of FIN. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Says nothing more until the other side leaves. */
        public void hang() throws IOException {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }

        /** As {@link #hang()}, while time passes. */
        public void hang(Runnable meanwhile) throws IOException {
            socket.setSoTimeout(20);
            while (true) {
                meanwhile.run();
                try {
                    if (socket.getInputStream().read() < 0) {
                        return;
                    }
                } catch (SocketTimeoutException stillThere) {
                    // More time passes.
                }
            }
        }

        /** As a good server answers, with or without a range. */
        public void good(Request request, byte[] content, String tag) throws IOException {
            good(request, content, tag, content.length);
        }

        /**
         * As a good server answers whose connection breaks.
         *
         * @param breaksAt byte of the content before which the connection is reset
         */
        public void good(Request request, byte[] content, String tag, int breaksAt) throws IOException {
            Matcher range = RANGE.matcher(request.header("Range"));
            boolean part = range.matches() && request.header("If-Range").equals(tag);
            int from = part ? Integer.parseInt(range.group(1)) : 0;
            int to = part && !range.group(2).isEmpty() ? Integer.parseInt(range.group(2)) + 1 : content.length;
            List<String> fields = new ArrayList<>(
                    List.of("ETag", tag, "Accept-Ranges", "bytes", "Content-Length", Integer.toString(to - from)));
            if (part) {
                fields.addAll(List.of("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + content.length));
            }
            head(part ? 206 : 200, fields.toArray(String[]::new));
            int end = Math.min(to, breaksAt);
            if (end > from) {
                body(content, from, end);
            }
            whole = breaksAt >= to;
            if (!whole) {
                reset();
            }
        }
    }
}

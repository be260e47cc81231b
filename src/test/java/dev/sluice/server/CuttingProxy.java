package dev.sluice.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A bad line between a client and a server, with a token for clients that cannot send one. Each 200 and 206 meets the next of the
 * cuts, as long as there are some; everything else passes byte for byte. One request a connection, one thread each.
 */
final class CuttingProxy implements AutoCloseable {
    /** The body ends after this many bytes, by FIN or by RST (which may take bytes back), when something else has happened. */
    record Cut(int after, boolean reset, Runnable meanwhile) {
        static Cut closedAfter(int bytes) {
            return new Cut(bytes, false, () -> {});
        }

        static Cut resetAfter(int bytes) {
            return new Cut(bytes, true, () -> {});
        }

        Cut meanwhile(Runnable event) {
            return new Cut(after, reset, event);
        }
    }

    /** Fields by name in lower case. */
    record Exchange(String request, Map<String, String> asked, int status, Map<String, String> answered) {
        String asked(String name) {
            return asked.getOrDefault(name, "no " + name);
        }

        String answered(String name) {
            return answered.getOrDefault(name, "no " + name);
        }
    }

    private final TestServer server;
    private final Optional<String> token;
    private final String path;
    private final Queue<Cut> cuts;
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    CuttingProxy(TestServer server, String token, Cut... cuts) throws IOException {
        this(server, Optional.of(token), "/", cuts);
    }

    /** Cuts nothing but what is under the path. */
    CuttingProxy(TestServer server, Optional<String> token, String path, Cut... cuts) throws IOException {
        this.server = server;
        this.token = token;
        this.path = path;
        this.cuts = new ConcurrentLinkedQueue<>(List.of(cuts));
        start(this::accept);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + path);
    }

    /** Those whose head was answered so far, in this order. */
    List<Exchange> exchanges() {
        return List.copyOf(exchanges);
    }

    void awaitExchanges(int count) throws InterruptedException {
        Instant deadline = Instant.now().plus(Browser.PATIENCE);
        while (exchanges.size() < count) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("only " + exchanges);
            }
            Thread.sleep(20);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            forward(client, upstream);
        } catch (IOException clientLeft) {
            // A browser closes connections as it likes; what it then lacks, the test sees.
        } catch (Throwable failure) {
            failures.add(failure);
        }
    }

    private void forward(Socket client, Socket upstream) throws IOException {
        List<String> request = head(client.getInputStream());
        if (request.isEmpty()) {
            return;
        }
        List<String> authorized = new ArrayList<>(request);
        authorized.removeIf(line -> line.toLowerCase(Locale.ROOT).startsWith("connection:"));
        authorized.add("Connection: close");
        token.ifPresent(one -> authorized.add("Authorization: Bearer " + one));
        write(authorized, upstream.getOutputStream());
        int body = Integer.parseInt(fields(request).getOrDefault("content-length", "0"));
        upstream.getOutputStream().write(client.getInputStream().readNBytes(body));
        InputStream in = new BufferedInputStream(upstream.getInputStream());
        List<String> response = head(in);
        int status = Integer.parseInt(response.get(0).split(" ", 3)[1]);
        boolean isMeant = request.get(0).contains(" " + path);
        if (isMeant) {
            exchanges.add(new Exchange(request.get(0), fields(request), status, fields(response)));
        }
        write(response, client.getOutputStream());
        Cut cut = isMeant && (status == 200 || status == 206) ? cuts.poll() : null;
        if (cut == null) {
            in.transferTo(client.getOutputStream());
            return;
        }
        byte[] kept = in.readNBytes(cut.after());
        if (kept.length < cut.after()) {
            throw new AssertionError("a body of " + kept.length + " cannot be cut after " + cut.after());
        }
        client.getOutputStream().write(kept);
        cut.meanwhile().run();
        client.setSoLinger(cut.reset(), 0);
    }

    private static void write(List<String> head, OutputStream out) throws IOException {
        out.write((String.join("\r\n", head) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The lines without the empty one; none at all when the peer closes before. */
    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n' && line.isEmpty()) {
                return lines;
            } else if (c == '\n') {
                lines.add(line.toString());
                line.setLength(0);
            } else if (c != '\r') {
                line.append((char) c);
            }
        }
        return List.of();
    }

    private static Map<String, String> fields(List<String> head) {
        Map<String, String> fields = new TreeMap<>();
        for (String line : head.subList(1, head.size())) {
            String[] field = line.split(":", 2);
            fields.put(field[0].toLowerCase(Locale.ROOT), field[1].strip());
        }
        return fields;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        if (!failures.isEmpty()) {
            throw new AssertionError("the proxy failed", failures.get(0));
        }
    }
}

package dev.sluice.storage.s3;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Stands before an S3 API and fails as it is told. Blocking; for test threads. */
public final class FaultyS3 implements AutoCloseable {
    /** What becomes of a request, or of its answer. */
    public sealed interface Fault {}

    /** It is answered with this status at once. */
    public record Status(int status) implements Fault {}

    /** So many bytes of the answer's body arrive, then the connection is reset. */
    public record Cut(int bytes) implements Fault {}

    /** So many bytes of the answer's body arrive, then nothing more. */
    public record Silent(int bytes) implements Fault {}

    /** The answer has another entity tag. */
    public record OtherTag() implements Fault {}

    /** A bit of the request's body is another when it arrives. */
    public record Flipped() implements Fault {}

    /** A request as it came. */
    public record Seen(String method, String uri, MultiMap headers) {
        /** For what is asked of an object, by method and the begin of its query. */
        boolean is(String wanted, String query) {
            return method.equals(wanted) && uri.contains(query);
        }
    }

    private record Planned(Predicate<Seen> which, Fault fault, AtomicInteger times) {}

    private final Vertx vertx = Vertx.vertx();
    private final HttpClientAgent client = vertx.createHttpClient();
    private final int target;
    private final int port;
    private final List<Planned> planned = Collections.synchronizedList(new ArrayList<>());
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger connections = new AtomicInteger();

    public FaultyS3(TestS3 s3) {
        this.target = s3.port();
        this.port = TestDatabase.await(vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                        .connectionHandler(connection -> {
                            connections.incrementAndGet();
                            connection.closeHandler(closed -> connections.decrementAndGet());
                        })
                        .requestHandler(this::pass)
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    /** Open now. */
    public int connections() {
        return connections.get();
    }

    /** All requests so far. */
    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** The next requests of this kind fail, so many of them. */
    public void fail(Predicate<Seen> which, Fault fault, int times) {
        planned.add(new Planned(which, fault, new AtomicInteger(times)));
    }

    /** The next GET of an object fails. */
    public void failRead(Fault fault) {
        fail(isRead(), fault, 1);
    }

    /** Of an object's bytes. */
    public static Predicate<Seen> isRead() {
        return request -> request.method().equals("GET") && request.headers().contains("Range");
    }

    public void repair() {
        planned.clear();
    }

    private Optional<Fault> fault(Seen request) {
        synchronized (planned) {
            return planned.stream()
                    .filter(plan -> plan.which().test(request) && plan.times().getAndDecrement() > 0)
                    .findFirst()
                    .map(Planned::fault);
        }
    }

    private void pass(HttpServerRequest request) {
        Seen asked = new Seen(
                request.method().name(),
                request.uri(),
                MultiMap.caseInsensitiveMultiMap().addAll(request.headers()));
        seen.add(asked);
        Optional<Fault> fault = fault(asked);
        request.body()
                .compose(body -> answer(request, body, fault.orElse(null)))
                .onFailure(failed -> request.connection().close());
    }

    private Future<Void> answer(
            HttpServerRequest request, Buffer body, @org.jspecify.annotations.Nullable Fault fault) {
        if (fault instanceof Status status) {
            return request.response().setStatusCode(status.status()).end();
        }
        if (fault instanceof Flipped) {
            body.setByte(0, (byte) (body.getByte(0) ^ 1));
        }
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setHost("127.0.0.1")
                .setPort(target)
                .setURI(request.uri())
                .setHeaders(request.headers());
        return client.request(options)
                .compose(open -> open.send(body))
                .compose(answer -> answer.body().compose(bytes -> {
                    HttpServerResponse response = request.response().setStatusCode(answer.statusCode());
                    response.headers().addAll(answer.headers()).remove("Transfer-Encoding");
                    if (fault instanceof OtherTag) {
                        response.putHeader("ETag", "\"another\"");
                    }
                    if (request.method().name().equals("HEAD") || answer.statusCode() == 204) {
                        return response.end();
                    }
                    response.putHeader("Content-Length", Integer.toString(bytes.length()));
                    if (fault instanceof Cut cut) {
                        return response.write(bytes.getBuffer(0, cut.bytes()))
                                .compose(sent -> request.connection().close());
                    }
                    if (fault instanceof Silent silent) {
                        return response.write(bytes.getBuffer(0, silent.bytes()));
                    }
                    return response.end(bytes);
                }));
    }

    @Override
    public void close() {
        TestDatabase.await(vertx.close());
    }
}

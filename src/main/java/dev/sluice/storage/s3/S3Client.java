package dev.sluice.storage.s3;

import dev.sluice.metrics.Meters;
import dev.sluice.storage.Blocking;
import dev.sluice.storage.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Requests to one bucket, signed. Its connections end with Vert.x. */
final class S3Client {
    /** As they are read from the socket, of files and of connections. Bytes. */
    private static final int PIECE = 64 << 10;

    /** Engines close idle connections after a few seconds more. */
    private static final int KEPT_ALIVE_SECONDS = 10;

    private final Vertx vertx;
    private final HttpClientAgent http;
    private final S3Signer signer;
    private final S3Address address;
    private final S3Limits limits;
    private final Meters meters;

    S3Client(Vertx vertx, S3Config config, S3Limits limits, Meters meters) {
        this.vertx = vertx;
        this.limits = limits;
        this.meters = meters;
        this.address = S3Address.of(config);
        this.signer = new S3Signer(config, address, Clock.systemUTC());
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(Math.toIntExact(limits.connect().toMillis()))
                .setKeepAliveTimeout(KEPT_ALIVE_SECONDS)
                .setMaxChunkSize(PIECE);
        config.authority()
                .ifPresent(chain -> options.setTrustOptions(new PemTrustOptions().addCertPath(chain.toString())));
        this.http = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp1MaxSize(config.maxConnections()))
                .build();
    }

    Vertx vertx() {
        return vertx;
    }

    S3Limits limits() {
        return limits;
    }

    URI presign(S3Request request, Duration validity) {
        return signer.presign(request, validity);
    }

    /**
     * Sends a request once. Any thread; a worker thread when the body is of a file, which is read before.
     *
     * @return the answer, whatever its status, paused before its body
     */
    Future<HttpClientResponse> begin(S3Request request) {
        return measured(request, begin(request, Duration.ZERO), answer -> S3Reply.outcome(answer.statusCode()));
    }

    /** Tells the meters that a request is made again. */
    void again(S3Request request) {
        meters.storeAskedAgain(request.operation());
    }

    /** An answer that does not come, or not whole, is {@code broken}. */
    private <T> Future<T> measured(S3Request request, Future<T> answer, Function<T, String> outcome) {
        long from = System.nanoTime();
        return answer.onComplete(done -> meters.storeAsked(
                request.operation(),
                done.succeeded() ? outcome.apply(done.result()) : "broken",
                Duration.ofNanos(System.nanoTime() - from)));
    }

    private Future<HttpClientResponse> begin(S3Request request, Duration idle) {
        SdkHttpRequest signed;
        try {
            signed = signer.sign(request);
        } catch (IOException unreadable) {
            return Future.failedFuture(unreadable);
        }
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setHost(address.host())
                .setPort(address.port())
                .setSsl(address.secure())
                .setConnectTimeout(limits.connect().toMillis())
                .setIdleTimeout(idle.toMillis())
                .setURI(target(signed));
        signed.forEachHeader((name, values) -> options.putHeader(name, String.join(",", values)));
        return http.request(options).compose(open -> {
            // Told before it is sent: of an answer that comes before anybody has paused it, the body is dropped.
            open.response().onSuccess(HttpClientResponse::pause);
            return send(open, request.body());
        });
    }

    private static String target(SdkHttpRequest signed) {
        return signed.encodedPath()
                + signed.encodedQueryParameters().map(query -> "?" + query).orElse("");
    }

    private Future<HttpClientResponse> send(HttpClientRequest open, S3Request.Body body) {
        if (body instanceof S3Request.Text text) {
            return open.send(Buffer.buffer(text.bytes()));
        }
        if (body instanceof S3Request.FilePart part) {
            return send(open, part);
        }
        if (!open.getMethod().equals(HttpMethod.GET) && !open.getMethod().equals(HttpMethod.HEAD)) {
            open.putHeader("Content-Length", "0");
        }
        return open.send();
    }

    private Future<HttpClientResponse> send(HttpClientRequest open, S3Request.FilePart part) {
        open.putHeader("Content-Length", Long.toString(part.length()));
        return vertx.fileSystem()
                .open(
                        part.file().toString(),
                        new OpenOptions().setRead(true).setWrite(false).setCreate(false))
                .compose(file -> open.send(file.setReadPos(part.offset())
                                .setReadLength(part.length())
                                .setReadBufferSize(PIECE))
                        .eventually(file::close))
                .onFailure(unsent -> open.reset());
    }

    /** Sends a request once, for the whole answer. Threads as of {@link #begin}. */
    Future<S3Reply> exchange(S3Request request) {
        Duration idle = request.body() instanceof S3Request.FilePart ? limits.upload() : limits.answer();
        Future<S3Reply> whole = begin(request, idle).compose(answer -> {
            Future<Buffer> body = answer.body();
            answer.resume();
            return body.map(bytes -> new S3Reply(answer.statusCode(), answer.headers(), bytes));
        });
        return measured(request, whole, S3Reply::outcome);
    }

    /**
     * Sends a request, again after a while when that may help. Worker thread.
     *
     * @throws StoreUnavailable when it did not
     */
    S3Reply ask(S3Request request) throws IOException {
        return settle(exchange(request), request);
    }

    /** As {@link #ask}, when the first attempt is under way. */
    S3Reply settle(Future<S3Reply> first, S3Request request) throws IOException {
        Future<S3Reply> attempt = first;
        for (int made = 1; ; made++) {
            boolean last = made == limits.attempts();
            try {
                S3Reply reply = Blocking.await(attempt);
                if (!reply.isTransient()) {
                    return reply;
                }
                if (last) {
                    throw reply.refused(request.method() + " " + request.key());
                }
            } catch (InterruptedIOException | StoreUnavailable failed) {
                throw failed;
            } catch (IOException broken) {
                if (last) {
                    throw new StoreUnavailable("the store did not answer", broken);
                }
            }
            Blocking.await(pause(made));
            again(request);
            attempt = exchange(request);
        }
    }

    private Future<Boolean> pause(int attemptsMade) {
        return vertx.timer(limits.pause(attemptsMade).toMillis(), TimeUnit.MILLISECONDS)
                .map(true);
    }
}

package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * The way out of this server. Each connection, that of a redirect too, goes to a host that is allowed and to an address that was
 * checked after the name was resolved: the very address is handed to the socket, so that a name cannot change its meaning in between.
 * Event loop.
 */
final class Upstream {
    private static final int MOST_REDIRECTS = 10;
    private static final int MOST_CONNECTIONS = 1024;
    private static final int MOST_HEADER_BYTES = 32 * 1024;
    private static final int LONGEST_CONNECT_MILLIS = 30_000;

    private final HttpClient client;
    private final AllowedHosts allowed;
    private final UpstreamCredentials credentials;
    private final Surroundings surroundings;

    Upstream(
            Vertx vertx,
            AllowedHosts allowed,
            UpstreamCredentials credentials,
            TrustedAuthorities authorities,
            FetchLimits limits,
            Surroundings surroundings) {
        this.allowed = allowed;
        this.credentials = credentials;
        this.surroundings = surroundings;
        // Connections are not kept: each was checked for one request. HTTP/1.1, for ranges side by side are
        // connections.
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false)
                .setDecompressionSupported(false)
                .setMaxHeaderSize(MOST_HEADER_BYTES)
                .setConnectTimeout((int)
                        Math.min(LONGEST_CONNECT_MILLIS, limits.stallTimeout().toMillis()));
        authorities.options().ifPresent(options::setTrustOptions);
        this.client = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS));
    }

    /** A head has come; its body waits in the inlet. */
    record Answer(Target target, HttpClientRequest request, HttpClientResponse response, Inlet inlet) {
        /** Breaks the connection. */
        void abort() {
            request.reset();
        }
    }

    /**
     * Sends a GET and follows where it leads.
     *
     * @param range value of {@code Range}, asked together with {@code If-Range}
     * @param started told of each request, so that the caller can reset it at any time
     * @return an answer that is no redirect
     */
    Future<Answer> get(String url, Optional<Condition> range, Consumer<HttpClientRequest> started) {
        try {
            return get(Target.of(url), range, started, 0);
        } catch (FetchFailed refused) {
            return Future.failedFuture(refused);
        }
    }

    /**
     * A part of what was already begun.
     *
     * @param range as in {@code Range}
     * @param tag strong, as in {@code If-Range}
     */
    record Condition(String range, String tag) {}

    private Future<Answer> get(
            Target target, Optional<Condition> range, Consumer<HttpClientRequest> started, int redirects) {
        return checked(target)
                .compose(address -> client.request(options(target, address, range)))
                .compose(request -> {
                    started.accept(request);
                    return request.send()
                            .map(response -> new Answer(target, request, response, new Inlet(request, response)));
                })
                .recover(failure -> Future.failedFuture(named(target, failure)))
                .compose(answer -> follow(answer, range, started, redirects));
    }

    private Future<Answer> follow(
            Answer answer, Optional<Condition> range, Consumer<HttpClientRequest> started, int redirects) {
        String location = answer.response().getHeader(HttpHeaders.LOCATION);
        switch (answer.response().statusCode()) {
            case 301, 302, 303, 307, 308 -> {
                answer.abort();
                if (redirects == MOST_REDIRECTS) {
                    return Future.failedFuture(
                            new FetchFailed(Reason.BAD_ANSWER, answer.target() + " leads to more than 10 redirects"));
                }
                if (location == null) {
                    return Future.failedFuture(
                            new FetchFailed(Reason.BAD_ANSWER, answer.target() + " redirects to nowhere"));
                }
                try {
                    Target next = answer.target().redirected(location);
                    if (answer.target().tls() && !next.tls()) {
                        return Future.failedFuture(
                                new FetchFailed(Reason.REFUSED, answer.target() + " redirects from https to http"));
                    }
                    return get(next, range, started, redirects + 1);
                } catch (FetchFailed refused) {
                    return Future.failedFuture(refused);
                }
            }
            default -> {
                return Future.succeededFuture(answer);
            }
        }
    }

    private RequestOptions options(Target target, InetAddress address, Optional<Condition> range) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                // To this address; the name is for the Host field and the certificate.
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, target.port())))
                .setHost(target.bracketed())
                .setPort(target.port())
                .setSsl(target.tls())
                .setURI(target.pathAndQuery())
                .setFollowRedirects(false)
                .putHeader(HttpHeaders.USER_AGENT, "sluice")
                .putHeader(HttpHeaders.ACCEPT, "*/*")
                // RFC 9110 §12.5.3: the bytes as they are.
                .putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
        range.ifPresent(asked -> options.putHeader("Range", asked.range()).putHeader("If-Range", asked.tag()));
        credentials
                .of(target)
                .ifPresent(
                        field -> options.putHeader(field.name(), field.value().reveal()));
        return options;
    }

    private Future<InetAddress> checked(Target target) {
        if (!allowed.permits(target.host(), target.port())) {
            return Future.failedFuture(new FetchFailed(
                    Reason.REFUSED, target.bracketed() + " is not among the hosts that files may be fetched from"));
        }
        return AllowedHosts.literal(target.host())
                .map(literal -> Future.succeededFuture(List.of(literal)))
                .orElseGet(() -> surroundings.resolver().resolve(target.host()))
                .compose(addresses -> addresses.stream()
                        .filter(address -> surroundings.isPublic().test(address)
                                || allowed.names(target.host(), target.port(), address))
                        .findFirst()
                        .map(Future::succeededFuture)
                        .orElseGet(() -> Future.failedFuture(new FetchFailed(
                                Reason.REFUSED, target.bracketed() + " has no address on the public internet"))));
    }

    /** What went wrong, in words that show nothing of the request. */
    private static Throwable named(Target target, Throwable failure) {
        if (failure instanceof FetchFailed) {
            return failure;
        }
        if (failure instanceof UnknownHostException) {
            return new FetchFailed(Reason.UNREACHABLE, "The name " + target.bracketed() + " cannot be resolved");
        }
        if (failure instanceof SSLException) {
            return new FetchFailed(Reason.UNREACHABLE, target + ": no secure connection can be made");
        }
        return new FetchFailed(Reason.UNREACHABLE, target + " cannot be reached or breaks the connection");
    }

    Future<Void> close() {
        return client.close();
    }
}

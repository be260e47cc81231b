package dev.sluice.server;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;

/** How clients are listened to. */
final class HttpListener {
    /** Vert.x shares a free port among the instances of a verticle when it is negative. */
    private static final int ANY_PORT = -1;

    private static final int BACKLOG = 4096;

    /** What is handed to an upload at once; Vert.x's default of 8 KiB costs as many turns of the event loop. Bytes. */
    private static final int CHUNK = 64 << 10;

    private HttpListener() {}

    static HttpServerOptions options(ServerConfig.Http http) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(http.host())
                .setPort(http.port() == 0 ? ANY_PORT : http.port())
                .setMaxHeaderSize((int) http.maxHeaderSize().bytes())
                .setMaxInitialLineLength((int) http.maxHeaderSize().bytes())
                .setMaxChunkSize(CHUNK)
                .setAcceptBacklog(BACKLOG)
                // An idle timeout does not see the bytes of file regions and would cut slow downloads that live.
                .setIdleTimeout(0)
                // Nobody needs it, proxies are tricked by its upgrade, and a connection would be unseen before its
                // first head.
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
        http.tls().ifPresent(tls -> secure(options, tls));
        return options;
    }

    private static void secure(HttpServerOptions options, ServerConfig.Tls tls) {
        options.setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(tls.certificate().toString())
                        .setKeyPath(tls.key().toString()))
                .setSslEngineOptions(
                        OpenSSLEngineOptions.isAvailable() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions());
    }
}

package dev.sluice.access;

import static dev.sluice.access.Verifiers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.Router;
import io.vertx.junit5.VertxExtension;
import java.security.KeyPair;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class BearerAuthenticationTest {
    private static final KeyPair KEYS = Jws.keysFor("ES512");

    /** The body arrives while a worker checks the signature, and must wait for its reader. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 3_000_000})
    void aBodySentWithATokenThatTakesTimeArrivesWhole(int length, Vertx vertx) {
        HttpServer server = server(vertx);
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = (byte) (i * 31);
        }

        Buffer echoed = await(vertx.createHttpClient()
                .request(new RequestOptions()
                        .setMethod(HttpMethod.PUT)
                        .setHost("127.0.0.1")
                        .setPort(server.actualPort())
                        .setURI("/")
                        .putHeader("Authorization", "Bearer " + Jws.token("ES512", KEYS.getPrivate(), "any")))
                .compose(request -> request.send(Buffer.buffer(body)))
                .compose(response -> response.body()));

        assertThat(echoed.toString()).isEqualTo("alice " + Arrays.hashCode(body));
    }

    @Test
    void aRequestWithTwoAuthorizationHeadersIsRefused(Vertx vertx) {
        HttpServer server = server(vertx);
        String header = "Bearer " + Jws.token("ES512", KEYS.getPrivate(), "any");

        int status = await(vertx.createHttpClient()
                .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
                .compose(request -> {
                    request.headers().add("Authorization", header).add("Authorization", header);
                    return request.send();
                })
                .map(response -> response.statusCode()));

        assertThat(status).isEqualTo(500);
    }

    private static HttpServer server(Vertx vertx) {
        TokenVerifier verifier = Verifiers.verifier(vertx, Verifiers.pem(Jws.pem(KEYS.getPublic())));
        Router router = Router.router(vertx);
        router.route().handler(new BearerAuthentication(verifier));
        router.route()
                .handler(ctx -> ctx.request()
                        .body()
                        .onSuccess(body -> ctx.response()
                                .end(Authenticated.subject(ctx).owner() + " " + Arrays.hashCode(body.getBytes()))));
        return await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }
}

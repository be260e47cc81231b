package dev.sluice.access;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyPair;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does a token cost that was never seen, honest or forged? All that {@link TokenVerifier} does with it, but for the way to the threads
 * on which public keys work and back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TokenSignatureBenchmark {
    /** A power of two. */
    private static final int TOKENS = 16;

    @Param({"HS256", "RS256", "PS256", "ES256", "EdDSA"})
    public String algorithm;

    private final Vertx vertx = Vertx.vertx();
    private final ClaimRules rules = new ClaimRules(Optional.empty(), Optional.empty());
    private KeySet keys;
    private List<String> honest;
    private List<String> forged;
    private int next;

    @Setup
    public void sign() throws IOException {
        Key signing;
        VerificationKey verifying;
        if (algorithm.startsWith("HS")) {
            signing = Jws.secret("HmacSHA256");
            verifying = VerificationKey.secret(Jws.SECRET.getBytes(StandardCharsets.UTF_8));
        } else {
            KeyPair pair = Jws.keysFor(algorithm);
            signing = pair.getPrivate();
            String jwk = Jws.jwk(pair.getPublic(), "k", "");
            verifying = VerificationKey.of(vertx, (ObjectNode) new ObjectMapper().readTree(jwk));
        }
        keys = new KeySet(List.of(verifying), Verifiers.FIXED);
        String header = "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}";
        honest = IntStream.range(0, TOKENS)
                .mapToObj(i -> Jws.sign(algorithm, signing, header, Jws.claims(",\"jti\":" + i)))
                .toList();
        forged = IntStream.range(0, TOKENS).mapToObj(this::forged).toList();
    }

    /** One token's claims under the signature of another. */
    private String forged(int i) {
        String claims = honest.get(i);
        String signature = honest.get((i + 1) % TOKENS);
        return claims.substring(0, claims.lastIndexOf('.')) + signature.substring(signature.lastIndexOf('.'));
    }

    @TearDown
    public void close() {
        Verifiers.await(vertx.close());
    }

    @Benchmark
    public Subject honest() {
        return verified(honest.get(next++ & TOKENS - 1)).result();
    }

    @Benchmark
    public Throwable forged() {
        return verified(forged.get(next++ & TOKENS - 1)).cause();
    }

    private Future<Subject> verified(String text) {
        CompactToken token = CompactToken.parse(text);
        Subject subject = rules.check(token.claims(), Verifiers.FIXED.instant());
        KeySet.Lookup.Found found = (KeySet.Lookup.Found) keys.find(token);
        return found.key().verify(token).map(proven -> subject);
    }
}

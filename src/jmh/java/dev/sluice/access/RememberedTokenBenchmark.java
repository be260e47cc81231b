package dev.sluice.access;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does a token cost that was verified before, and what are refusals without a key? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RememberedTokenBenchmark {
    /** A power of two. */
    private static final int TOKENS = 256;

    private final Vertx vertx = Vertx.vertx();
    private final TokenVerifier verifier = Verifiers.verifier(vertx, Verifiers.secret(Jws.SECRET));
    private final List<String> remembered = tokens("");
    private final List<String> early =
            tokens(",\"nbf\":" + Jws.NOW.plusSeconds(60).getEpochSecond());
    private int next;

    /** From the second time on they are. */
    @Setup
    public void remember() {
        for (int time = 1; time <= 2; time++) {
            remembered.forEach(token -> Verifiers.verified(verifier, token));
        }
    }

    @TearDown
    public void close() {
        Verifiers.await(verifier.close());
        Verifiers.await(vertx.close());
    }

    @Benchmark
    public Optional<String> header() {
        return BearerToken.from("Bearer " + remembered.get(next++ & TOKENS - 1));
    }

    @Benchmark
    public Subject remembered() {
        return verifier.verify(remembered.get(next++ & TOKENS - 1)).result();
    }

    @Benchmark
    public Throwable notYetValid() {
        return verifier.verify(early.get(next++ & TOKENS - 1)).cause();
    }

    @Benchmark
    public Throwable noToken() {
        Future<Subject> refused = verifier.verify("password" + next++);
        return refused.cause();
    }

    private static List<String> tokens(String more) {
        return IntStream.range(0, TOKENS)
                .mapToObj(i -> Jws.hs256(Jws.claims(more + ",\"jti\":" + i)))
                .toList();
    }
}

package dev.sluice.server;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.Scope;
import dev.sluice.access.TokenIssuer;
import dev.sluice.demo.DemoTrainer;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/** Trains the demo's models as a trainer would, over the API, and prints what a newcomer can paste. */
final class DemoSession {
    private static final String OWNER = "demo";
    private static final Duration VALIDITY = Duration.ofHours(24);

    private final PrintStream out;
    private final AccessConfig access;
    private final Path workspace;
    private final URI server;

    DemoSession(PrintStream out, AccessConfig access, Path workspace, int port) {
        this.out = out;
        this.access = access;
        this.workspace = workspace;
        this.server = URI.create("http://localhost:" + port);
    }

    /** The configured keys, or a secret that lives as long as this process. */
    static AccessConfig access(AccessConfig configured) {
        if (configured.jwtSecret().isPresent()) {
            return configured;
        }
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return new AccessConfig(
                Optional.of(Base64.getEncoder().encodeToString(secret)),
                Optional.empty(),
                Optional.empty(),
                configured.jwksRefresh(),
                configured.issuer(),
                configured.audience());
    }

    void run() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            TokenIssuer tokens = new TokenIssuer(vertx, access, Clock.systemUTC());
            out.println("Training the demo's models ...");
            new DemoTrainer(server, tokens.issue(OWNER, Set.of(Scope.INGEST), VALIDITY), workspace).train();
            Instant expiry = Instant.now().plus(VALIDITY).truncatedTo(ChronoUnit.SECONDS);
            print(tokens.issue(OWNER, Set.of(), VALIDITY), expiry);
        } finally {
            vertx.close();
        }
    }

    private void print(String token, Instant expiry) {
        String authorization = "-H 'Authorization: Bearer " + token + "' ";
        String model = server + "/api/training/" + DemoTrainer.LANGUAGE_MODEL + "/download/";
        out.println();
        out.println("Sluice " + Version.CURRENT + " is ready at " + server);
        out.println();
        out.println("The pages: " + server + "/models");
        out.println("Sign in with the token of the owner 'demo', until " + expiry + ":");
        out.println(token);
        out.println();
        out.println("List the jobs, take the trained model as a zip, take the logs:");
        out.println("curl -fsS " + authorization + server + "/api/training/jobs");
        out.println("curl -f " + authorization + "-o model_" + DemoTrainer.LANGUAGE_MODEL + ".zip " + model + "model");
        out.println("curl -f " + authorization + "-o logs_" + DemoTrainer.LANGUAGE_MODEL + ".zip " + model + "logs");
        out.println();
        out.println("Ctrl-C ends it; what it made stays in the data directory.");
    }
}

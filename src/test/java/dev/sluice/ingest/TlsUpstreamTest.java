package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.digested;
import static dev.sluice.ingest.Fetching.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ingest.FetchFailed.Reason;
import dev.sluice.server.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upstreams by https, whose certificate is for localhost and of an authority of our own. 127.0.0.2 stands for the internet. */
class TlsUpstreamTest {
    private static final byte[] CONTENT = random(300_000, 1);

    private static final TestCertificate CERTIFICATE = TestCertificate.make();

    private final ScriptedUpstream upstream =
            new ScriptedUpstream(CERTIFICATE.showing(), (request, reply) -> reply.good(request, CONTENT, TAG));

    @TempDir
    Path directory;

    @AfterAll
    static void forget() throws IOException {
        CERTIFICATE.close();
    }

    @AfterEach
    void close() {
        upstream.close();
    }

    private Fetching fetching(TrustedAuthorities authorities, String... allowed) throws IOException {
        Fetching fetching = new Fetching(directory.resolve("partials"), UpstreamCredentials.NONE, authorities, allowed);
        fetching.addresses.add("127.0.0.2");
        return fetching;
    }

    private String at(String host) {
        return "https://" + host + ":" + upstream.port() + "/file";
    }

    @Test
    void anAuthorityThatIsNamedIsTrustedAndAFetchThatBreaksIsResumed() throws Exception {
        upstream.script((request, reply) ->
                reply.good(request, CONTENT, TAG, request.number() == 1 ? 100_000 : CONTENT.length));
        try (Fetching fetching = fetching(TrustedAuthorities.read(CERTIFICATE.chain()), "localhost")) {
            assertThat(fetching.fetch(digested(CONTENT, at("localhost")))).isEqualTo(CONTENT);
            assertThat(upstream.requests()).hasSizeGreaterThan(1).first().satisfies(request -> {
                assertThat(request.address().getHostAddress()).isEqualTo("127.0.0.2");
                assertThat(request.header("Host")).isEqualTo("localhost:" + upstream.port());
            });
        }
    }

    @Test
    void aCertificateOfNobodyKnownIsRefused() throws Exception {
        try (Fetching fetching = fetching(TrustedAuthorities.OF_THE_JDK, "localhost")) {
            assertThat(fetching.failure(digested(CONTENT, at("localhost"))))
                    .hasMessageContaining("no secure connection can be made");
            assertThat(upstream.requests()).isEmpty();
        }
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        try (Fetching fetching = fetching(TrustedAuthorities.read(CERTIFICATE.chain()), "models.example")) {
            assertThat(fetching.failure(digested(CONTENT, at("models.example"))))
                    .hasMessageContaining("no secure connection can be made");
            assertThat(upstream.requests()).isEmpty();
        }
    }

    @Test
    void aRedirectThatLeavesTlsIsNotFollowed() throws Exception {
        upstream.script((request, reply) -> reply.status(302, "Location", "http://localhost/file"));
        try (Fetching fetching = fetching(TrustedAuthorities.read(CERTIFICATE.chain()), "localhost")) {
            assertThat(fetching.failure(digested(CONTENT, at("localhost")))).satisfies(failure -> {
                assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
                assertThat(failure).hasMessageContaining("redirects from https to http");
            });
        }
    }

    @Test
    void aFileWithoutCertificatesIsRefusedAtTheStart() throws Exception {
        for (String wrong :
                new String[] {"", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
            Path file = Files.writeString(directory.resolve("wrong.pem"), wrong);
            assertThatThrownBy(() -> TrustedAuthorities.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("wrong.pem");
        }
    }
}

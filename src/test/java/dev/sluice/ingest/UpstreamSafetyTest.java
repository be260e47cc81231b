package dev.sluice.ingest;

import static dev.sluice.ingest.Fetching.TAG;
import static dev.sluice.ingest.Fetching.random;
import static dev.sluice.ingest.Fetching.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ingest.FetchFailed.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a fetch goes, and what it says there. 127.0.0.2 stands for the internet here, 127.0.0.1 for what must not be reached. */
class UpstreamSafetyTest {
    private static final byte[] CONTENT = random(10_000, 1);

    private final ScriptedUpstream upstream =
            new ScriptedUpstream((request, reply) -> reply.good(request, CONTENT, TAG));

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        upstream.close();
    }

    private Fetching fetching(String... allowed) throws IOException {
        return new Fetching(directory.resolve("partials"), allowed);
    }

    private String at(String host, String path) {
        return "http://" + host + ":" + upstream.port() + path;
    }

    @Test
    void theAddressThatWasCheckedIsTheOneConnectedToWhateverTheNameMeansNext() throws Exception {
        try (Fetching fetching = fetching("models.example")) {
            fetching.addresses.addAll(List.of("127.0.0.2", "127.0.0.1"));
            assertThat(fetching.fetch(request(at("models.example", "/file")))).isEqualTo(CONTENT);
            assertThat(fetching.resolved).as("asked once").containsExactly("models.example");
            assertThat(upstream.requests()).singleElement().satisfies(request -> {
                assertThat(request.address().getHostAddress()).isEqualTo("127.0.0.2");
                assertThat(request.header("Host")).isEqualTo("models.example:" + upstream.port());
            });
            // The name means the inside now.
            assertThat(fetching.failure(request(at("models.example", "/file"))).reason())
                    .isEqualTo(Reason.REFUSED);
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void aNameThatChangesItsMeaningBetweenTwoTriesIsCheckedAgain() throws Exception {
        upstream.script((request, reply) -> reply.status(500));
        try (Fetching fetching = fetching("models.example")) {
            fetching.addresses.addAll(List.of("127.0.0.2", "127.0.0.2", "127.0.0.1"));
            assertThat(fetching.failure(request(at("models.example", "/file"))).reason())
                    .isEqualTo(Reason.REFUSED);
            assertThat(upstream.requests())
                    .extracting(request -> request.address().getHostAddress())
                    .containsExactly("127.0.0.2", "127.0.0.2");
        }
    }

    @Test
    void anEntryForANameDoesNotAllowAnAddressOfTheInside() throws Exception {
        try (Fetching fetching = fetching("models.example", "*.example", "127.0.0.1")) {
            fetching.addresses.add("127.0.0.1");
            FetchFailed failure = fetching.failure(request(at("models.example", "/file")));
            assertThat(failure).hasMessage("models.example has no address on the public internet");
            assertThat(upstream.requests()).isEmpty();
        }
    }

    @Test
    void anEntryThatIsTheAddressAllowsIt() throws Exception {
        try (Fetching fetching = fetching("127.0.0.1:" + upstream.port())) {
            assertThat(fetching.fetch(request(at("127.0.0.1", "/file")))).isEqualTo(CONTENT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://other.example/x",
                "http://models.example.evil/x",
                "ftp://models.example/x",
                "file:///etc/passwd",
                "http://user:password@models.example/x",
                "//models.example/x",
                "http:///x",
                "not a url"
            })
    void otherHostsAndSchemesAreRefusedWithoutAConnection(String url) throws Exception {
        try (Fetching fetching = fetching("models.example")) {
            fetching.addresses.add("127.0.0.2");
            assertThat(fetching.failure(request(url)).reason()).isEqualTo(Reason.REFUSED);
            assertThat(fetching.resolved).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:%d/secret", "http://inside.example:%d/secret", "file:///etc/passwd"})
    void aRedirectIsCheckedLikeTheFirstUrl(String target) throws Exception {
        upstream.script((request, reply) -> {
            if (request.path().equals("/file")) {
                reply.status(302, "Location", target.formatted(upstream.port()));
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        try (Fetching fetching = fetching("models.example", "inside.example")) {
            fetching.addresses.addAll(List.of("127.0.0.2", "127.0.0.1"));
            assertThat(fetching.failure(request(at("models.example", "/file"))).reason())
                    .isEqualTo(Reason.REFUSED);
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    @Test
    void aRedirectToAnAllowedHostIsFollowedAndResumedFromTheFirstUrl() throws Exception {
        upstream.script((request, reply) -> {
            if (request.path().equals("/file")) {
                reply.status(307, "Location", at("cdn.example", "/bytes?signature=x"));
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        try (Fetching fetching = fetching("models.example", "*.example")) {
            fetching.addresses.add("127.0.0.2");
            assertThat(fetching.fetch(request(at("models.example", "/file")))).isEqualTo(CONTENT);
            assertThat(fetching.resolved).containsExactly("models.example", "cdn.example");
            assertThat(upstream.requests().get(1).path()).isEqualTo("/bytes?signature=x");
        }
    }

    @Test
    void credentialsGoToTheirHostAndNeverAlongWithARedirect() throws Exception {
        Path file = Files.writeString(
                directory.resolve("credentials.yaml"), "models.example: \"Authorization: Bearer hf_secret\"\n");
        upstream.script((request, reply) -> {
            if (request.path().equals("/file")) {
                reply.status(302, "Location", at("cdn.example", "/bytes"));
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        try (Fetching fetching =
                new Fetching(directory.resolve("partials"), UpstreamCredentials.read(file), "*.example")) {
            fetching.addresses.add("127.0.0.2");
            assertThat(fetching.fetch(request(at("models.example", "/file")))).isEqualTo(CONTENT);
            assertThat(upstream.requests())
                    .extracting(request -> request.header("Authorization"))
                    .containsExactly("Bearer hf_secret", "");
        }
    }

    @Test
    void aCredentialsFileThatIsWrongIsRefusedWithoutShowingItsValues() throws Exception {
        for (String wrong : List.of(
                "models.example: hf_secret\n",
                "models.example: [hf_secret]\n",
                "\"models example\": \"Authorization: hf_secret\"\n",
                "- hf_secret\n",
                "models.example: \"Authorization: hf_secret\\r\\nX: y\"\n",
                "{ hf_secret\n")) {
            Path file = Files.writeString(directory.resolve("credentials.yaml"), wrong);
            assertThatThrownBy(() -> UpstreamCredentials.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageNotContaining("hf_secret")
                    .hasNoCause();
        }
    }

    @Test
    void neitherCredentialsNorSignaturesOfUrlsAreLoggedOrTold() throws Exception {
        Path file = Files.writeString(
                directory.resolve("credentials.yaml"), "models.example: \"Authorization: Bearer hf_canary\"\n");
        upstream.script((request, reply) -> {
            switch (request.number()) {
                case 1 -> reply.status(302, "Location", at("cdn.example", "/busy?sig=canary"));
                case 2 -> reply.status(503, "X-Told", request.header("Authorization"));
                case 3 -> reply.status(302, "Location", at("cdn.example", "/gone?sig=canary"));
                default -> reply.status(404);
            }
        });
        try (LogLines log = LogLines.of("dev.sluice");
                Fetching fetching =
                        new Fetching(directory.resolve("partials"), UpstreamCredentials.read(file), "*.example")) {
            fetching.addresses.add("127.0.0.2");
            FetchFailed failure = fetching.failure(request(at("models.example", "/file?token=canary")));
            assertThat(failure).hasMessageContaining("cdn.example").hasMessageNotContaining("canary");
            assertThat(log.lines())
                    .anyMatch(line -> line.contains("tried again"))
                    .noneMatch(line -> line.contains("canary"));
            assertThat(upstream.requests().get(0).header("Authorization")).isEqualTo("Bearer hf_canary");
        }
    }
}

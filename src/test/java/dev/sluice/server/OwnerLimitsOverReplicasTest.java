package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two servers on one database and one volume, with a limit of 4 downloads an owner, held by clients that do not read. Each test has an
 * owner of its own, for what was heard is heard for a while.
 */
class OwnerLimitsOverReplicasTest {
    private static TestServer one;
    private static TestServer other;

    private final List<RawConnection> holders = new ArrayList<>();

    @BeforeAll
    static void start() {
        one = limited().start();
        other = limited().beside(one).start();
    }

    private static TestServer.Builder limited() {
        return TestServer.builder()
                .with("delivery.max-streams-per-owner", "4")
                .with("delivery.stall-timeout", "1h")
                .impatientQueue();
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
    }

    @AfterEach
    void everyPermitComesBack() throws Exception {
        for (RawConnection holder : holders) {
            holder.close();
        }
        new Metrics(one).awaitIdle();
        new Metrics(other).awaitIdle();
    }

    private static String big(String owner) throws IOException {
        return BigFile.of(one, owner, "of-" + owner);
    }

    /** Takes a place and keeps it. */
    private RawConnection hold(TestServer server, String owner, String path, String... lines) throws IOException {
        RawConnection holder = RawConnection.to(server);
        holders.add(holder);
        assertThat(holder.head("GET", server.token(owner), path, lines)
                        .receive("HEAD")
                        .status())
                .isIn(200, 206);
        return holder;
    }

    private static HttpResponse<byte[]> small(TestServer server, String owner) {
        return server.get(server.token(owner), "/api/training/of-" + owner + "/files/model/small.bin");
    }

    @Test
    void whatAnOwnerHasUnderWayOnOneCountsOnTheOtherUntilItEnds() throws Exception {
        String path = big("alice");
        big("bob");
        for (int i = 0; i < 3; i++) {
            hold(one, "alice", path);
        }
        // One permit.
        for (int i = 0; i < 3; i++) {
            hold(one, "alice", path, "Range: bytes=" + i + "-");
        }
        Models.eventually(() -> assertProblem(small(other, "alice"), 429));
        assertThat(new Metrics(other).value("sluice_refusals_total{class=\"stream\",reason=\"owner\"}"))
                .isPositive();
        assertThat(small(other, "bob").statusCode()).isEqualTo(200);
        hold(one, "alice", path, "Range: bytes=9-");
        assertThat(new Metrics(one).value("sluice_downloads_active"))
                .as("ranges share a permit as ever")
                .isEqualTo(4);

        for (RawConnection holder : holders) {
            holder.close();
        }
        Models.eventually(() -> assertThat(small(other, "alice").statusCode()).isEqualTo(200));
    }

    @Test
    void halfHereAndHalfThereIsAllThatAnOwnerMayHave() throws Exception {
        String path = big("carol");
        RawConnection first = hold(one, "carol", path);
        hold(one, "carol", path);
        hold(other, "carol", path);
        hold(other, "carol", path);
        for (TestServer server : List.of(one, other)) {
            Models.eventually(() -> assertProblem(small(server, "carol"), 429));
        }
        first.close();
        Models.eventually(() -> assertThat(small(other, "carol").statusCode()).isEqualTo(200));
    }
}

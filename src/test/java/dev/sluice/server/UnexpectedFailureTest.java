package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A fault of ours: the client learns by which name to ask for it, the log has all the rest. */
class UnexpectedFailureTest {
    private final Logger log = (Logger) LoggerFactory.getLogger(ProblemMapper.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.builder().start();
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        log.addAppender(lines);
    }

    @AfterEach
    void stop() {
        log.detachAppender(lines);
        server.close();
    }

    @Test
    void theLogNamesTheRouteAndTheCauseAndTheClientIsToldNothingOfThem() throws Exception {
        server.completed("ann", "run-1", Map.of());
        try (Connection connection = server.database().owner();
                Statement statement = connection.createStatement()) {
            statement.execute("alter table sluice.job_metrics rename to elsewhere");
        }
        HttpResponse<byte[]> response = server.get(server.token("ann"), "/api/training/run-1/metrics");
        assertProblem(response, 500, "An unexpected error occurred");
        String id = json(response).getString("instance");
        assertThat(response.headers().firstValue("X-Request-Id")).hasValue(id);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).doesNotContain("job_metrics", "relation");
        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage())
                    .isEqualTo("GET /api/training/:job_id/metrics failed with 500 [" + id + "]");
            assertThat(line.getThrowableProxy().getMessage()).contains("relation \"job_metrics\" does not exist");
        });
        assertThat(server.get(server.token("ann"), "/api/training/jobs/run-1").statusCode())
                .as("of others")
                .isEqualTo(200);
    }
}

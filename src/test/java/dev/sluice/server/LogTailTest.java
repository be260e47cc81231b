package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogTailTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonObject tail(String job, long after) {
        return json(server.get(server.token("alice"), "/api/training/" + job + "/tail?after=" + after));
    }

    @Test
    void aJobThatWroteNothingSaysNothing() {
        server.register("alice", "silent");
        assertThat(tail("silent", 0)).isEqualTo(new JsonObject().putNull("log").putNull("progress"));
    }

    @Test
    void eachLookGoesOnWhereTheLastOneEnded() {
        server.register("alice", "growing");
        server.write("growing", "training.log", "one\n".getBytes(UTF_8));
        JsonObject first = tail("growing", 0).getJsonObject("log");
        assertThat(first.getString("text")).isEqualTo("one\n");
        server.write("growing", "training.log", "one\ntwo\n".getBytes(UTF_8));
        JsonObject second = tail("growing", first.getLong("next")).getJsonObject("log");
        assertThat(second.getString("text")).isEqualTo("two\n");
        assertThat(tail("growing", second.getLong("next")).getJsonObject("log").getString("text"))
                .isEmpty();
    }

    @Test
    void aCharacterThatIsNotWholeYetWaitsForItsRest() {
        server.register("alice", "umlaut");
        byte[] whole = "schön".getBytes(UTF_8);
        server.write("umlaut", "training.log", Arrays.copyOf(whole, 4));
        JsonObject first = tail("umlaut", 0).getJsonObject("log");
        assertThat(first.getString("text")).isEqualTo("sch");
        server.write("umlaut", "training.log", whole);
        assertThat(tail("umlaut", first.getLong("next")).getJsonObject("log").getString("text"))
                .isEqualTo("ön");
    }

    @Test
    void ofALongLogOnlyTheEndIsRead() {
        server.register("alice", "long");
        server.write(
                "long", "training.log", ("x".repeat(999) + "\n").repeat(1000).getBytes(UTF_8));
        JsonObject log = tail("long", 0).getJsonObject("log");
        assertThat(log.getString("text")).hasSize(65_536);
        assertThat(log.getLong("from")).isEqualTo(1_000_000 - 65_536);
        assertThat(log.getLong("next")).isEqualTo(1_000_000);
    }

    @Test
    void aLogThatBeganAnewIsReadFromItsBeginning() {
        server.register("alice", "anew");
        server.write("anew", "training.log", "again\n".getBytes(UTF_8));
        JsonObject log = tail("anew", 5_000).getJsonObject("log");
        assertThat(log.getString("text")).isEqualTo("again\n");
        assertThat(log.getLong("from")).isZero();
    }

    @Test
    void progressIsInTheTrainersWordsAndNothingWhileItIsNoJson() {
        server.register("alice", "told");
        server.write("told", "progress.json", "{\"step\":5,\"total_steps\":10}".getBytes(UTF_8));
        assertThat(tail("told", 0).getJsonObject("progress").getInteger("step")).isEqualTo(5);
        server.write("told", "progress.json", "{\"step\":".getBytes(UTF_8));
        assertThat(tail("told", 0).getValue("progress")).isNull();
    }

    @Test
    void anothersLogIsNotThere() {
        server.register("alice", "hers");
        assertProblem(server.get(server.token("bob"), "/api/training/hers/tail"), 404, "Job not found");
    }
}

package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.Tuple;
import org.junit.jupiter.api.Test;

class DatabaseTest {
    @Test
    void anOwnerSeesHisJob() {
        try (TestDatabase test = TestDatabase.fresh()) {
            await(test.database()
                    .as(
                            new Actor.Ingest(),
                            c -> c.preparedQuery("insert into jobs (job_id, owner) values ($1, $2)")
                                    .execute(Tuple.of("j1", "ann"))));
            assertThat(await(test.database().call("select * from job_of($1, $2)", Tuple.of("ann", "j1")))
                            .size())
                    .isEqualTo(1);
            assertThat(await(test.database().call("select * from job_of($1, $2)", Tuple.of("bob", "j1")))
                            .size())
                    .isEqualTo(0);
        }
    }
}

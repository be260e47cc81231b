package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which models a list shows, in which order, in pages of which size. */
class ModelListTest {
    private static TestServer server;
    private static Models models;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        models = new Models(server);
        models.ofFiles("zoe", "base", Map.of("model/w.bin", new byte[] {1}));
        sql("insert into model_names values ('zoe', 'Churn', 2), ('zoe', 'fraud', 1), ('zoe', 'spam_50%', 1)");
        insert("Churn", 1, 5, "2026-01-01T00:00:00Z", "'d1', 'customers'", "first try", "'{prod,tabular}'");
        insert("Churn", 2, 3, "2026-01-02T23:59:59.999Z", "'d1', 'customers'", "", "'{tabular}'");
        insert("fraud", 1, 5, "2026-01-03T00:00:00Z", "'d2', 'payments'", "CUSTOMERS too", "'{}'");
        insert("spam_50%", 1, null, "2026-01-04T12:00:00Z", "null, null", "", "'{prod}'");
        sql("delete from models where name = 'base'");
        // Others see nothing of it, whatever they ask for.
        for (int i = 1; i <= 15; i++) {
            sql("insert into model_names values ('yan', 'm" + i + "', 1)");
        }
        models.ofFiles("yan", "base2", Map.of("model/w.bin", new byte[] {1}));
        sql("""
                insert into models (owner, name, version, job_id, origin, convergence, size, safety, archive_tag,
                    archive_size, archive_sha256, created_at)
                select 'yan', 'm' || n, 1, 'base2', 'saved', 'unrated', n, 'safe', '', 0, '', '2026-01-01'
                from generate_series(1, 15) n""");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void insert(
            String name,
            int version,
            @Nullable Integer quality,
            String created,
            String dataset,
            String text,
            String tags) {
        sql("""
                insert into models (owner, name, version, job_id, origin, convergence, size, safety, archive_tag,
                    archive_size, archive_sha256, quality_score, created_at, dataset_id, dataset_name, description, tags)
                values ('zoe', '%s', %d, 'base', 'saved', 'good', 1, 'safe', '', 0, '', %s, '%s', %s, '%s', %s)
                """.formatted(name, version, quality, created, dataset, text, tags));
    }

    private static void sql(String sql) {
        TestDatabase.await(server.database()
                .database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }

    private static List<String> list(String query) {
        return models.list("zoe", query).getJsonArray("models").stream()
                .map(JsonObject.class::cast)
                .map(model -> model.getString("name") + " " + model.getInteger("version"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        // query, models in order
        "'', spam_50% 1;fraud 1;Churn 2;Churn 1",
        "sort=recent, spam_50% 1;fraud 1;Churn 2;Churn 1",
        "sort=quality, fraud 1;Churn 1;Churn 2;spam_50% 1",
        "q=CHURN, Churn 2;Churn 1",
        "q=customers, fraud 1",
        "q=tabular, Churn 2;Churn 1",
        "q=_50%25, spam_50% 1",
        "q=%25, spam_50% 1",
        "q=none, ''",
        "q=, spam_50% 1;fraud 1;Churn 2;Churn 1",
        "tag=prod, spam_50% 1;Churn 1",
        "tag=pro, ''",
        "quality_min=3, fraud 1;Churn 2;Churn 1",
        "quality_min=4, fraud 1;Churn 1",
        "dataset=d1, Churn 2;Churn 1",
        "dataset=payments, fraud 1",
        "from=2026-01-02, spam_50% 1;fraud 1;Churn 2",
        "to=2026-01-02, Churn 2;Churn 1",
        "from=2026-01-03&to=2026-01-03, fraud 1",
        "from=2026-01-03T00:00:00Z&to=2026-01-04T13:00:00%2B01:00, spam_50% 1;fraud 1",
        "latest=true, spam_50% 1;fraud 1;Churn 2",
        "latest=true&quality_min=5, fraud 1",
        "latest=false&q=churn&tag=prod&quality_min=5&dataset=customers&sort=quality, Churn 1",
        "deleted=true, ''",
    })
    void filtersAndOrder(String query, String names) {
        List<String> expected = names.isEmpty() ? List.of() : Arrays.asList(names.split(";"));
        assertThat(list("?" + query)).containsExactlyElementsOf(expected);
    }

    @Test
    void pagesAreOfTwelveUnlessOtherwiseAskedFor() {
        JsonObject first = models.list("yan", "?q=m");
        assertThat(first.getJsonArray("models")).hasSize(12);
        assertThat(first.getJsonObject("pagination"))
                .isEqualTo(new JsonObject()
                        .put("page", 1)
                        .put("limit", 12)
                        .put("total", 15)
                        .put("totalPages", 2));
        JsonObject second = models.list("yan", "?q=m&page=2");
        assertThat(second.getJsonArray("models")).hasSize(3);
        JsonObject beyond = models.list("yan", "?q=m&page=3&limit=100");
        assertThat(beyond.getJsonArray("models")).isEmpty();
        assertThat(beyond.getJsonObject("pagination").getInteger("total")).isEqualTo(15);
    }

    @Test
    void whatIsEquallyOldIsOnOnePageAlone() {
        List<String> ids = java.util.stream.IntStream.rangeClosed(1, 8)
                .mapToObj(
                        page -> models.list("yan", "?q=m&limit=2&page=" + page).getJsonArray("models"))
                .flatMap(page -> page.stream().map(model -> ((JsonObject) model).getString("id")))
                .toList();
        assertThat(ids).hasSize(15).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "page=0",
                "page=x",
                "limit=0",
                "limit=101",
                "sort=name",
                "quality_min=6",
                "quality_min=-1",
                "from=today",
                "to=2026-02-30",
                "from=2026-01-01T00:00:00",
                "latest=yes",
                "deleted=1",
                "q=a&q=b",
                "q=%00"
            })
    void whatCannotBeMeantIsRefused(String query) {
        assertThat(assertProblem(server.get(server.token("zoe"), "/api/models?" + query), 400)
                        .getBoolean("success"))
                .isFalse();
    }
}

package dev.sluice.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.pgclient.SslMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
    @Test
    void everyPartIsRead() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://ann:p%40ss+%2F@db.example:6543/my%20db?sslmode=verify-full");

        assertThat(url.user()).isEqualTo("ann");
        assertThat(url.password()).isEqualTo("p@ss+/");
        assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example:6543/my+db");
        assertThat(url.connectOptions().getHost()).isEqualTo("db.example");
        assertThat(url.connectOptions().getPort()).isEqualTo(6543);
        assertThat(url.connectOptions().getDatabase()).isEqualTo("my db");
        assertThat(url.connectOptions().getSslMode()).isEqualTo(SslMode.VERIFY_FULL);
    }

    @Test
    void portAndDatabaseDefaultAsInLibpq() {
        DatabaseUrl url = DatabaseUrl.parse("postgres://ann@db");

        assertThat(url.port()).isEqualTo(5432);
        assertThat(url.database()).isEqualTo("ann");
        assertThat(url.password()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://u:secret@h/db",
                "postgresql:///db?password=secret",
                "postgresql://u:sec ret@h/db",
                "postgresql://u:secret@h/db?options=-crole%3Dpostgres",
                "postgresql://u:secret@h/db?sslmode=maybe",
                "secret"
            })
    void whatCannotBeReadIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> DatabaseUrl.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .message()
                .startsWith("the database URL ")
                .doesNotContain("sec");
    }

    @Test
    void thePasswordIsNeverShown() {
        String text = "postgresql://ann:secret@db/jobs";
        Duration second = Duration.ofSeconds(1);

        assertThat(DatabaseUrl.parse(text).toString()).isEqualTo("postgresql://ann@db:5432/jobs");
        assertThat(new DatabaseConfig(Optional.of(text), Path.of("data"), 4, second, second, second).toString())
                .doesNotContain("secret");
    }
}

package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteKindTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /api/training/j/download/model, DOWNLOAD",
        "HEAD, /api/training/j/download/logs/a.tar, DOWNLOAD",
        "GET, /api/training/j/files/model/a.bin, DOWNLOAD",
        "GET, /ml/download-leaderboard/t, DOWNLOAD",
        "GET, /api/models/m/download, DOWNLOAD",
        "GET, /api/models/m/archive/m.tar, DOWNLOAD",
        "GET, /dl/token/m.zip, DOWNLOAD",
        "PUT, /api/models/m/shares/bob, API",
        "GET, /api/catalog/c/file, DOWNLOAD",
        "PUT, /api/training/j/files/model/a.bin, UPLOAD",
        "GET, /api/training/j/files, API",
        "GET, /api/downloads, API",
        "GET, /api/downloads/stats, API",
        "POST, /api/catalog/c/download, API",
        "POST, /api/training/jobs, API",
        "GET, /version, OTHER",
        "GET, '', OTHER"
    })
    void theTargetTellsTheKind(String method, String path, RouteKind kind) {
        assertThat(RouteKind.of(HttpMethod.valueOf(method), path)).isEqualTo(kind);
    }
}

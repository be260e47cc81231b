package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The catalog as clients see it. */
class CatalogOverHttpTest extends CatalogFixture {
    @Test
    void aModelIsDownloadedVerifiedAndDeliveredLikeEverythingElse() {
        assertThat(state("good")).isEqualTo("available");
        HttpResponse<byte[]> accepted = download("good");
        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(accepted.headers().firstValue("Location")).hasValue("/api/catalog/good/progress");
        JsonObject end = ended("good");
        assertThat(end.getString("status")).isEqualTo("completed");
        assertThat(end.getLong("downloaded_bytes")).isEqualTo(200_000);
        assertThat(end.getLong("total_bytes")).isEqualTo(200_000);
        assertThat(end.getDouble("percentage")).isEqualTo(100);
        assertThat(state("good")).isEqualTo("completed");
        assertThat(download("good").statusCode()).as("again").isEqualTo(200);

        HttpResponse<byte[]> file = server.get(user, "/api/catalog/good/file");
        assertThat(file.body()).isEqualTo(CONTENT);
        assertThat(file.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("good.gguf");
        assertThat(file.headers().firstValue("Repr-Digest")).isPresent();
        String tag = file.headers().firstValue("ETag").orElseThrow();
        HttpResponse<byte[]> part =
                server.get(user, "/api/catalog/good/file", "Range", "bytes=100-199", "If-Range", tag);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 100, 200));
        assertThat(server.get(user, "/api/catalog/good/file", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
        assertThat(json(server.post(user, "/api/catalog/good/verify", "{}")))
                .isEqualTo(new JsonObject().put("valid", true));
    }

    @Test
    void aModelWithoutAPromisedDigestSaysThatItIsUnverified() {
        assertThat(download("unverified").statusCode()).isEqualTo(202);
        assertThat(ended("unverified").getString("status")).isEqualTo("completed");
        assertThat(progress("unverified").getBoolean("verified")).isFalse();
        assertThat(state("unverified")).isEqualTo("unverified");
    }

    @Test
    void whatIsDeletedIsGone() {
        assertThat(download("deleted").statusCode()).isEqualTo(202);
        assertThat(ended("deleted").getString("status")).isEqualTo("completed");
        assertThat(delete(admin, "/api/catalog/deleted").statusCode()).isEqualTo(204);
        assertThat(server.get(user, "/api/catalog/deleted/file").statusCode()).isEqualTo(404);
        assertThat(state("deleted")).isEqualTo("available");
        assertThat(audited("deleted"))
                .containsExactlyInAnyOrder("model.download.started", "model.download.completed", "model.deleted");
        assertThat(delete(admin, "/api/catalog/deleted").statusCode()).isEqualTo(404);
    }

    @Test
    void ofTwoModelsThatAreOneFileTheOtherStaysWhenOneIsDeleted() {
        for (String id : List.of("other", "twin")) {
            download(id);
            assertThat(ended(id).getString("status")).isEqualTo("completed");
        }
        assertThat(delete(admin, "/api/catalog/twin").statusCode()).isEqualTo(204);
        assertThat(server.get(user, "/api/catalog/other/file").body()).isEqualTo(CONTENT);
    }

    @Test
    void theListSaysWhatIsOnOfferAndWhereAFileIs() {
        download("listed");
        assertThat(ended("listed").getString("status")).isEqualTo("completed");
        JsonObject model = listed("listed");
        assertThat(model.fieldNames())
                .contains("id", "name", "file_name", "url", "size", "sha256", "description", "recommended", "state");
        String url = model.getJsonObject("file").getString("url");
        assertThat(server.get(user, url).body()).isEqualTo(CONTENT);
        assertThat(server.get(user, url.replaceFirst("v=.*", "v=another")).statusCode())
                .isEqualTo(412);
    }

    @Test
    void aFileThatHasRottedIsFoundByVerifyingAndNotDeliveredAnyMore() throws Exception {
        download("spoilt");
        assertThat(ended("spoilt").getString("status")).isEqualTo("completed");
        Path kept = server.workspace().resolveSibling("catalog").resolve(sha256(OTHER));
        byte[] rotten = OTHER.clone();
        rotten[4_000] ^= 1;
        assertThat(kept.toFile().setWritable(true)).isTrue();
        Files.write(kept, rotten);
        JsonObject verdict = json(server.post(user, "/api/catalog/spoilt/verify", "{}"));
        assertThat(verdict.getBoolean("valid")).isFalse();
        assertThat(verdict.getString("error")).contains("SHA-256");
        assertThat(state("spoilt")).isEqualTo("failed");
        assertThat(server.get(user, "/api/catalog/spoilt/file").statusCode()).isEqualTo(404);
        assertThat(download("spoilt").statusCode()).isEqualTo(202);
        assertThat(ended("spoilt").getString("status")).isEqualTo("completed");
        assertThat(server.get(user, "/api/catalog/spoilt/file").body()).isEqualTo(OTHER);
        assertThat(json(server.post(user, "/api/catalog/good-or-not/verify", "{}"))
                        .getString("detail"))
                .isEqualTo("Model not found");
    }

    @Test
    void aModelThatDoesNotFitIsRefusedAtOnce() {
        assertThat(download("huge").statusCode()).isEqualTo(507);
        assertThat(state("huge")).isEqualTo("available");
    }

    @Test
    void changesNeedAnAdministratorAndUnknownModelsAreNotFound() throws IOException {
        assertThat(server.post(user, "/api/catalog/good/download", "{}").statusCode())
                .isEqualTo(403);
        assertThat(delete(user, "/api/catalog/good/download").statusCode()).isEqualTo(403);
        assertThat(delete(user, "/api/catalog/good").statusCode()).isEqualTo(403);
        assertThat(download("unknown").statusCode()).isEqualTo(404);
        assertThat(json(server.get(user, "/api/catalog/unknown/file")).getString("detail"))
                .isEqualTo("Model not found");
        assertThat(server.post(admin, "/api/catalog/good/download", "{\"connections\":17}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post(admin, "/api/catalog/good/download", "[]").statusCode())
                .isEqualTo(400);
    }
}

package dev.sluice.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A trainer as Sluice's customers have them: it registers its jobs over the API, reports status and metrics there, and
 * writes its files straight into the workspace. What was trained before is left as it is. Blocking.
 */
public final class DemoTrainer {
    public static final String LANGUAGE_MODEL = "demo-language-model";
    public static final String AUTO_ML = "demo-automl";

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI server;
    private final String token;
    private final Path workspace;

    /** @param token with the scope {@code sluice:ingest} */
    public DemoTrainer(URI server, String token, Path workspace) {
        this.server = server;
        this.token = token;
        this.workspace = workspace;
    }

    /** Returns when both jobs are completed. */
    public void train() throws IOException, InterruptedException {
        job(
                LANGUAGE_MODEL,
                "Village stories",
                "{\"id\":\"village\",\"name\":\"Village stories, generated\"}",
                directory -> {
                    List<Metric> metrics = new ArrayList<>();
                    LanguageModelTraining.train(directory, metrics::add);
                    return metrics;
                });
        job(AUTO_ML, "Customer churn", "{\"id\":\"churn\",\"name\":\"Customer churn, generated\"}", directory -> {
            AutoMl.fit(directory);
            return List.of();
        });
    }

    @FunctionalInterface
    private interface Training {
        List<Metric> into(Path directory) throws IOException;
    }

    private void job(String id, String name, String dataset, Training training)
            throws IOException, InterruptedException {
        String body =
                "{\"job_id\":\"" + id + "\",\"name\":\"" + name + "\",\"dataset\":" + dataset + ",\"total_cost\":0}";
        int registered = send("POST", "/api/training/jobs", body, 201, 409);
        if (registered == 409 && isCompleted(id)) {
            return;
        }
        // 409: an earlier run began it and did not end it.
        send("PATCH", "/api/training/jobs/" + id, "{\"status\":\"running\"}", 200, 409);
        Path directory = workspace.resolve(id);
        Files.createDirectories(directory);
        List<Metric> metrics = training.into(directory);
        if (!metrics.isEmpty()) {
            send("POST", "/api/training/jobs/" + id + "/metrics", json(metrics), 200);
        }
        send("PATCH", "/api/training/jobs/" + id, "{\"status\":\"completed\"}", 200);
    }

    private boolean isCompleted(String id) throws IOException, InterruptedException {
        HttpResponse<String> job =
                client.send(request("/api/training/jobs/" + id).GET().build(), HttpResponse.BodyHandlers.ofString());
        return job.statusCode() == 200 && job.body().contains("\"status\":\"completed\"");
    }

    private static String json(List<Metric> metrics) {
        return metrics.stream().map(DemoTrainer::json).collect(Collectors.joining(",", "[", "]"));
    }

    private static String json(Metric metric) {
        String validation = metric.validationLoss().isPresent()
                ? String.format(
                        Locale.ROOT,
                        ",\"validation_loss\":%.6f",
                        metric.validationLoss().getAsDouble())
                : "";
        return String.format(
                Locale.ROOT,
                "{\"step\":%d,\"epoch\":%.4f,\"train_loss\":%.6f%s,\"learning_rate\":%.8f}",
                metric.step(),
                metric.epoch(),
                metric.trainLoss(),
                validation,
                metric.learningRate());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path)).header("Authorization", "Bearer " + token);
    }

    private int send(String method, String path, String body, int... expected)
            throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        for (int status : expected) {
            if (response.statusCode() == status) {
                return status;
            }
        }
        throw new IOException(
                method + " " + path + " was answered with " + response.statusCode() + ": " + response.body());
    }
}

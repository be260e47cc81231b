package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelTrainingTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Metric> CURVE = new ArrayList<>();
    private static final List<JsonNode> PROGRESS = new ArrayList<>();

    @TempDir
    static Path workspace;

    static Path job;

    @BeforeAll
    static void train() throws IOException {
        job = workspace.resolve("trained");
        LanguageModelTraining.train(job, metric -> {
            CURVE.add(metric);
            PROGRESS.add(progress(job));
        });
    }

    @Test
    void everyStepIsAPointOfTheCurve() {
        assertThat(CURVE).hasSize(LanguageModelTraining.STEPS).hasSizeGreaterThanOrEqualTo(100);
        for (int i = 0; i < CURVE.size(); i++) {
            assertThat(CURVE.get(i).step()).isEqualTo(i + 1);
            assertThat(CURVE.get(i).trainLoss()).isFinite().isPositive();
            assertThat(CURVE.get(i).learningRate()).isPositive();
        }
        assertThat(CURVE).extracting(Metric::epoch).isSorted();
    }

    @Test
    void theLossFallsByMoreThanAThird() {
        double reduction =
                (CURVE.get(0).trainLoss() - last().trainLoss()) / CURVE.get(0).trainLoss();

        assertThat(reduction).isGreaterThan(1 / 3.0);
    }

    @Test
    void whatItLearnedHoldsForTextItWasNeverShown() throws IOException {
        assertThat(Corpus.packaged().training())
                .doesNotContain(Corpus.packaged().heldOut().split("\n\n", -1));
        double[] losses = CURVE.stream()
                .filter(metric -> metric.validationLoss().isPresent())
                .mapToDouble(metric -> metric.validationLoss().getAsDouble())
                .toArray();

        assertThat(losses[losses.length - 1]).isLessThan(0.85 * losses[0]);
        assertThat(losses[losses.length - 1] - last().trainLoss()).isLessThan(0.5);
    }

    @Test
    void theSavedWeightsAreTheModelThatWasMeasured() throws IOException {
        Path model = job.resolve("model");

        double loss = new SavedModel(model, model.resolve("model.safetensors"))
                .loss(Corpus.packaged().heldOut());

        assertThat(loss).isCloseTo(last().validationLoss().orElseThrow(), within(1e-5));
    }

    @Test
    void eachCheckpointIsTheModelOfItsStep() throws IOException {
        Path model = job.resolve("model");
        for (int step : List.of(100, 200)) {
            double loss = new SavedModel(model, model.resolve("checkpoint-" + step + "/model.safetensors"))
                    .loss(Corpus.packaged().heldOut());

            assertThat(loss).isCloseTo(CURVE.get(step - 1).validationLoss().orElseThrow(), within(1e-5));
        }
        assertThat(model.resolve("checkpoint-300/model.safetensors"))
                .hasSameBinaryContentAs(model.resolve("model.safetensors"));
    }

    @Test
    void theWorkspaceHoldsTheseFilesAndNoOthers() throws IOException {
        TreeSet<String> expected = new TreeSet<>(List.of(
                "training.log",
                "progress.json",
                "model/README.md",
                "model/config.json",
                "model/model.safetensors",
                "model/tokenizer.json"));
        for (int step : List.of(100, 200, 300)) {
            for (String file : List.of("model.safetensors", "optimizer.safetensors", "trainer_state.json")) {
                expected.add("model/checkpoint-" + step + "/" + file);
            }
        }

        assertThat(files(job))
                .extracting(file -> job.relativize(file).toString())
                .containsExactlyElementsOf(expected);
    }

    @Test
    void anotherSafetensorsReaderAcceptsEveryFile() throws Exception {
        Path[] files = files(job).stream()
                .filter(file -> file.toString().endsWith(".safetensors"))
                .toArray(Path[]::new);
        int parameters = JSON.readTree(job.resolve("model/config.json").toFile())
                .get("num_parameters")
                .intValue();

        List<Integer> counts = Python.run("check_safetensors.py", files)
                .lines()
                .map(Integer::valueOf)
                .toList();

        // Three times the weights and both moments of each, then the final weights.
        int moments = 2 * parameters;
        assertThat(counts).containsExactly(parameters, moments, parameters, moments, parameters, moments, parameters);
    }

    @Test
    void theTrainerStateHoldsTheCurveSoFar() throws IOException {
        JsonNode state = JSON.readTree(
                job.resolve("model/checkpoint-200/trainer_state.json").toFile());

        assertThat(state.get("global_step").intValue()).isEqualTo(200);
        assertThat(state.get("log_history")).hasSize(200);
        assertThat(state.get("log_history").get(199).get("loss").doubleValue())
                .isEqualTo(CURVE.get(199).trainLoss());
    }

    @Test
    void theModelCardGivesTheFiguresThatWereMeasured() throws IOException {
        assertThat(job.resolve("model/README.md"))
                .content()
                .contains(String.format(
                        Locale.ROOT,
                        "| 300 | %.4f | %.4f |",
                        last().trainLoss(),
                        last().validationLoss().orElseThrow()));
    }

    @Test
    void theLogHasATimedLineForEveryStepAndDeflatesWell() throws IOException {
        List<String> lines = Files.readAllLines(job.resolve("training.log"));
        for (int step = 1; step <= LanguageModelTraining.STEPS; step++) {
            String prefix = " INFO step=" + step + "/300 epoch=";
            assertThat(lines).filteredOn(line -> line.contains(prefix)).hasSize(1);
        }
        assertThat(lines)
                .allSatisfy(line -> assertThat(Instant.parse(line.substring(0, line.indexOf(' '))))
                        .isBeforeOrEqualTo(Instant.now()));

        byte[] log = Files.readAllBytes(job.resolve("training.log"));
        Deflater deflater = new Deflater(1);
        deflater.setInput(log);
        deflater.finish();
        int deflated = deflater.deflate(new byte[log.length]);
        deflater.end();
        assertThat(deflated).isLessThan(log.length * 3 / 10);
    }

    @Test
    void progressIsAWholeDocumentAtEveryStepAndEndsAsCompleted() throws IOException {
        assertThat(PROGRESS).allSatisfy(progress -> {
            assertThat(progress.get("status").textValue()).isEqualTo("running");
            assertThat(progress.get("total_steps").intValue()).isEqualTo(300);
        });
        assertThat(PROGRESS.get(149).get("step").intValue()).isEqualTo(150);
        assertThat(PROGRESS.get(149).get("percent").doubleValue()).isEqualTo(50);
        assertThat(PROGRESS.get(149).get("loss").doubleValue())
                .isEqualTo(CURVE.get(149).trainLoss());

        JsonNode completed = progress(job);
        assertThat(completed.get("status").textValue()).isEqualTo("completed");
        assertThat(completed.get("percent").doubleValue()).isEqualTo(100);
        assertThat(completed.get("epoch").doubleValue()).isEqualTo(last().epoch());
        assertThat(Instant.parse(completed.get("updated_at").textValue())).isBeforeOrEqualTo(Instant.now());
    }

    @Test
    void progressCanBeReadByOthersThanItsWriter() throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(Files.getPosixFilePermissions(job.resolve("progress.json")))
                    .isEqualTo(Files.getPosixFilePermissions(job.resolve("training.log")));
        }
    }

    @Test
    void aSecondRunLeavesTheSameBytesAndFailsAsFailedWhenItsListenerDoes() throws IOException {
        Path again = workspace.resolve("again");
        IllegalStateException cancelled = new IllegalStateException("enough");

        assertThatThrownBy(() -> LanguageModelTraining.train(again, metric -> {
                    if (metric.step() == 100) {
                        throw cancelled;
                    }
                }))
                .isSameAs(cancelled);

        for (Path file : files(job.resolve("model/checkpoint-100"))) {
            assertThat(again.resolve(job.relativize(file))).hasSameBinaryContentAs(file);
        }
        assertThat(again.resolve("model/model.safetensors")).doesNotExist();
        assertThat(progress(again).get("status").textValue()).isEqualTo("failed");
        assertThat(progress(again).get("step").intValue()).isEqualTo(100);
        assertThat(Files.readAllLines(again.resolve("training.log")))
                .last()
                .asString()
                .contains("ERROR")
                .doesNotContain("enough");
    }

    private static Metric last() {
        return CURVE.get(CURVE.size() - 1);
    }

    private static JsonNode progress(Path directory) {
        try {
            return JSON.readTree(directory.resolve("progress.json").toFile());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .sorted((one, other) -> one.toString().compareTo(other.toString()))
                    .toList();
        }
    }
}

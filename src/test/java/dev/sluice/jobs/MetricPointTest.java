package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MetricPointTest {
    private static List<MetricPoint> read(String body) {
        return MetricPoint.readList(body.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> faultsOf(String body) {
        return BodyFaults.of(MetricPoint::readList, body);
    }

    @Test
    void everyMemberIsReadAndWrittenAgain() {
        MetricPoint point = read("[{\"step\":3.0,\"epoch\":0.5,\"train_loss\":1.25,\"validation_loss\":1.5,"
                        + "\"learning_rate\":1e-4,\"grad_norm\":7,\"note\":\"warm-up\"}]")
                .get(0);
        assertThat(Json.text(point.toJson()))
                .isEqualTo("{\"step\":3,\"epoch\":0.5,\"train_loss\":1.25,\"validation_loss\":1.5,"
                        + "\"learning_rate\":1.0E-4,\"grad_norm\":7,\"note\":\"warm-up\"}");
    }

    @Test
    void stepAndTrainLossAreEnough() {
        assertThat(read("[{\"step\":0,\"train_loss\":-1,\"epoch\":null}]"))
                .containsExactly(new MetricPoint(0, null, -1, null, null, Json.object()));
        assertThat(read("[]")).isEmpty();
    }

    static List<Arguments> faulty() {
        return List.of(
                arguments("{}", "", "must be an array"),
                arguments("[1]", "/0", "must be an object"),
                arguments("[{\"train_loss\":1}]", "/0/step", "is required"),
                arguments("[{\"step\":1}]", "/0/train_loss", "is required"),
                arguments(point("-1", "1"), "/0/step", "must not be negative"),
                arguments(point("1.5", "1"), "/0/step", "must be a whole number of at most 63 bits"),
                arguments(point("9223372036854775808", "1"), "/0/step", "must be a whole number of at most 63 bits"),
                arguments(point("\"1\"", "1"), "/0/step", "must be a number"),
                arguments(point("1", "NaN"), "/0/train_loss", "must be a finite number"),
                arguments(point("1", "-Infinity"), "/0/train_loss", "must be a finite number"),
                arguments(point("1", "1e309"), "/0/train_loss", "is out of the range of a double"),
                arguments(point("1", "\"NaN\""), "/0/train_loss", "must be a number"),
                arguments(point("1", "1,\"epoch\":\"x\""), "/0/epoch", "must be a number"),
                arguments(point("1", "1,\"validation_loss\":[]"), "/0/validation_loss", "must be a number"),
                arguments(point("1", "1,\"learning_rate\":false"), "/0/learning_rate", "must be a number"),
                arguments(point("1", "1,\"acc\":NaN"), "/0/acc", "must be a finite number"),
                arguments(
                        point("1", "1,\"x\":\"" + "x".repeat(4096) + "\""),
                        "/0",
                        "must have at most 4096 bytes of further members"));
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void aFaultIsNamedAtItsPlace(String body, String pointer, String detail) {
        assertThat(faultsOf(body)).containsExactlyEntriesOf(Map.of(pointer, detail));
    }

    @Test
    void oneCallEndsAtTenThousandPoints() {
        assertThat(read(many(10_000))).hasSize(10_000);
        assertThat(faultsOf(many(10_001))).containsExactlyEntriesOf(Map.of("", "must have at most 10000 elements"));
    }

    private static String many(int count) {
        return IntStream.range(0, count)
                .mapToObj(step -> "{\"step\":" + step + ",\"train_loss\":1}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String point(String step, String trainLoss) {
        return "[{\"step\":" + step + ",\"train_loss\":" + trainLoss + "}]";
    }
}

package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LookupsTest {
    private static final Duration KEPT = Duration.ofSeconds(4);

    private final List<Promise<String>> questions = new ArrayList<>();
    private long now;
    private final Lookups<String, String> lookups =
            new Lookups<>(KEPT, 10, answer -> !answer.equals("large"), () -> now);

    private Future<String> find(String key) {
        return lookups.find(key, this::ask);
    }

    private Future<String> findRecurring(String key) {
        return lookups.findRecurring(key, this::ask);
    }

    private Future<String> ask() {
        Promise<String> question = Promise.promise();
        questions.add(question);
        return question.future();
    }

    @Test
    void allWhoAskAtOnceShareOneQuestion() {
        Future<String> first = find("a");
        Future<String> second = find("a");
        Future<String> other = find("b");
        questions.get(0).complete("one");
        assertThat(questions).hasSize(2);
        assertThat(first.result()).isEqualTo(second.result()).isEqualTo("one");
        assertThat(other.isComplete()).isFalse();
    }

    @Test
    void anAnswerIsKeptForAMomentThatBeginsWithTheQuestion() {
        find("a");
        now = KEPT.toNanos() / 2;
        questions.get(0).complete("one");
        now = KEPT.toNanos() - 1;
        assertThat(find("a").result()).isEqualTo("one");
        now = KEPT.toNanos();
        find("a");
        assertThat(questions).hasSize(2);
    }

    @Test
    void nobodyJoinsAQuestionThatIsOlderThanTheMoment() {
        find("a");
        now = KEPT.toNanos();
        Future<String> later = find("a");
        questions.get(0).complete("old");
        assertThat(later.isComplete()).isFalse();
        questions.get(1).complete("new");
        assertThat(later.result()).isEqualTo("new");
        assertThat(find("a").result()).isEqualTo("new");
    }

    @Test
    void afterForgettingNobodyIsToldWhatWasAskedBefore() {
        Future<String> before = find("a");
        lookups.forget("a"::equals);
        Future<String> after = find("a");
        questions.get(1).complete("new");
        questions.get(0).complete("old");
        assertThat(before.result()).isEqualTo("old");
        assertThat(after.result()).isEqualTo("new");
        assertThat(find("a").result()).isEqualTo("new");
    }

    @Test
    void failuresAndWhatIsTooLargeServeOnlyThoseWhoWait() {
        Future<String> failing = find("a");
        Future<String> joined = find("a");
        questions.get(0).fail("down");
        assertThat(failing.failed()).isTrue();
        assertThat(joined.failed()).isTrue();
        find("a");
        questions.get(1).complete("large");
        find("a");
        assertThat(questions).hasSize(3);
    }

    @Test
    void whatIsAskedOnceIsNotKept() {
        Future<String> first = findRecurring("a");
        questions.get(0).complete("one");
        assertThat(first.result()).isEqualTo("one");
        findRecurring("b");
        Future<String> again = findRecurring("a");
        assertThat(questions).hasSize(3);
        Future<String> joined = findRecurring("a");
        questions.get(2).complete("two");
        assertThat(again.result()).isEqualTo(joined.result()).isEqualTo("two");
        assertThat(findRecurring("a").result()).isEqualTo("two");
        assertThat(questions).hasSize(3);
    }

    @Test
    void whatIsKeptIsFoundByWhoeverAsks() {
        find("a");
        questions.get(0).complete("one");
        assertThat(findRecurring("a").result()).isEqualTo("one");
        assertThat(questions).hasSize(1);
    }

    @Test
    void whatRecursIsAskedAgainWhenItsMomentIsOver() {
        findRecurring("a");
        findRecurring("a");
        questions.get(1).complete("one");
        now = KEPT.toNanos();
        findRecurring("a");
        questions.get(2).complete("two");
        assertThat(findRecurring("a").result()).isEqualTo("two");
        assertThat(questions).hasSize(3);
    }

    @Test
    void whatIsForgottenIsAskedForAgain() {
        findRecurring("a");
        Future<String> before = findRecurring("a");
        lookups.forget("a");
        Future<String> after = findRecurring("a");
        questions.get(2).complete("new");
        questions.get(1).complete("old");
        assertThat(before.result()).isEqualTo("old");
        assertThat(after.result()).isEqualTo("new");
        assertThat(findRecurring("a").result()).isEqualTo("new");
    }
}

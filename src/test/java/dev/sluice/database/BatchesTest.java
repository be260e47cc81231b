package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private final List<List<String>> questions = new ArrayList<>();
    private final List<Promise<Map<String, String>>> answers = new ArrayList<>();
    private final Batches<String, String> batches = new Batches<>(1, 3, keys -> {
        questions.add(keys);
        Promise<Map<String, String>> answer = Promise.promise();
        answers.add(answer);
        return answer.future();
    });

    @Test
    void theFirstGoesAtOnceAndThoseWhoComeMeanwhileTogether() {
        Future<Optional<String>> first = batches.ask("a");
        assertThat(questions).containsExactly(List.of("a"));
        Future<Optional<String>> second = batches.ask("b");
        Future<Optional<String>> third = batches.ask("c");
        assertThat(questions).hasSize(1);
        answers.get(0).complete(Map.of("a", "1"));
        assertThat(first.result()).contains("1");
        assertThat(questions).containsExactly(List.of("a"), List.of("b", "c"));
        answers.get(1).complete(Map.of("c", "3"));
        assertThat(second.result()).isEmpty();
        assertThat(third.result()).contains("3");
        batches.ask("d");
        assertThat(questions).hasSize(3);
    }

    @Test
    void aBatchIsBounded() {
        IntStream.range(0, 8).forEach(number -> batches.ask("k" + number));
        answers.get(0).complete(Map.of());
        answers.get(1).complete(Map.of());
        answers.get(2).complete(Map.of());
        assertThat(questions).extracting(List::size).containsExactly(1, 3, 3, 1);
    }

    @Test
    void whatFailsTogetherIsAskedOneByOne() {
        batches.ask("a");
        Future<Optional<String>> good = batches.ask("b");
        Future<Optional<String>> bad = batches.ask("c");
        answers.get(0).complete(Map.of());
        answers.get(1).fail("one of them is not to be asked for");
        assertThat(questions).containsExactly(List.of("a"), List.of("b", "c"), List.of("b"), List.of("c"));
        answers.get(2).complete(Map.of("b", "2"));
        answers.get(3).fail("this one");
        assertThat(good.result()).contains("2");
        assertThat(bad.cause()).hasMessage("this one");
        batches.ask("d");
        assertThat(questions).hasSize(5);
    }

    @Test
    void whoWaitsForADatabaseThatDoesNotAnswerIsToldWithTheOthers() {
        Future<Optional<String>> first = batches.ask("a");
        List<Future<Optional<String>>> waiting = IntStream.range(0, 5)
                .mapToObj(number -> batches.ask("k" + number))
                .toList();
        answers.get(0).fail(DatabaseUnavailable.orCause(new TimeoutException("silent")));
        assertThat(first.cause()).isInstanceOf(DatabaseUnavailable.class);
        assertThat(waiting).allMatch(asked -> asked.cause() instanceof DatabaseUnavailable);
        assertThat(questions).hasSize(1);
        Future<Optional<String>> later = batches.ask("b");
        answers.get(1).complete(Map.of("b", "2"));
        assertThat(later.result()).contains("2");
    }

    @Test
    void whoOnlyWaitsForTheEndOfATurnIsNotToldOfADatabaseThatDidNotAnswerOthers() {
        Batches<String, String> two = new Batches<>(2, 3, keys -> {
            questions.add(keys);
            Promise<Map<String, String>> answer = Promise.promise();
            answers.add(answer);
            return answer.future();
        });
        Vertx vertx = Vertx.vertx();
        try {
            two.ask("a");
            Promise<Future<Optional<String>>> asked = Promise.promise();
            vertx.getOrCreateContext().runOnContext(turn -> {
                Future<Optional<String>> own = two.ask("b");
                answers.get(0).fail(DatabaseUnavailable.orCause(new TimeoutException("silent")));
                Vertx.currentContext().runOnContext(next -> asked.complete(own));
            });
            Future<Optional<String>> own = await(asked.future());
            assertThat(questions).containsExactly(List.of("a"), List.of("b"));
            answers.get(1).complete(Map.of("b", "2"));
            assertThat(await(own)).contains("2");
        } finally {
            await(vertx.close());
        }
    }

    @Test
    void aQuestionThatThrowsIsAFailure() {
        Batches<String, String> broken = new Batches<>(1, 3, keys -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(broken.ask("a").cause()).hasMessage("a bug");
        assertThat(broken.ask("b").cause()).hasMessage("a bug");
    }

    @Test
    void thoseWhoAskInOneTurnOfAnEventLoopGoTogether() {
        Vertx vertx = Vertx.vertx();
        try {
            Promise<Void> ended = Promise.promise();
            Context context = vertx.getOrCreateContext();
            context.runOnContext(turn -> {
                batches.ask("a");
                batches.ask("b");
                assertThat(questions).isEmpty();
                context.runOnContext(next -> ended.complete());
            });
            await(ended.future());
            assertThat(questions).containsExactly(List.of("a", "b"));
        } finally {
            await(vertx.close());
        }
    }

    @Test
    void eachIsAnsweredOnItsOwnContext() {
        Vertx vertx = Vertx.vertx();
        try {
            Promise<Boolean> own = Promise.promise();
            Promise<Void> asked = Promise.promise();
            batches.ask("a");
            Context context = vertx.getOrCreateContext();
            context.runOnContext(turn -> {
                batches.ask("b").onComplete(answer -> own.complete(Vertx.currentContext() == context));
                asked.complete();
            });
            await(asked.future());
            answers.get(0).complete(Map.of());
            // The next batch begins on the context of its first.
            Promise<Void> begun = Promise.promise();
            context.runOnContext(turn -> begun.complete());
            await(begun.future());
            answers.get(1).complete(Map.of());
            assertThat(await(own.future())).isTrue();
        } finally {
            await(vertx.close());
        }
    }
}

package dev.sluice.models;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for jobs to publish: at the interval, when one is known to become due, and when told. Several are published at once, so
 * that a large one holds up no other. An event loop of its own.
 */
public final class PublishVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(PublishVerticle.class);

    private static final int AT_ONCE = 3;

    /** Between two looks when something is due that cannot begin yet. */
    private static final Duration SOON = Duration.ofMillis(250);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long NO_TIMER = -1;

    private final Publisher publisher;
    private final Duration interval;
    private int underWay;
    private boolean stopping;
    private final Promise<Void> idle = Promise.promise();
    private long timer = NO_TIMER;
    private long timerDue;

    public PublishVerticle(Publisher publisher, Duration interval) {
        this.publisher = publisher;
        this.interval = interval;
    }

    @Override
    public Future<?> start() {
        look();
        return Future.succeededFuture();
    }

    /** Begins nothing more, and waits a while for what is under way; beyond that its lease ends, and another goes on. */
    @Override
    public Future<?> stop() {
        stopping = true;
        publisher.stop();
        if (underWay == 0) {
            idle.tryComplete();
        }
        return idle.future().timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).otherwiseEmpty();
    }

    /** Something may be due. Any thread, once it is deployed. */
    public void wake() {
        Context own = context;
        own.runOnContext(turn -> look());
    }

    private void look() {
        if (stopping || underWay >= AT_ONCE) {
            // Who ends looks again.
            return;
        }
        publisher.claim().onComplete(claimed -> {
            if (stopping) {
                // A lease that was just taken ends by itself.
                return;
            }
            if (claimed.failed()) {
                log.warn("Jobs to publish could not be looked for; tried again in {}", interval, claimed.cause());
                lookIn(interval);
            } else if (claimed.result().isEmpty()) {
                rest();
            } else {
                underWay++;
                publisher.publish(claimed.result().get()).onComplete(done -> {
                    underWay--;
                    if (stopping && underWay == 0) {
                        idle.tryComplete();
                    }
                    look();
                });
                look();
            }
        });
    }

    private void rest() {
        publisher.nextDue().onComplete(next -> {
            Duration due = next.succeeded() ? next.result().orElse(interval) : interval;
            lookIn(due.compareTo(SOON) < 0 ? SOON : due.compareTo(interval) < 0 ? due : interval);
        });
    }

    /** Or sooner: of several looks whoever knows of something due does not wait for who does not. */
    private void lookIn(Duration delay) {
        long due = System.nanoTime() + delay.toNanos();
        if (timer != NO_TIMER) {
            if (timerDue - due <= 0) {
                return;
            }
            vertx.cancelTimer(timer);
        }
        timerDue = due;
        timer = vertx.setTimer(delay.toMillis(), tick -> {
            timer = NO_TIMER;
            look();
        });
    }
}

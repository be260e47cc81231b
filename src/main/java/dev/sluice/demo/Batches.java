package dev.sluice.demo;

import java.util.Arrays;
import java.util.Random;

/** Positions of a text in random order, each once an epoch. */
final class Batches {
    private final int[] order;
    private final Random random;
    private int next;
    private long drawn;

    Batches(int positions, Random random) {
        this.random = random;
        order = new int[positions];
        Arrays.setAll(order, i -> i);
        shuffle();
    }

    int[] next(int size) {
        int[] batch = new int[size];
        for (int i = 0; i < size; i++) {
            if (next == order.length) {
                shuffle();
                next = 0;
            }
            batch[i] = order[next++];
        }
        drawn += size;
        return batch;
    }

    double epoch() {
        return (double) drawn / order.length;
    }

    private void shuffle() {
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int position = order[i];
            order[i] = order[other];
            order[other] = position;
        }
    }
}

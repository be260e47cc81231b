package dev.sluice.delivery;

import java.util.ArrayDeque;
import java.util.Deque;

/** What one owner has under way in one {@link Admission}, and who waits. Under its lock. */
final class Owner {
    final String name;
    final Deque<Waiting> queue = new ArrayDeque<>();
    int streams;

    Owner(String name) {
        this.name = name;
    }

    boolean isIdle() {
        return streams == 0 && queue.isEmpty();
    }
}

package dev.sluice.delivery;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Who waits in one {@link Admission}: first come first served among the requests of one owner, in turn among owners. Under its lock.
 */
final class Line {
    /** Owners with requests that wait, the one whose turn it is first. */
    private final Deque<Owner> turns = new ArrayDeque<>();

    private int length;
    /** Of those, the ones that wait for as long as it takes. */
    private int steadfast;

    /** Requests that wait. */
    int length() {
        return length;
    }

    /** Of those who are refused in the end. */
    int impatient() {
        return length - steadfast;
    }

    /** Owners of whom some wait. */
    int owners() {
        return turns.size();
    }

    void add(Owner owner, Waiting waiting) {
        if (owner.queue.isEmpty()) {
            turns.addLast(owner);
        }
        owner.queue.addLast(waiting);
        length++;
        steadfast += waiting.steadfast() ? 1 : 0;
    }

    /** Whose turn it is. Whoever asks gives the owner its turn back, by {@link #keep}. */
    Owner next() {
        return turns.removeFirst();
    }

    /** The owner comes last now, if somebody waits still. */
    void keep(Owner owner) {
        if (!owner.queue.isEmpty()) {
            turns.addLast(owner);
        }
    }

    /** Takes out who came first. */
    Waiting first(Owner owner) {
        Waiting first = owner.queue.removeFirst();
        left(first);
        return first;
    }

    /** Takes those out of one owner's queue whom it concerns; whose turn it is stays as it is. */
    void take(Owner owner, Predicate<Waiting> whom, Consumer<Waiting> taken) {
        for (Iterator<Waiting> all = owner.queue.iterator(); all.hasNext(); ) {
            Waiting waiting = all.next();
            if (whom.test(waiting)) {
                all.remove();
                left(waiting);
                taken.accept(waiting);
            }
        }
    }

    /** Takes all out whom it concerns. */
    void takeAll(Predicate<Waiting> whom, BiConsumer<Owner, Waiting> taken) {
        turns.forEach(owner -> take(owner, whom, waiting -> taken.accept(owner, waiting)));
        turns.removeIf(owner -> owner.queue.isEmpty());
    }

    /** The owner has no turn when nobody waits any more. */
    void forgetTurn(Owner owner) {
        if (owner.queue.isEmpty()) {
            turns.remove(owner);
        }
    }

    private void left(Waiting waiting) {
        length--;
        steadfast -= waiting.steadfast() ? 1 : 0;
    }
}

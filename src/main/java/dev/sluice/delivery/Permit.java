package dev.sluice.delivery;

import org.jspecify.annotations.Nullable;

/** Leave for one piece of work, such as to send one body. Whoever holds it gives it back once; again, nothing happens. Any thread. */
public final class Permit {
    private final Admission admission;
    private final Owner owner;
    private final Admission.@Nullable Group group;
    private boolean released;

    Permit(Admission admission, Owner owner, Admission.@Nullable Group group) {
        this.admission = admission;
        this.owner = owner;
        this.group = group;
    }

    void release() {
        admission.release(this);
    }

    Owner owner() {
        return owner;
    }

    Admission.@Nullable Group group() {
        return group;
    }

    /** Whether this is the first time. Under the admission's lock. */
    boolean end() {
        boolean first = !released;
        released = true;
        return first;
    }
}

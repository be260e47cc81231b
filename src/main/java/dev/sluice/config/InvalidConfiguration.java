package dev.sluice.config;

import java.util.List;

/** What keeps the server from starting: all that is wrong with its configuration, at once. */
public final class InvalidConfiguration extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // made by List.copyOf, which is serializable
    private final List<String> faults;

    InvalidConfiguration(List<String> faults) {
        super((faults.size() == 1 ? "1 fault" : faults.size() + " faults") + " in the configuration:\n  "
                + String.join("\n  ", faults));
        this.faults = List.copyOf(faults);
    }

    /** One line each: key, where it was set, what is wrong. No secret's value. */
    public List<String> faults() {
        return faults;
    }
}

package dev.sluice.faults;

import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps Netty's reports. Named to it by a property of the profile's JVM, because it makes its own before any test could say so. */
public final class LeakDetector<T> extends ResourceLeakDetector<T> {
    private static final List<String> REPORTS = new CopyOnWriteArrayList<>();

    public LeakDetector(Class<?> type, int interval) {
        super(type, interval);
    }

    /** As Netty's factory asks for it. */
    public LeakDetector(Class<?> type, int interval, long maxActive) {
        this(type, interval);
    }

    /** And forgets them. */
    static List<String> takeReports() {
        List<String> reports = List.copyOf(REPORTS);
        REPORTS.clear();
        return reports;
    }

    @Override
    protected void reportTracedLeak(String type, String records) {
        REPORTS.add(type + records);
    }

    @Override
    protected void reportUntracedLeak(String type) {
        REPORTS.add(type);
    }
}

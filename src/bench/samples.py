"""How samples are taken."""

import math

import machine

#: A JVM compiles while it works: it is warm when so many goes in turn cost no longer this much less CPU than the best before. One of
#: them may be slow by chance.
SETTLED = 0.95
SETTLED_GOES = 2
MOST_WARMING = 10


def warm(roots, work):
    """Repeats the work until its CPU for each unit, which the work returns, no longer falls."""
    best, settled = math.inf, 0
    for _ in range(MOST_WARMING):
        before = machine.cpu_seconds(roots)
        # A server that has much else to do may answer none in a second.
        units = max(1, work())
        now = (machine.cpu_seconds(roots) - before) / units
        settled = settled + 1 if now >= best * SETTLED else 0
        best = min(best, now)
        if settled == SETTLED_GOES:
            return


class Spent:
    """What a server takes while it works on something: CPU seconds, its own and the whole machine's, and growth of the peak of its memory."""

    def __init__(self, roots):
        self.roots = roots

    def __enter__(self):
        machine.forget_peaks(self.roots)
        self.before = machine.rss_bytes(self.roots)
        self._cpu = machine.cpu_seconds(self.roots)
        self._busy = machine.busy_seconds()
        return self

    def __exit__(self, *failure):
        self.busy = machine.busy_seconds() - self._busy
        self.cpu = machine.cpu_seconds(self.roots) - self._cpu
        self.peak = machine.peak_rss_bytes(self.roots)
        self.grown = max(0, self.peak - self.before)


def say(sample):
    print("  " + ", ".join(f"{name} {_short(value)}" for name, value in sample.items()), flush=True)


def _short(value):
    return f"{value:.4g}" if isinstance(value, float) else value

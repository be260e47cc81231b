"""What was aimed at, and whether this run got there: medians decide, of ratios within rounds where there are two servers."""

import math
import statistics

import delivery
import figures
import metadata
import nginx
import peers
from setup import SLUICE

KB_PER_READER = 50
FIRST_BYTE_MS = 50
SOONER = 1000
MEMORY_SHARE = 1 / 50
#: What is below the noise of resident memory counts as so many bytes.
LEAST_GROWTH = 1 << 20
P99_MULTIPLE = 2
REVOKED = 5
READY = 2
#: Throughput and CPU as multiples of nginx's.
THROUGHPUT, CPU, TLS_CPU = 0.9, 1.3, 1.1
KNOWN_SHARE, UNKNOWN_SHARE = 1.0, 0.6


def rows(results):
    """(What, target, what was measured, whether it was reached) of those parts that were measured."""
    parts = {
        "metadata": _metadata,
        "seed": _seed,
        "ready": _ready,
        "throughput": _throughput,
        "first-byte": _first_byte,
        "memory": _memory,
    }
    found = []
    for part, judge in parts.items():
        if isinstance(results.get(part), list) and results[part]:
            found += judge(results[part])
    return found


def _least(what, target, numbers, unit=""):
    return _judged(what, f"≥ {figures.number(target)}{unit}", numbers, unit, figures.middle(numbers) >= target)


def _most(what, target, numbers, unit=""):
    return _judged(what, f"≤ {figures.number(target)}{unit}", numbers, unit, figures.middle(numbers) <= target)


def _judged(what, target, numbers, unit, reached):
    return (what, target, figures.ranged(numbers) + unit, reached) if numbers else (what, target, "–", None)


def _metadata(samples):
    found = []
    for connections in figures.distinct(samples, "connections"):
        by = {name: figures.of(samples, connections=connections, server=name) for name in figures.distinct(samples, "server")}
        known, unknown = by.get(metadata.KNOWN, []), by.get(metadata.UNKNOWN, [])
        static, rotating = by.get(nginx.OFF, []), by.get(metadata.STATIC_ROTATING, [])
        beside = f", {connections} connections"
        found += [
            _least("metadata that may be remembered ÷ nginx's static 1 KB" + beside, KNOWN_SHARE, figures.ratios(known, static, "rate")),
            _least("metadata that cannot be ÷ nginx's static 1 KB" + beside, UNKNOWN_SHARE, figures.ratios(unknown, rotating, "rate")),
        ]
        open_to_all = by.get(metadata.UNAUTHENTICATED, [])
        for name, ours in (("", known), (", not known", unknown)):
            what = f"its p99 ÷ p99 without a token{name}{beside}"
            found.append(_most(what, P99_MULTIPLE, figures.ratios(ours, open_to_all, "p99")))
    return found


def _seed(samples):
    found = []
    size = max(sample["size"] for sample in samples)
    by = {name: figures.of(samples, size=size, server=name) for name in figures.distinct(samples, "server")}
    theirs = by.get(peers.SEED, [])
    if not theirs:
        return found
    for name in (SLUICE, delivery.FIRST_REQUEST):
        sooner = figures.ratios(theirs, by.get(name, []), "first")
        found.append(_least(f"first byte of a zip of {figures.size(size)}, sooner than the seed design: {name}", SOONER, sooner, " ×"))
    grown = {sample["round"]: sample["grown"] for sample in theirs if sample["grown"]}
    shares = [
        max(sample["grown"], LEAST_GROWTH) / grown[sample["round"]] for sample in by.get(SLUICE, []) if sample["round"] in grown
    ]
    found.append(_most(f"memory for it ÷ the seed design's, {figures.size(size)}", MEMORY_SHARE, shares))
    return found


def _ready(samples):
    slowest = [max(sample["revoked"], sample["stale"]) for sample in samples]
    return [
        _most("ready on an external database", READY, figures.values(samples, "ready"), " s"),
        _most("the same, started with class data as the image is", READY, figures.values(samples, "with class data"), " s"),
        # Every one counts.
        (
            "what was revoked on another replica is gone after",
            f"≤ {REVOKED} s",
            f"{figures.ranged(slowest)} s",
            max(slowest) <= REVOKED,
        ),
    ]


def _throughput(samples):
    found = []
    for case in figures.distinct(samples, "case"):
        rate, cpu = against_nginx(samples, case)
        tls = "TLS" in case
        found.append(_least(f"throughput ÷ nginx's: {case}", THROUGHPUT, rate))
        found.append(_most(f"CPU a GB ÷ nginx's: {case}", TLS_CPU if tls else CPU, cpu))
    return found


def better_nginx(samples, case, name):
    """The samples of the faster, or of the cheaper, with tcp_nopush on and off."""
    both = [figures.of(samples, case=case, server=variant) for variant in nginx.Nginx.VARIANTS]
    return (max if name == "rate" else min)(both, key=lambda some: figures.median(some, name))


def against_nginx(samples, case):
    ours = figures.of(samples, case=case, server=SLUICE)
    return [figures.ratios(ours, better_nginx(samples, case, name), name) for name in ("rate", "cpu")]


def _first_byte(samples):
    medians = [figures.median(figures.of(samples, size=size), "warm", 1e3) for size in figures.distinct(samples, "size")]
    sizes = [figures.size(size) for size in figures.distinct(samples, "size")]
    return [
        (
            f"first byte of an indexed zip of {sizes[0]} … {sizes[-1]}, slowest median",
            f"< {FIRST_BYTE_MS} ms",
            f"{figures.number(max(medians))} ms",
            max(medians) < FIRST_BYTE_MS,
        )
    ]


def _memory(samples):
    found = []
    for readers in figures.distinct(samples, "readers"):
        ours = figures.of(samples, readers=readers, server=SLUICE)
        each = statistics.median(sample["per_reader"] for sample in ours) / 1e3 if ours else math.nan
        alive = all(sample["alive"] == sample["readers"] for sample in ours)
        found.append((
            f"memory of each of {readers:,} slow readers, all alive",
            f"≤ {KB_PER_READER} KB",
            f"{figures.number(each)} KB{'' if alive else ', not all alive'}",
            alive and each <= KB_PER_READER,
        ))
    return found

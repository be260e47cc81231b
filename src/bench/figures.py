"""Medians, ranges and ratios, as text."""

import math
import statistics


def of(samples, **wanted):
    """Those samples that have these values."""
    return [sample for sample in samples if all(sample.get(name) == value for name, value in wanted.items())]


def distinct(samples, name):
    return list(dict.fromkeys(sample[name] for sample in samples))


def values(samples, name, scale=1.0):
    return [sample[name] * scale for sample in samples if sample.get(name) is not None]


def median(samples, name, scale=1.0):
    """NaN of nothing."""
    return middle(values(samples, name, scale))


def middle(numbers):
    return statistics.median(numbers) if numbers else math.nan


def ratios(ours, theirs, name):
    """Round by round, of the rounds that both have."""
    other = {sample["round"]: sample[name] for sample in theirs if sample.get(name)}
    return [
        sample[name] / other[sample["round"]]
        for sample in ours
        if sample.get(name) is not None and sample["round"] in other
    ]


def spread(samples, name, scale=1.0):
    return ranged(values(samples, name, scale))


def ranged(numbers):
    """Median (least–most)."""
    if not numbers:
        return "–"
    if min(numbers) == max(numbers):
        return number(numbers[0])
    return f"{number(middle(numbers))} ({number(min(numbers))}–{number(max(numbers))})"


def number(value):
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def size(count):
    if count >= 1e9:
        return f"{count / 1e9:.3g} GB"
    return f"{count / 1e6:.3g} MB" if count >= 1e6 else f"{count / 1e3:.3g} KB"


def yes(reached):
    """None means that it was not measured."""
    if reached is None:
        return "not measured"
    return "reached" if reached else "**missed**"


def table(columns, rows):
    """Markdown; the first column is a name, a last one called so is a note."""
    marks = ["---" if n == 0 or column in ("goal", "goals", "note") else "---:" for n, column in enumerate(columns)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [columns, marks, *rows])

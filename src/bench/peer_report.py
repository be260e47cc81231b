"""The sections of the report about others than nginx: each gives its text, and its plots by name."""

import delivery
import figures
import metadata
import nginx
import plots
from setup import SLUICE

MB = 1e-6


def metadata_section(samples):
    texts, groups, late = [], [], []
    for connections in figures.distinct(samples, "connections"):
        some = figures.of(samples, connections=connections)
        by = {server: figures.of(some, server=server) for server in figures.distinct(some, "server")}
        rows = []
        for server, own in by.items():
            static = by.get(metadata.STATIC_ROTATING if server in (metadata.UNKNOWN, metadata.STATIC_ROTATING) else nginx.OFF, [])
            rows.append([
                server,
                figures.spread(own, "rate"),
                figures.ranged(figures.ratios(own, static, "rate")),
                figures.spread(own, "p50"),
                figures.spread(own, "p99"),
                figures.spread(own, "cpu"),
                figures.spread(own, "calls"),
            ])
        columns = ["server", "requests/s", "÷ nginx static", "p50 ms", "p99 ms", "CPU µs/request", "database calls a request"]
        texts.append(f"### {connections} connections\n\n{figures.table(columns, rows)}")
        label = f"{connections} connections"
        groups.append((label, [_bar(server, own, "rate") for server, own in by.items()]))
        late.append((label, [_bar(server, own, "p99") for server, own in by.items()]))
    note = f"""## Metadata of 1 KB, with a token and its ownership checked

One thread of wrk, which waits for each answer before it asks again on that connection. `{metadata.KNOWN}`: one job and one token, which
may be remembered. `{metadata.UNKNOWN}`: so many jobs and tokens in turn that no memory holds them; its ratio is to nginx asked by the
same script. `{nginx.AUTHORIZED}`: static 1 KB, for which Sluice itself is asked whether the token may see the job, since nothing in Debian's
nginx checks a token; its CPU is that of both. The seed design checks no token: it believes a header."""
    plotted = {
        "metadata": plots.bars("Metadata of 1 KB", "requests/s", groups),
        "metadata-p99": plots.bars("Metadata of 1 KB: p99", "ms", late),
    }
    return "\n\n".join([note, *texts]), plotted


def delivery_section(samples):
    texts, groups = [], []
    for case in figures.distinct(samples, "case"):
        some = figures.of(samples, case=case)
        ours = figures.of(some, server=SLUICE)
        rows = []
        for server in figures.distinct(some, "server"):
            own = figures.of(some, server=server)
            rows.append([
                server,
                figures.spread(own, "rate"),
                figures.ranged(figures.ratios(ours, own, "rate")),
                figures.spread(own, "seconds"),
                figures.spread(own, "first", 1e3),
                figures.spread(own, "cpu"),
                figures.spread(own, "grown", MB),
                figures.spread(own, "peak", MB),
                "; ".join(sorted({sample["failure"] for sample in own if sample["failure"]})),
            ])
        columns = ["server", "GB/s", "Sluice's ÷ it", "seconds", "first byte ms", "CPU s/GB", "memory +MB", "peak MB", "note"]
        texts.append(f"### {case}, {figures.size(some[0]['size'])}\n\n{figures.table(columns, rows)}")
        groups.append((f"{case}, {figures.size(some[0]['size'])}", _bars(some, "rate")))
    note = f"""## One download, from each

Of the content before any deflating, by one client that comes once at a time. nginx and Caddy cannot make archives: they deliver as a
file the one that Sluice made. `{delivery.FIRST_REQUEST}` is the first request that there ever was for that job. Who takes more than
{delivery.SLOW} s is asked once. Memory is the growth of the peak of resident memory, and that peak: of Sluice with its embedded PostgreSQL,
each of whose processes counts the memory that they share."""
    return "\n\n".join([note, *texts]), {"peers": plots.bars("One download", "GB/s of content", groups)}


def herd_section(samples):
    rows = []
    for server in figures.distinct(samples, "server"):
        own = figures.of(samples, server=server)
        failures = sorted({failure for sample in own for failure in sample["failures"]})
        rows.append([
            server,
            f"{min(sample['complete'] for sample in own)} of {own[0]['clients']}",
            figures.spread(own, "all"),
            figures.spread(own, "rate"),
            figures.spread(own, "first", 1e3),
            figures.spread(own, "cpu"),
            figures.spread(own, "grown", MB),
            "; ".join(failures),
        ])
    columns = ["server", "complete", "all after s", "GB/s", "median first byte ms", "CPU s/GB", "memory +MB", "note"]
    title = f"## {samples[0]['clients']} CI jobs at once after a zip of {figures.size(samples[0]['size'])}"
    note = "Sluice is asked for a job that nobody has asked for before; file servers have an archive that was made before."
    plot = plots.bars("Many CI jobs at once after one artifact", "GB/s of content, of complete downloads", [("", _bars(samples, "rate"))])
    return f"{title}\n\n{figures.table(columns, rows)}\n\n{note}", {"herd": plot}


def seed_section(samples):
    rows, series = [], []
    servers = figures.distinct(samples, "server")
    for size in figures.distinct(samples, "size"):
        for server in servers:
            own = figures.of(samples, size=size, server=server)
            rows.append([
                f"{server}, {figures.size(size)}",
                figures.spread(own, "first", 1e3),
                figures.spread(own, "grown", MB),
                figures.spread(own, "peak", MB),
                "; ".join(sorted({sample["failure"] for sample in own if sample["failure"]})),
            ])
    for server in servers:
        points = []
        for size in figures.distinct(samples, "size"):
            own = figures.values(figures.of(samples, server=server, size=size), "first", 1e3)
            if own:
                points.append((size / 1e6, figures.middle(own), min(own), max(own)))
        if points:
            series.append((server, points))
    note = """Of random bytes. Memory is the growth of the peak of resident memory: of Sluice during a whole download, after it has delivered others;
of the others, started anew each time, until their first byte."""
    text = "## First byte and memory beside designs that build the zip for each request\n\n"
    text += figures.table(["", "first byte ms", "memory +MB", "peak MB", "note"], rows) + "\n\n" + note
    return text, {"first-byte-peers": plots.lines("First byte of a zip by its size", "MB", "ms", series)} if series else {}


def ready_section(samples):
    rows = [
        ["first line: listens", figures.spread(samples, "listening")],
        ["/health/ready says 200", figures.spread(samples, "ready")],
        ["/health/ready says 200, started with class data as the image is", figures.spread(samples, "with class data")],
        ["a share that was withdrawn on another replica opens nothing", figures.spread(samples, "revoked")],
        ["a change of a job on another replica is told", figures.spread(samples, "stale")],
    ]
    text = "## Ready, and aware of what others change\n\n" + figures.table(["", "seconds"], rows)
    return text + "\n\nOf a second process on the same store, with the database of the first as its external one.", {}


def _bars(samples, name):
    return [_bar(server, figures.of(samples, server=server), name) for server in figures.distinct(samples, "server")]


def _bar(label, samples, name):
    numbers = figures.values(samples, name) or [0.0]
    return label, figures.middle(numbers), min(numbers), max(numbers)

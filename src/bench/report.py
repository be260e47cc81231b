"""The samples of a run as Markdown, with plots as SVG beside it."""

import figures
import measurements
import peer_report
import plots
import targets
from setup import SLUICE


def write(results, directory):
    """Writes report.md and its plots, and returns the text."""
    sections = [_header(results), _targets(results), *_failed(results)]
    parts = {
        "metadata": peer_report.metadata_section,
        "peers": peer_report.delivery_section,
        "herd": peer_report.herd_section,
        "seed": peer_report.seed_section,
        "ready": peer_report.ready_section,
        "throughput": _throughput,
        "small": _small,
        "first-byte": _first_byte,
        "memory": _memory,
    }
    drawn = {}
    for part, section in parts.items():
        samples = results.get(part)
        if isinstance(samples, list) and samples:
            text, pictures = section(samples)
            drawn.update(pictures)
            sections += [text, *(f"![{name}]({name}.svg)" for name in pictures)]
        elif part in ("small", "metadata") and samples == []:
            sections.append(f"`{part}` was not measured: `wrk` is not installed.")
    for name, picture in drawn.items():
        (directory / f"{name}.svg").write_text(picture)
    text = "\n\n".join(sections) + "\n"
    (directory / "report.md").write_text(text)
    return text


def _header(results):
    machine, options = results["machine"], results["options"]
    quick = ", **quick: small sizes and few rounds, so that numbers mean little**" if options["quick"] == "True" else ""
    lines = [
        "# Sluice beside its peers",
        "",
        f"- {results['started']}, {options['rounds']} rounds{quick}",
        f"- {machine['processor']}, {machine['cores']} cores shared by servers and clients,"
        f" {machine['memory_bytes'] / 2**30:.0f} GiB, Linux {machine['kernel']}, {machine['congestion_control']}, loopback",
        f"- {machine['nginx']}; {machine['java']}, `-Xmx{options['heap']}`; {machine['descriptors']} descriptors a process",
        f"- load average before {machine['load_before']:.1f}, after {results['load_after']:.1f}",
        f"- the client {'drops what it receives in the kernel' if options['client'] == 'discard' else 'copies what it receives'}",
    ]
    if machine["congestion_control"].startswith("bbr"):
        lines.append(
            "- to clients on its own machine Sluice sends with CUBIC where the system's is BBR, and all others here with BBR: these are the"
            " servers as they come; on equal terms they meet with `--congestion-control cubic`"
        )
    if results.get("peers_installed"):
        lines.append("- beside it: " + "; ".join(results["peers_installed"]))
    for name, missing in results.get("peers_missing", {}).items():
        lines.append(f"- **{name} was left out: {missing}**")
    if machine["load_before"] > 1.5:
        lines.append("- **the machine was busy before the run began: do not trust these numbers**")
    lines += ["", "Figures are medians (least–most); ratios are made within rounds. CPU is the server's, of all its processes."]
    return "\n".join(lines)


def _failed(results):
    return [f"**{part} failed:** `{said}`" for part, said in results.get("failed", {}).items()]


def _targets(results):
    rows = [
        [what, target, measured, figures.yes(reached)] for what, target, measured, reached in targets.rows(results)
    ]
    if not rows:
        return "No target belongs to the parts that were measured."
    return "## Targets\n\n" + figures.table(["", "target", "measured", "goal"], rows)


def _throughput(samples):
    text = _comparison("Throughput", samples, "GB/s", "CPU s/GB")
    text += "\n\n" + _whole_machine(samples)
    text += f"\n\nThe client itself spent {figures.spread(samples, 'client_cpu')} CPU s/GB."
    if not any("TLS" in sample["case"] for sample in samples):
        text += "\n\nTLS was left out (`--plain`)."
    groups = [
        (case, [_bar(figures.of(samples, case=case, server=server), server, "rate") for server in figures.distinct(samples, "server")])
        for case in figures.distinct(samples, "case")
    ]
    return text, {"throughput": plots.bars("Throughput", "GB/s", groups)}


def _whole_machine(samples):
    """CPU that the kernel charged to nobody in particular, too."""
    rows = []
    for case in figures.distinct(samples, "case"):
        ours = figures.of(samples, case=case, server=SLUICE)
        cheapest = targets.better_nginx(samples, case, "busy")
        rows.append([
            case,
            f"{figures.spread(cheapest, 'busy')} {cheapest[0]['server'].rpartition('=')[2]}",
            figures.spread(ours, "busy"),
            figures.ranged(figures.ratios(ours, cheapest, "busy")),
        ])
    return "All that the machine spent, but for what the client was charged with:\n\n" + figures.table(
        ["", "nginx CPU s/GB", "Sluice CPU s/GB", "ratio"], rows
    )


def _small(samples):
    return _comparison("Small file (1 KB, wrk)", samples, "requests/s", "CPU µs/request"), {}


def _comparison(title, samples, rate_unit, cpu_unit):
    """Each server's median and range, and the ratios within rounds to the better of the two nginx."""
    rows = []
    for case in figures.distinct(samples, "case"):
        ours = figures.of(samples, case=case, server=SLUICE)
        fastest, cheapest = targets.better_nginx(samples, case, "rate"), targets.better_nginx(samples, case, "cpu")
        rate, cpu = targets.against_nginx(samples, case)
        rows.append([
            case,
            f"{figures.spread(fastest, 'rate')} {fastest[0]['server'].rpartition('=')[2]}",
            figures.spread(ours, "rate"),
            figures.ranged(rate),
            f"{figures.spread(cheapest, 'cpu')} {cheapest[0]['server'].rpartition('=')[2]}",
            figures.spread(ours, "cpu"),
            figures.ranged(cpu),
            f"{figures.number(figures.median(fastest, 'peak', 1e-6))}, {figures.number(figures.median(ours, 'peak', 1e-6))}",
        ])
    columns = ["", f"nginx {rate_unit}", f"Sluice {rate_unit}", "ratio", f"nginx {cpu_unit}", f"Sluice {cpu_unit}", "ratio", "peak RSS MB, both"]
    return f"## {title}\n\n{figures.table(columns, rows)}\n\non/off is the `tcp_nopush` of the better nginx; ratios are Sluice's to it."


def _bar(samples, label, name, scale=1.0):
    numbers = figures.values(samples, name, scale)
    return label, figures.middle(numbers), min(numbers), max(numbers)


def _first_byte(samples):
    rows, series = [], {"first request": [], "indexed": []}
    for size in figures.distinct(samples, "size"):
        same = figures.of(samples, size=size)
        rows.append([
            figures.size(size),
            *(figures.spread(same, name, 1e3) for name in ("cold_head", "cold")),
            figures.spread(same, "indexing"),
            *(figures.spread(same, name, 1e3) for name in ("warm", "warm_slowest")),
        ])
        series["first request"].append((size / 1e6, *_bar(same, "", "cold", 1e3)[1:]))
        series["indexed"].append((size / 1e6, *_bar(same, "", "warm", 1e3)[1:]))
    columns = ["archive", "first request: head ms", "first request: body ms", "indexing s", "warm ms", "slowest warm ms"]
    note = "From before the connection is made. Archives above 100 MB are sparse; indexing is the wait for a range with their whole central directory."
    text = f"## First byte of a zip\n\n{figures.table(columns, rows)}\n\n{note}"
    return text, {"first-byte": plots.lines("First byte of a zip by its size", "MB", "ms", list(series.items()))}


def _memory(samples):
    rows, notes = [], []
    for sample in samples:
        rows.append([
            sample["server"],
            f"{sample['readers']:,}",
            f"{sample['alive']:,}",
            _growth(sample, "rss"),
            _growth(sample, "live_heap"),
            f"{sample['per_reader'] / 1e3:.1f}",
            _growth(sample, "tcp"),
            f"{sample['before']['descriptors']} → {sample['after']['descriptors']}",
        ])
        notes += [
            f"{sample['server']}, {sample['readers']} readers: {count} × {failure}"
            for failure, count in sample["failures"].items()
        ]
    columns = ["server", "readers", "alive at the end", "RSS, MB", "live heap, MB", "KB a reader", "socket buffers, MB", "descriptors"]
    note = "KB a reader is the growth of RSS, the heap being in memory from the start, and of what is live in the heap."
    title = f"## Memory at slow readers ({measurements.READ_RATE} bytes/s each, of the zip)"
    return "\n".join([title, "", figures.table(columns, rows), "", note, *notes]), {}


def _growth(sample, name):
    return f"{sample['before'][name] / 1e6:.0f} → {sample['after'][name] / 1e6:.0f}"

"""The samples of a run as text."""

import statistics

import measurements

NGINX = ("nginx nopush=off", "nginx nopush=on")
#: Case → least throughput and most CPU as multiples of nginx's.
GOALS = {"plain": (0.9, 1.3), "TLS": (0.9, 1.1)}
FIRST_BYTE = 0.050
KB_PER_READER = 50


def markdown(results):
    parts = [_header(results)]
    if results.get("throughput"):
        parts.append(_comparison("Throughput", results["throughput"], "GB/s", "CPU s/GB", True))
        if not any("TLS" in sample["case"] for sample in results["throughput"]):
            parts.append("TLS was left out (`--plain`).")
    if results.get("small"):
        parts.append(_comparison("Small file (1 KB, wrk)", results["small"], "requests/s", "CPU µs/request", False))
    elif "small" in results:
        parts.append("The small file was not measured: `wrk` is not installed.")
    if results.get("first-byte"):
        parts.append(_first_byte(results["first-byte"]))
    if results.get("memory"):
        parts.append(_memory(results["memory"]))
    return "\n\n".join(parts) + "\n"


def _header(results):
    machine, options = results["machine"], results["options"]
    load_after = results["load_after"]
    lines = [
        "# Sluice beside nginx",
        "",
        f"- {results['started']}, {options['rounds']} rounds{', **quick: numbers mean little**' if options['quick'] == 'True' else ''}",
        f"- {machine['processor']}, {machine['cores']} cores shared by server and client,"
        f" {machine['memory_bytes'] / 2**30:.0f} GiB, Linux {machine['kernel']}, {machine['congestion_control']}, loopback",
        f"- {machine['nginx']}; {machine['java']}, `-Xmx{options['heap']}`; {machine['descriptors']} descriptors a process",
        f"- load average before {machine['load_before']:.1f}, after {load_after:.1f}",
        f"- the client {'drops what it receives in the kernel' if options['client'] == 'discard' else 'copies what it receives'}",
    ]
    if machine["load_before"] > 1.5:
        lines.append("- **the machine was busy before the run began: do not trust these numbers**")
    return "\n".join(lines)


def _comparison(title, samples, rate_unit, cpu_unit, with_client):
    """Each server's median and range, and the ratios within rounds to the better of the two nginx."""
    head = f"| | nginx {rate_unit} | Sluice {rate_unit} | ratio | nginx {cpu_unit} | Sluice {cpu_unit} | ratio | goals |"
    lines = [f"## {title}", "", head, "| --- |" + " ---: |" * 6 + " --- |"]
    for case in dict.fromkeys(sample["case"] for sample in samples):
        by_server = {
            server: [sample for sample in samples if sample["case"] == case and sample["server"] == server]
            for server in (*NGINX, measurements.SLUICE)
        }
        ours = by_server[measurements.SLUICE]
        fastest = max(NGINX, key=lambda variant: _median(by_server[variant], "rate"))
        cheapest = min(NGINX, key=lambda variant: _median(by_server[variant], "cpu"))
        rate, cpu = _ratios(ours, by_server[fastest], "rate"), _ratios(ours, by_server[cheapest], "cpu")
        lines.append(
            f"| {case} | {_spread(by_server[fastest], 'rate')} {fastest[-3:].strip('=')} | {_spread(ours, 'rate')} | {_range(rate)}"
            f" | {_spread(by_server[cheapest], 'cpu')} {cheapest[-3:].strip('=')} | {_spread(ours, 'cpu')} | {_range(cpu)}"
            f" | {_reached(case, statistics.median(rate), statistics.median(cpu)) if with_client else ''} |"
        )
    lines += ["", "Median (least–most); on/off is the `tcp_nopush` of the better nginx; ratios are Sluice's to it, round by round."]
    if with_client:
        own = [sample["client_cpu"] for sample in samples]
        lines.append(f"The client itself spent {_range(own)} CPU s/GB.")
    return "\n".join(lines)


def _reached(case, rate, cpu):
    least, most = GOALS["TLS" if "TLS" in case else "plain"]
    return f"≥ {least}: {_yes(rate >= least)}, CPU ≤ {most}: {_yes(cpu <= most)}"


def _first_byte(samples):
    lines = [
        "## First byte of a zip",
        "",
        "| archive | first request: head ms | first request: body ms | indexing s | warm ms | slowest warm ms | goal |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for size in dict.fromkeys(sample["size"] for sample in samples):
        same = [sample for sample in samples if sample["size"] == size]
        cells = [
            _range([sample[name] * scale for sample in same])
            for name, scale in (("cold_head", 1e3), ("cold", 1e3), ("indexing", 1), ("warm", 1e3), ("warm_slowest", 1e3))
        ]
        warm = _median(same, "warm")
        lines.append(f"| {_size(size)} | {' | '.join(cells)} | < 50 ms: {_yes(warm < FIRST_BYTE)} |")
    lines += ["", "From before the connection is made. Archives above 100 MB are sparse; indexing is the wait for a range at their end."]
    return "\n".join(lines)


def _memory(samples):
    lines = [
        f"## Memory at slow readers ({measurements.READ_RATE} bytes/s each, of the zip)",
        "",
        "| server | readers | of them alive at the end | RSS, MB | live heap, MB | KB a reader | socket buffers, MB | descriptors | goal |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for sample in samples:
        before, after = sample["before"], sample["after"]
        per_reader = sample["per_reader"] / 1e3
        goal = ""
        if sample["server"] == measurements.SLUICE:
            held = sample["alive"] == sample["readers"]
            goal = f"≤ {KB_PER_READER} KB: {_yes(per_reader <= KB_PER_READER and held)}"
        lines.append(
            f"| {sample['server']} | {sample['readers']} | {sample['alive']} | {_growth(before, after, 'rss')}"
            f" | {_growth(before, after, 'live_heap')} | {per_reader:.1f} | {_growth(before, after, 'tcp')}"
            f" | {before['descriptors']} → {after['descriptors']} | {goal} |"
        )
    lines += ["", "KB a reader is the growth of RSS, the heap being in memory from the start, and of what is live in the heap."]
    for sample in samples:
        lines += [
            f"{sample['server']}, {sample['readers']} readers: {count} × {failure}"
            for failure, count in sample["failures"].items()
        ]
    return "\n".join(lines)


def _growth(before, after, name):
    return f"{before[name] / 1e6:.0f} → {after[name] / 1e6:.0f}"


def _ratios(ours, theirs, name):
    return [one[name] / other[name] for one, other in zip(ours, theirs) if other[name]] or [float("nan")]


def _median(samples, name):
    return statistics.median(sample[name] for sample in samples)


def _spread(samples, name):
    return _range([sample[name] for sample in samples])


def _range(values):
    middle = statistics.median(values)
    return f"{_number(middle)} ({_number(min(values))}–{_number(max(values))})"


def _number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _size(size):
    return f"{size / 1e9:.0f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _yes(reached):
    return "reached" if reached else "**missed**"

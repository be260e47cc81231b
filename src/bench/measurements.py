"""What is measured: each part gives its samples."""

import math
import statistics
import time

import load
import machine
import servers

CONTENTS = ("file", "zip", "deflated zip")
CONNECTIONS = (1, 32)
SLUICE = "sluice"
READ_RATE = 4096
WARM_REQUESTS = 20
#: A JVM compiles while it works: it is warm when the next go costs no longer this much less CPU than the one before.
SETTLED = 0.95
MOST_WARMING = 10


def throughput(setup, options):
    """Samples of every content, plain and TLS, by 1 and 32 connections."""
    samples = [] if options.tls else _throughput(setup, options, tls=False)
    if not options.plain:
        setup.start_sluice(setup.tls_settings)
        samples += _throughput(setup, options, tls=True)
        setup.start_sluice()
    return samples


def _throughput(setup, options, tls):
    samples = []
    for content in CONTENTS:
        size = setup.sources[content][0].stat().st_size
        for connections in CONNECTIONS:
            sample = (options.tls_sample if tls else options.sample)[connections]
            # Of many connections each takes a part: a whole file each would take minutes with TLS.
            most = min(size, sample // connections)
            times = math.ceil(sample / (connections * most))
            for server, target, path, roots in _turns(setup, content, tls, 0):
                _warm(roots, lambda: load.download(target, path, connections, times, most=most)[0])
            for number in range(options.rounds):
                for server, target, path, roots in _turns(setup, content, tls, number):
                    setup.cache(content)
                    before = machine.cpu_seconds(roots)
                    received, seconds, own = load.download(
                        target, path, connections, times, options.client == "copy", most
                    )
                    time.sleep(0.05)
                    spent = machine.cpu_seconds(roots) - before
                    samples.append({
                        "case": f"{content}, {connections} connection{'s'[:connections - 1]}{', TLS' if tls else ''}",
                        "server": server,
                        "round": number,
                        "bytes": received,
                        "rate": received / seconds / 1e9,
                        "cpu": spent / received * 1e9,
                        "client_cpu": own / received * 1e9,
                    })
                    _say(samples[-1])
    return samples


def small(setup, options):
    """Samples of the small file."""
    samples = [] if options.tls else _small(setup, options, tls=False)
    if not options.plain:
        setup.start_sluice(setup.tls_settings)
        samples += _small(setup, options, tls=True)
        setup.start_sluice()
    return samples


def _small(setup, options, tls):
    samples = []
    for connections in CONNECTIONS:
        if load.requests(setup.sluice.target(), setup.paths["small"], 1, 1) is None:
            return []
        for server, target, path, roots in _turns(setup, "small", tls, 0):
            _warm(roots, lambda: load.requests(target, path, connections, options.wrk_seconds)[0])
        for number in range(options.rounds):
            for server, target, path, roots in _turns(setup, "small", tls, number):
                before = machine.cpu_seconds(roots)
                count, rate = load.requests(target, path, connections, options.wrk_seconds)
                spent = machine.cpu_seconds(roots) - before
                samples.append({
                    "case": f"small file, {connections} connection{'s'[:connections - 1]}{', TLS' if tls else ''}",
                    "server": server,
                    "round": number,
                    "rate": rate,
                    "cpu": spent / count * 1e6,
                })
                _say(samples[-1])
    return samples


def _warm(roots, work):
    """Repeats the work until its CPU for each unit, which the work returns, no longer falls."""
    last = math.inf
    for _ in range(MOST_WARMING):
        before = machine.cpu_seconds(roots)
        units = work()
        now = (machine.cpu_seconds(roots) - before) / units
        if now >= last * SETTLED:
            return
        last = now


def _turns(setup, content, tls, number):
    """Everybody's go in one round; the order is turned round from round to round."""
    turns = [
        (variant, setup.nginx.target(variant, tls), setup.nginx_path(content), setup.nginx.roots())
        for variant in servers.Nginx.VARIANTS
    ]
    turns.append((SLUICE, setup.sluice.target(), setup.paths[content], setup.sluice.roots()))
    return turns[::-1] if number % 2 else turns


def first_byte(setup, options):
    """Seconds to the first byte of a zip: at its first request ever, and when everything is indexed."""
    samples = []
    target = setup.sluice.target()
    for number in range(max(2, options.rounds // 2)):
        for size in options.archives:
            job = f"first-byte-{size}-{number}"
            path = setup.archive(job, size)
            cold_head, cold = load.first_byte(target, path)
            setup.sluice.complete(job)
            begin = time.monotonic()
            # The directory at the end has the checksum of each entry.
            load.save(target, path, None, Range="bytes=-100")
            indexing = time.monotonic() - begin
            warm = sorted(load.first_byte(target, path)[1] for _ in range(WARM_REQUESTS))
            samples.append({
                "size": size,
                "round": number,
                "cold_head": cold_head,
                "cold": cold,
                "indexing": indexing,
                "warm": statistics.median(warm),
                "warm_slowest": warm[-1],
            })
            _say(samples[-1])
            setup.sluice.forget(job)
    return samples


def memory(setup, options):
    """Growth from an idle server, warmed up, to one with so many slow readers of the zip."""
    samples = []
    for count in options.readers:
        # With the heap in memory from the start, what grows outside of it shows in RSS; inside counts what is live.
        setup.start_sluice(java_options=[f"-Xms{options.heap}", "-XX:+AlwaysPreTouch"])
        for server, target, path, roots in (
            (SLUICE, setup.sluice.target(), setup.paths["zip"], [setup.sluice.process.pid]),
            (servers.Nginx.VARIANTS[0], setup.nginx.target(servers.Nginx.VARIANTS[0]), setup.nginx_path("zip"), setup.nginx.roots()),
        ):
            setup.cache("zip")
            for _ in range(3):
                load.download(target, path, 32, 1)
            for _ in range(300):
                load.first_byte(target, path)
            time.sleep(2)
            before = _memory(server, roots)
            readers = load.SlowReaders(target, path, count, READ_RATE)
            readers.read(options.hold_seconds)
            after = _memory(server, roots)
            samples.append({
                "server": server,
                "readers": count,
                "alive": readers.alive(),
                "failures": readers.failures,
                "read_median": statistics.median(readers.received) if readers.received else 0,
                "before": before,
                "after": after,
                "per_reader": (after["rss"] - before["rss"] + after["live_heap"] - before["live_heap"])
                / max(1, readers.alive()),
                "seconds": options.hold_seconds,
            })
            _say(samples[-1])
            readers.close()
    setup.start_sluice()
    return samples


def _memory(server, roots):
    return {
        "live_heap": machine.live_heap_bytes(roots[0]) if server == SLUICE else 0,
        "rss": machine.rss_bytes(roots),
        "tcp": machine.tcp_memory_bytes(),
        "descriptors": machine.descriptors(roots),
    }


def _say(sample):
    print("  " + ", ".join(f"{name} {_short(value)}" for name, value in sample.items()), flush=True)


def _short(value):
    return f"{value:.4g}" if isinstance(value, float) else value


PARTS = {"throughput": throughput, "small": small, "first-byte": first_byte, "memory": memory}

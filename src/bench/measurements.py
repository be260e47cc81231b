"""What is measured of Sluice and nginx, and the list of all parts: each gives its samples."""

import math
import statistics
import time

import delivery
import herd
import load
import machine
import metadata
import nginx
import ready
import seed
import wrk
from samples import Spent, say, warm
from setup import SLUICE, in_turn

CONTENTS = ("file", "zip", "deflated zip")
CONNECTIONS = (1, 32)
READ_RATE = 4096
#: A JVM compiles first what it runs often, and goes on with that for some thousand requests: a server that has run for a minute has them
#: behind it, and one that is asked for large files alone would be measured while it compiles.
WARM_RANGES, WARM_RANGE = 4_000, 100_000
WARM_REQUESTS = 20
#: Bytes at the end of an archive, with the whole central directory: the checksum of each entry is in it.
END = 64 << 10


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
    for name in CONTENTS:
        for one in _turns(setup, name, tls, 0):
            load.ranges(one.target, one.path, options.warm_ranges, WARM_RANGE)
        size = setup.sources[name][0].stat().st_size
        for connections in CONNECTIONS:
            sample = (options.tls_sample if tls else options.sample)[connections]
            # Of many connections each takes a part: a whole file each would take minutes with TLS.
            most = min(size, sample // connections)
            times = math.ceil(sample / (connections * most))
            for one in _turns(setup, name, tls, 0):
                warm(one.roots, lambda: load.download(one.target, one.path, connections, times, most=most)[0])
            for number in range(options.rounds):
                for one in _turns(setup, name, tls, number):
                    setup.cache(name)
                    with Spent(one.roots) as spent:
                        received, seconds, own = load.download(
                            one.target, one.path, connections, times, options.client == "copy", most
                        )
                        time.sleep(0.05)
                    samples.append({
                        "case": f"{name}, {connections} connection{'s'[:connections - 1]}{', TLS' if tls else ''}",
                        "server": one.name,
                        "round": number,
                        "bytes": received,
                        "rate": received / seconds / 1e9,
                        "cpu": spent.cpu / received * 1e9,
                        "client_cpu": own / received * 1e9,
                        # The sender's and the kernel's: on a loopback softirqs are charged to whom they interrupt.
                        "busy": (spent.busy - own) / received * 1e9,
                        "peak": spent.peak,
                    })
                    say(samples[-1])
    return samples


def small(setup, options):
    """Samples of the small file."""
    if not wrk.installed():
        return []
    samples = [] if options.tls else _small(setup, options, tls=False)
    if not options.plain:
        setup.start_sluice(setup.tls_settings)
        samples += _small(setup, options, tls=True)
        setup.start_sluice()
    return samples


def _small(setup, options, tls):
    samples = []
    for connections in CONNECTIONS:
        for one in _turns(setup, "small", tls, 0):
            warm(one.roots, lambda: wrk.get(one.target, one.path, connections, options.wrk_seconds).count)
        for number in range(options.rounds):
            for one in _turns(setup, "small", tls, number):
                with Spent(one.roots) as spent:
                    answered = wrk.get(one.target, one.path, connections, options.wrk_seconds)
                samples.append({
                    "case": f"small file, {connections} connection{'s'[:connections - 1]}{', TLS' if tls else ''}",
                    "server": one.name,
                    "round": number,
                    "rate": answered.rate,
                    "cpu": spent.cpu / max(1, answered.count) * 1e6,
                    "peak": spent.peak,
                })
                say(samples[-1])
    return samples


def _turns(setup, name, tls, number):
    """Everybody's go in one round."""
    return in_turn([setup.static(name, variant, tls) for variant in nginx.Nginx.VARIANTS] + [setup.own(name)], number)


def first_byte(setup, options):
    """Seconds to the first byte of a zip: at its first request ever, and when everything is indexed."""
    samples = []
    target = setup.sluice.target()
    for number in range(max(2, options.rounds // 2)):
        for size in options.archives:
            job = f"first-byte-{size}-{number}"
            path = setup.archive(job, size)
            cold_head, cold = load.first_byte(target, path)
            # Ranges are answered once a job has ended; a completed one would be published meanwhile.
            setup.sluice.cancel(job)
            begin = time.monotonic()
            load.save(target, path, None, Range=f"bytes=-{END}")
            indexing = time.monotonic() - begin
            indexed = sorted(load.first_byte(target, path)[1] for _ in range(WARM_REQUESTS))
            samples.append({
                "size": size,
                "round": number,
                "cold_head": cold_head,
                "cold": cold,
                "indexing": indexing,
                "warm": statistics.median(indexed),
                "warm_slowest": indexed[-1],
            })
            say(samples[-1])
            setup.sluice.forget(job)
    return samples


def memory(setup, options):
    """Growth from an idle server, warmed up, to one with so many slow readers of the zip."""
    samples = []
    for count in options.readers:
        # With the heap in memory from the start, what grows outside of it shows in RSS; inside counts what is live.
        setup.start_sluice(java_options=[f"-Xms{options.heap}", "-XX:+AlwaysPreTouch"])
        for one, roots in ((setup.own("zip"), [setup.sluice.process.pid]), (setup.static("zip"), setup.nginx.roots())):
            setup.cache("zip")
            for _ in range(3):
                load.download(one.target, one.path, 32, 1)
            for _ in range(300):
                load.first_byte(one.target, one.path)
            time.sleep(2)
            before = _memory(one.name, roots)
            readers = load.SlowReaders(one.target, one.path, count, READ_RATE)
            readers.read(options.hold_seconds)
            after = _memory(one.name, roots)
            samples.append({
                "server": one.name,
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
            say(samples[-1])
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


PARTS = {
    "metadata": metadata.measure,
    "peers": delivery.measure,
    "herd": herd.measure,
    "seed": seed.measure,
    "ready": ready.measure,
    "throughput": throughput,
    "small": small,
    "first-byte": first_byte,
    "memory": memory,
}

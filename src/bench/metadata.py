"""Requests a second, and their latencies, of 1 KB of metadata whose owner shows a token, beside 1 KB of a static file.

What is known may be remembered: one client asks for one job with one token. What is not known cannot be: so many jobs, each with a
token of its own, are asked for in turn that no memory of 10,000 answers holds them. How often the database was asked tells which it was;
those who ask at once are answered by one statement, which counts as often as they are.
"""

import json
import pathlib

import load
import nginx
import peers
import servers
import wrk
from samples import Spent, say, warm
from setup import SLUICE, Contestant, in_turn

CONNECTIONS = (64, 256)
JOB = "metadata"
KNOWN, UNKNOWN, UNAUTHENTICATED = "sluice, known", "sluice, not known", "sluice /version, no token"
STATIC_ROTATING = "nginx, as many requests"
KILOBYTE = 1024
REGISTERING_CONNECTIONS = 16
REGISTERING_SECONDS = 5


def measure(setup, options):
    if not wrk.installed():
        return []
    setup.start_peers()
    path = _job(setup)
    rotating = _rotating(setup, options)
    samples = []
    for connections in CONNECTIONS:
        contestants = []
        for one in [*_contestants(setup, path), *_rotators(setup, rotating)]:
            try:
                warm(one.roots, lambda: _ask(one, connections, options.wrk_seconds).count)
                contestants.append(one)
            except load.WrongAnswer as failure:
                print(f"  {one.name} is left out with {connections} connections: {failure}", flush=True)
        for number in range(options.rounds):
            for one in in_turn(contestants, number):
                asked = setup.sluice.database_calls()
                with Spent(one.roots) as spent:
                    answered = _ask(one, connections, options.wrk_seconds)
                calls = setup.sluice.database_calls() - asked if asked is not None else None
                samples.append({
                    "connections": connections,
                    "server": one.name,
                    "round": number,
                    "rate": answered.rate,
                    "p50": answered.p50,
                    "p99": answered.p99,
                    "cpu": spent.cpu / max(1, answered.count) * 1e6,
                    "calls": calls / max(1, answered.count) if calls is not None and SLUICE in one.name else None,
                })
                say(samples[-1])
    return samples


def _job(setup):
    """Of which 1 KB is told."""
    setup.sluice.register(JOB + "-0")
    bare = len(setup.sluice.ask("GET", f"/api/training/jobs/{JOB}-0")[1])
    setup.sluice.register(JOB + "-1", config=_config(KILOBYTE - bare))
    return f"/api/training/jobs/{JOB}-1"


def _config(size):
    """Of so many bytes as JSON more than an empty object."""
    return {"note": "x" * (size - len('"note":""'))}


def _rotating(setup, options):
    """Files with requests for so many jobs of as many tokens; and for as many names that a static file server takes for one."""
    target, config = setup.sluice.target(setup.sluice.trainer), json.dumps(_config(700), separators=(",", ":"))
    jobs, go = [], 0
    while len(jobs) < options.jobs:
        prefix = f"many-{go}-"
        count = wrk.register(target, prefix, config, REGISTERING_CONNECTIONS, REGISTERING_SECONDS)
        jobs += [f"{prefix}{n}" for n in range(2, count - REGISTERING_CONNECTIONS)]
        go += 1
    tokens = [setup.sluice.issue(servers.OWNER, jti=str(n)) for n in range(options.jobs)]
    own, static = setup.work / "rotating", setup.work / "rotating-static"
    own.write_text("".join(f"/api/training/jobs/{job}\t{token}\n" for job, token in zip(jobs, tokens)))
    static.write_text("".join(f"/small?{job}\t{token}\n" for job, token in zip(jobs, tokens)))
    return own, static


def _contestants(setup, path):
    sluice = setup.sluice
    static = setup.static("small")
    found = [
        Contestant(KNOWN, sluice.target(), path, sluice.roots()),
        Contestant(UNAUTHENTICATED, sluice.unauthenticated(), "/version", sluice.roots()),
        static,
        setup.static("small", nginx.AUTHORIZED),
    ]
    for kind, name in ((peers.CADDY, "small"), (peers.JAVA, "small"), (peers.SEED, "metadata")):
        if kind in setup.peers:
            found.append(setup.peer(kind, setup.peers[kind].paths[name]))
    return found


def _rotators(setup, files):
    """Whose path is a file of requests."""
    own, static = files
    return [
        Contestant(UNKNOWN, setup.sluice.unauthenticated(), own, setup.sluice.roots()),
        Contestant(STATIC_ROTATING, setup.nginx.target(nginx.OFF), static, setup.nginx.roots()),
    ]


def _ask(one, connections, seconds):
    ask = wrk.rotate if isinstance(one.path, pathlib.Path) else wrk.get
    return ask(one.target, one.path, connections, seconds)

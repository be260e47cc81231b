"""Requests as fast as a server answers them, by wrk."""

import dataclasses
import pathlib
import re
import shutil
import subprocess

import load

HERE = pathlib.Path(__file__).resolve().parent
MS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclasses.dataclass(frozen=True)
class Answered:
    """How many were answered, how many a second, and their latencies in ms."""

    count: int
    rate: float
    p50: float
    p99: float


def installed():
    return shutil.which("wrk") is not None


def get(target, path, connections, seconds):
    """The same request again and again."""
    return _run(target, path, connections, seconds)


def rotate(target, requests, connections, seconds):
    """Requests of a file, one after the other and from the beginning again: lines of path, tab and token."""
    return _run(target, "/", connections, seconds, HERE / "rotate.lua", str(requests))


def register(target, prefix, config, connections, seconds):
    """Registers jobs called prefix and a number from 2, for wrk asks its script for a first request that it does not send.

    The last of so many may be missing, as many as there are connections.
    """
    return _run(target, "/api/training/jobs", connections, seconds, HERE / "register.lua", prefix, config).count


def _run(target, path, connections, seconds, script=None, *arguments):
    fields = [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
    scripted = ["-s", str(script)] if script else []
    url = f"{'https' if target.tls else 'http'}://{target.host}:{target.port}{path}"
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *fields, *scripted, url]
        + (["--", *arguments] if arguments else []),
        capture_output=True,
        text=True,
        timeout=seconds + 60,
    )
    said = done.stdout
    if done.returncode or "Non-2xx" in said or "Socket errors" in said:
        raise load.WrongAnswer(f"{url}: {said}{done.stderr}")
    return Answered(
        int(re.search(r"(\d+) requests in", said).group(1)),
        float(re.search(r"Requests/sec:\s*([\d.]+)", said).group(1)),
        _latency(said, "50%"),
        _latency(said, "99%"),
    )


def _latency(said, share):
    value, unit = re.search(rf"(?m)^\s*{share}\s+([\d.]+)(us|ms|s|m)\s*$", said).groups()
    return float(value) * MS[unit]

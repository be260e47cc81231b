"""The servers' processes, none of which outlives the run, however that ends."""

import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
STOPPING = 60

_running = []
_given_ports = set()


def start(command, **options):
    """In a session of its own, so that Ctrl-C reaches the run alone, which then ends all in order."""
    process = subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_the_run, **options)
    _running.append(process)
    return process


def _end_with_the_run():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end(process):
    process.terminate()
    try:
        process.wait(STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
    if process.stdout:
        process.stdout.close()
    if process in _running:
        _running.remove(process)


def end_all(directory):
    """Whatever still runs, databases of a server that was killed included."""
    for process in list(_running):
        end(process)
    for file in directory.rglob("postmaster.pid"):
        _end_postmaster(file)


def _end_postmaster(file):
    try:
        pid = int(file.read_text().splitlines()[0])
        where = pathlib.Path(f"/proc/{pid}/cwd").resolve()
    except (OSError, ValueError, IndexError):
        return
    if where != file.parent.resolve():
        return
    for number in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + 10
        try:
            os.kill(pid, number)
            while time.monotonic() < deadline:
                os.kill(pid, 0)
                time.sleep(0.05)
        except ProcessLookupError:
            return


def free_port():
    """Never the same twice in a run."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given_ports:
            _given_ports.add(port)
            return port


def await_port(port, process, name, seconds=30):
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{name} did not start")

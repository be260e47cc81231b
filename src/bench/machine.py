"""What the kernel says about this machine and its processes."""

import contextlib
import os
import pathlib
import platform
import re
import resource
import subprocess

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
CONGESTION_CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control"


def facts():
    return {
        "processor": _first(r"model name\s*:\s*(.*)", _read("/proc/cpuinfo")),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": PAGE * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "congestion_control": _read(CONGESTION_CONTROL).strip(),
        "nginx": _output("nginx", "-v"),
        "java": _output("java", "-version").splitlines()[0],
        "descriptors": descriptor_limit(),
        "load_before": load(),
    }


@contextlib.contextmanager
def congestion_control(name):
    """Of all sockets that are opened meanwhile, or None for what the machine has. For root, of an algorithm that the kernel has loaded."""
    if name is None:
        yield
        return
    before = _read(CONGESTION_CONTROL).strip()
    try:
        pathlib.Path(CONGESTION_CONTROL).write_text(name)
    except OSError as refused:
        raise SystemExit(f"{CONGESTION_CONTROL} cannot be set to {name}: {refused}")
    try:
        yield
    finally:
        pathlib.Path(CONGESTION_CONTROL).write_text(before)


def load():
    return os.getloadavg()[0]


def descriptor_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def raise_descriptor_limit(wanted=65_536):
    """Children inherit it. Where the hard limit is lower and fixed, it is used up."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard, wanted), max(hard, wanted)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cpu_seconds(roots):
    """utime + stime of these processes and all below them, with children that were waited for."""
    ticks = 0
    for pid in _family(roots):
        stat = _read(f"/proc/{pid}/stat")
        if stat:
            ticks += sum(int(field) for field in stat.rpartition(")")[2].split()[11:15])
    return ticks / TICK


def busy_seconds():
    """CPU of the whole machine that was not idle: what a packet costs in a softirq counts here, whichever process it interrupted."""
    user, nice, system, _, _, irq, softirq = map(int, _read("/proc/stat").split("\n", 1)[0].split()[1:8])
    return (user + nice + system + irq + softirq) / TICK


def rss_bytes(roots):
    return sum(1024 * int(_first(r"VmRSS:\s*(\d+) kB", _read(f"/proc/{pid}/status")) or 0) for pid in _family(roots))


def forget_peaks(roots):
    for pid in _family(roots):
        try:
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
        except OSError:
            # It has just ended, or its peak is told as it is.
            pass


def peak_rss_bytes(roots):
    """Of each process its own peak since they were forgotten."""
    return sum(1024 * int(_first(r"VmHWM:\s*(\d+) kB", _read(f"/proc/{pid}/status")) or 0) for pid in _family(roots))


def descriptors(roots):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in _family(roots))


def tcp_memory_bytes():
    """Socket buffers of the whole machine, which belong to no process."""
    return PAGE * int(_first(r"TCP:.* mem (\d+)", _read("/proc/net/sockstat")) or 0)


def live_heap_bytes(pid):
    """What a full collection leaves."""
    subprocess.run(["jcmd", str(pid), "GC.run"], check=True, stdout=subprocess.DEVNULL, timeout=60)
    info = subprocess.run(
        ["jcmd", str(pid), "GC.heap_info"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    return 1024 * int(_first(r"heap\s+total \d+K, used (\d+)K", info))


def cache(path):
    """Reads a file, so that its pages are in memory."""
    buffer = bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def forget(path):
    """Takes a file out of memory. How it lies there afterwards is the kernel's doing, and no longer that of whoever wrote it."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _family(roots):
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = _read(f"/proc/{entry}/stat")
            if stat:
                children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    found, left = set(), list(roots)
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += children.get(pid, [])
    return found


def _read(path):
    """Empty for a process that has just ended."""
    try:
        return pathlib.Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _first(pattern, text):
    match = re.search(pattern, text)
    return match.group(1) if match else None


def _output(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return (done.stdout + done.stderr).strip()

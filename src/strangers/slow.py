"""Attackers that take their time: slowhttptest, beside a client that must not notice."""

import re
import subprocess
import threading
import time

from table import expect

CONNECTIONS = 400
#: Of the attack: longer than any deadline for a head or a body.
SECONDS = 70
#: For one small request beside it; generous, for the attacker takes CPU of the same machine.
PATIENCE = 5
#: Mode, options: slow heads, slow bodies to who needs no token and to who does, slow reading.
ATTACKS = (
    ("slow heads", ["-H", "-i", "5", "-x", "24", "-u", "{url}/version"]),
    ("slow body of a form", ["-B", "-i", "5", "-s", "8192", "-x", "10", "-u", "{url}/session"]),
    (
        "slow body of JSON",
        ["-B", "-i", "5", "-s", "8192", "-x", "10", "-f", "application/json", "-u", "{url}/api/models"],
    ),
    (
        "slow reading of a zip",
        ["-X", "-k", "1", "-n", "5", "-z", "1", "-w", "1", "-y", "2", "-j", "sluice_session={token}", "-u", "{url}{zip}"],
    ),
)


def check(server, job, work, results):
    results.section("Slow attackers")
    if not results.has("slowhttptest", "slowhttptest"):
        results.absent("slowhttptest", [name for name, _ in ATTACKS])
        return
    for name, options in ATTACKS:
        results.case("slowhttptest", name, lambda: _attack(server, job, options))


def _attack(server, job, options):
    filled = [part.format(url=server.url, zip=job.zip_path, token=server.token) for part in options]
    command = ["slowhttptest", "-c", str(CONNECTIONS), "-r", "200", "-l", str(SECONDS), "-p", str(PATIENCE), *filled]
    attack = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    reader = threading.Thread(target=lambda: said.extend(attack.stdout), daemon=True)
    reader.start()
    worst = 0
    try:
        while attack.poll() is None:
            begin = time.monotonic()
            status, _, _ = server.request("GET", "/api/training/jobs/" + job.job, server.token)
            worst = max(worst, time.monotonic() - begin)
            expect(status == 200, f"a client beside it got {status}")
            time.sleep(0.5)
    finally:
        if attack.poll() is None:
            attack.terminate()
        attack.wait(30)
        reader.join(30)
    expect(worst < PATIENCE, f"a client beside it waited {worst:.1f} s")
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "".join(said))
    expect("Exit status" in text, f"slowhttptest said: {text[-300:]}")
    last = text[text.rindex("initializing") :]
    expect("YES" in last, "the attacker found the server unavailable")
    # Its last figures are from before the end.
    closed = "No open connections left" in last
    left = 0 if closed else int(re.search(r"connected:\s+(\d+)", last).group(1))
    # Who reads, however slowly, is a client; who never gets a request across is not.
    expect("-X" in options or closed, f"{left} of {CONNECTIONS} connections were still held after {SECONDS} s")
    return f"{left} of {CONNECTIONS} still connected in the end; beside it {worst * 1000:.0f} ms at worst"

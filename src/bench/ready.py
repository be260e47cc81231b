"""How soon a server is ready on a database that is there, and how soon it knows what another replica has changed."""

import contextlib
import http.client
import json
import time

import content
import processes
import servers
from samples import say
from setup import in_turn

FRIEND = "friend"
POLL = 0.01
DEADLINE = 60


def measure(setup, options):
    """Of a second replica, on the embedded database of the first as its external one."""
    shared = ("-Xshare:on", f"-XX:SharedArchiveFile={_class_data(setup, options)}")
    samples = []
    for number in range(options.rounds):
        sample = {"round": number}
        for java_options in in_turn([(), shared], number):
            with _started(setup, options, *java_options) as (replica, times):
                sample |= {"with class data": times["ready"]} if java_options else times | _changes(setup.sluice, replica)
        say(sample)
        samples.append(sample)
    return samples


def _class_data(setup, options):
    """The classes of a start as the JVM has them in memory; the image has such a file, too."""
    archive = setup.work / "sluice.jsa"
    with _started(setup, options, f"-XX:ArchiveClassesAtExit={archive}"):
        pass
    if not archive.exists():
        raise SystemExit("the JVM has written no class data")
    return archive


@contextlib.contextmanager
def _started(setup, options, *java_options):
    """A replica, and after how many seconds it listened and was ready."""
    management, database = processes.free_port(), setup.sluice.database_url()
    begin = time.monotonic()
    replica = servers.Sluice(
        setup.sluice.directory,
        options.jar,
        options.heap,
        java_options=java_options,
        management=management,
        database=database,
    )
    try:
        listening = time.monotonic() - begin
        _until(lambda: _status(management, "/health/ready") == 200)
        yield replica, {"listening": listening, "ready": time.monotonic() - begin}
    finally:
        replica.stop()


def _changes(here, there):
    """Seconds until a replica no longer tells, or delivers, what was changed or withdrawn on another."""
    models = here.call("GET", "/api/models")["data"]["models"]
    model = next(one["id"] for one in models if one["name"] == content.WEIGHTS)
    path, share = f"/api/models/{model}", f"/api/models/{model}/shares/{FRIEND}"
    friend = there.issue(FRIEND)
    here.call("PUT", share)
    ways = (path, f"{path}/files/config.json")
    for way in ways:
        _until(lambda: there.ask("GET", way, token=friend)[0] == 200)
    here.call("DELETE", share)
    begin = time.monotonic()
    revoked = 0.0
    for way in ways:
        _until(lambda: there.ask("GET", way, token=friend)[0] == 404)
        revoked = time.monotonic() - begin
    job = f"/api/training/jobs/{content.WEIGHTS}"
    cost = 1 + (json.loads(there.ask("GET", job)[1])["total_cost"] or 0)
    here.call("PATCH", job, {"total_cost": cost})
    begin = time.monotonic()
    _until(lambda: json.loads(there.ask("GET", job)[1])["total_cost"] == cost)
    return {"revoked": revoked, "stale": time.monotonic() - begin}


def _until(holds):
    deadline = time.monotonic() + DEADLINE
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("a replica does not come to what was waited for")
        time.sleep(POLL)


def _status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()

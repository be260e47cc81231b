"""One client's download of each content, from everybody who can deliver it."""

import dataclasses

import content
import crowd
import samples
import setup as bench
from samples import say

CASES = ("file", "zip", "deflated zip", "logs zip")
#: Sluice at the first request that there ever was for a job.
FIRST_REQUEST = "sluice, not indexed"
#: Whoever takes longer than this for one download, in seconds, has one.
SLOW = 20
WARMING = 3


def measure(setup, options):
    taken = []
    for name in CASES:
        contestants = setup.with_peers(name)
        slow = set()
        for one in contestants:
            # With the log, which all deliver soon; a download by the slowest takes minutes.
            path = setup.peers[one.name].paths["logs zip"] if one.name in setup.peers else one.path
            for _ in range(WARMING):
                crowd.come(one.target, path, 1, options.patience)
        for number in range(options.rounds):
            for one in bench.in_turn(_with_first_requests(setup, name, contestants, number), number):
                if one.name not in slow:
                    setup.cache(name, for_peers=True)
                    taken.append(_sample(setup, options, name, one, number))
                    say(taken[-1])
                    if taken[-1]["failure"] or taken[-1]["seconds"] > SLOW:
                        slow.add(one.name)
    return taken


def _with_first_requests(setup, name, contestants, number):
    if name != "zip":
        return contestants
    own = contestants[0]
    job = f"fresh-{number}"
    path = setup.fresh(job, setup.jobs / content.WEIGHTS)
    first = dataclasses.replace(own, name=FIRST_REQUEST, path=path, restart=lambda: setup.sluice.forget(job))
    return [first, *contestants]


def _sample(setup, options, name, one, number):
    size = setup.size(name)
    with samples.Spent(one.roots) as spent:
        visit = crowd.come(one.target, one.path, 1, options.patience)[0]
    if visit.failure or one.name == FIRST_REQUEST:
        one.restart()
    seconds = visit.whole or options.patience
    return {
        "case": name,
        "server": one.name,
        "round": number,
        "size": size,
        "received": visit.received,
        "first": visit.first,
        "seconds": seconds,
        # What is not complete is counted by what came, of an archive that is as large as its content.
        "rate": (size if visit.whole else min(size, visit.received)) / seconds / 1e9,
        "cpu": spent.cpu / size * 1e9 if visit.whole else None,
        "grown": spent.grown,
        "peak": spent.peak,
        "failure": visit.failure,
    }

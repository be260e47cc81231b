"""First byte and memory of one download of a zip, beside the designs that build it for each request."""

import content
import crowd
import machine
import peers
import samples
import setup as bench
from delivery import FIRST_REQUEST
from samples import say

SIZES = (10**7, 10**8)
#: The seed design takes half a minute for its first byte.
MOST_ROUNDS = 3
WARM_REQUESTS = 20


def measure(setup, options):
    taken = []
    jobs = {size: f"model-{size}" for size in SIZES if size < options.model}
    for size, job in jobs.items():
        content.sparse(setup.jobs / job / "model", size)
    jobs[options.model] = content.WEIGHTS
    for job in jobs.values():
        setup.peer_sources[job] = content.files(setup.jobs / job)
    setup.start_peers()
    for number in range(min(options.rounds, MOST_ROUNDS)):
        for size, job in jobs.items():
            for ask in bench.in_turn([_sluice, *_peers(setup)], number):
                for sample in ask(setup, options, job, number):
                    taken.append({"size": size, "round": number, **sample})
                    say(taken[-1])
    return taken


def _sluice(setup, options, job, number):
    name = f"seed-{job}-{number}"
    path = setup.fresh(name, setup.jobs / job)
    contestant = setup.own("zip")
    target = contestant.target
    _cached(setup, job)
    # Warm as a server that has been in use, and yet not asked for this.
    for _ in range(WARM_REQUESTS):
        crowd.come(target, setup.paths["logs zip"], 1, options.patience)
    cold = crowd.come(target, path, 1, options.patience, only_first=True)[0]
    yield {"server": FIRST_REQUEST, "first": cold.first, "grown": None, "peak": None, "failure": cold.failure}
    with samples.Spent([setup.sluice.process.pid]) as spent:
        whole = crowd.come(target, path, 1, options.patience)[0]
    warm = [crowd.come(target, path, 1, options.patience, only_first=True)[0].first for _ in range(WARM_REQUESTS)]
    yield {
        "server": bench.SLUICE,
        "first": sorted(warm)[len(warm) // 2],
        "grown": spent.grown,
        "peak": spent.peak,
        "failure": whole.failure,
    }
    setup.sluice.forget(name)


def _peers(setup):
    """Started anew for each sample, so that memory is what this download takes."""

    def asking(peer):
        def ask(setup, options, job, number):
            peer.restart()
            _cached(setup, job)
            crowd.come(peer.target(), peer.paths["logs zip"], 1, options.patience)
            with samples.Spent(peer.roots()) as spent:
                visit = crowd.come(peer.target(), peer.archive(job), 1, options.seed_patience, only_first=True)[0]
            yield {
                "server": peer.name,
                "first": visit.first,
                "grown": spent.grown,
                "peak": spent.peak,
                "failure": visit.failure,
            }

        return ask

    return [asking(setup.peers[kind]) for kind in (peers.JAVA, peers.SEED) if kind in setup.peers]


def _cached(setup, job):
    for file in setup.peer_sources[job]:
        machine.cache(file)

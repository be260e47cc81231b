"""Many CI jobs that come at once for one artifact, the zip of a model that was trained a moment ago."""

import dataclasses
import statistics

import content
import crowd
import samples
import setup as bench
from samples import say


def measure(setup, options):
    """Sluice is asked for a new job in each round; file servers have an archive that was made before."""
    taken = []
    source = setup.jobs / content.ARTIFACT
    size = content.size(source)
    setup.start_peers()
    path = setup.fresh("artifact-copy", source)
    setup.paths["artifact"] = path
    setup.keep_archive("artifact", path)
    setup.sources["artifact"], setup.peer_sources["artifact"] = [setup.root / "artifact"], content.files(source)
    contestants = setup.with_peers("artifact")
    slow = set()
    for number in range(options.rounds):
        job = f"artifact-{number}"
        fresh = dataclasses.replace(contestants[0], path=setup.fresh(job, source))
        for one in bench.in_turn([fresh, *contestants[1:]], number):
            if one.name in slow:
                continue
            setup.cache("artifact", for_peers=True)
            crowd.come(one.target, one.path if one is not fresh else path, 1, options.patience)
            with samples.Spent(one.roots) as spent:
                visits = crowd.come(one.target, one.path, options.herd, options.herd_patience)
            complete = [visit.whole for visit in visits if visit.whole]
            failures = crowd.failures(visits)
            seconds = options.herd_patience if failures else max(complete)
            taken.append({
                "server": one.name,
                "round": number,
                "clients": options.herd,
                "size": size,
                "complete": len(complete),
                "all": None if failures else seconds,
                "first": statistics.median([visit.first for visit in visits if visit.first] or [float("nan")]),
                "rate": len(complete) * size / seconds / 1e9,
                "cpu": spent.cpu / (len(complete) * size) * 1e9 if complete else None,
                "grown": spent.grown,
                "failures": failures,
            })
            say(taken[-1])
            if failures:
                one.restart()
                slow.add(one.name)
        setup.sluice.forget(job)
    return taken

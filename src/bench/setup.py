"""The servers of one run, and the content that all deliver."""

import dataclasses
import os
import shutil
import subprocess
import time
import typing
import zipfile

import content
import load
import machine
import nginx
import peers
import processes
import servers

SLUICE = "sluice"


@dataclasses.dataclass(frozen=True)
class Contestant:
    """One server's way to something."""

    name: str
    target: load.Target
    path: str
    #: Whose CPU and memory it takes.
    roots: list
    #: To be called when work that nobody waits for any more is to be ended.
    restart: typing.Callable[[], None] = lambda: None


class Setup:
    """Everything that one run has under target/bench/work; all of it is gone in the end, but for the logs of a failure."""

    def __init__(self, directory, options):
        self.directory = directory
        self.work = directory / "work"
        self.options = options
        self.sluice = self.nginx = None
        self.peers = {}
        #: Why peers are left out.
        self.missing = {}

    def __enter__(self):
        return self

    def __exit__(self, failed, *failure):
        processes.end_all(self.work)
        # Not when somebody has ended it.
        if failed and issubclass(failed, (Exception, SystemExit)):
            self.keep_logs()
        shutil.rmtree(self.work, ignore_errors=True)

    def keep_logs(self):
        """What the servers had to say when something failed."""
        for log in self.work.rglob("*.log"):
            kept = self.directory / "logs" / "-".join(log.relative_to(self.work).parts)
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(log, kept)

    def prepare(self):
        self.work.mkdir()
        self.jobs, self.root = self.work / "jobs", self.work / "html"
        self.root.mkdir()
        content.make(self.jobs, self.options)
        certificate, key = self.work / "certificate.pem", self.work / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
        self.tls_settings = [f"http.tls-certificate={certificate}", f"http.tls-key={key}"]
        # Always the same, for nginx asks it.
        self.port = processes.free_port()
        self.start_sluice()
        owned = f"/api/training/jobs/{content.WEIGHTS}"
        self.nginx = nginx.Nginx(self.work / "nginx", self.root, certificate, key, self.port, owned)
        self._content()

    def start_sluice(self, settings=(), java_options=()):
        """Anew, with the data that are there."""
        if self.sluice:
            self.sluice.stop()
        directory, options = self.work / "sluice", self.options
        self.sluice = servers.Sluice(directory, options.jar, options.heap, settings, java_options, self.port)

    def start_peers(self):
        """Those that are installed and do not run yet."""
        for kind in peers.KINDS:
            if kind.name not in self.peers and kind.name not in self.missing:
                missing = kind.missing()
                try:
                    if missing:
                        raise SystemExit(f"{missing} not installed")
                    directory = self.work / kind.__name__.lower()
                    self.peers[kind.name] = kind(directory, self.jobs, self.root, self.options.heap)
                except SystemExit as failure:
                    self.missing[kind.name] = str(failure)
                    print(f"  {kind.name} is left out: {failure}", flush=True)

    def _content(self):
        """The jobs as Sluice's own, and for file servers what Sluice makes of them."""
        own = {}
        for job in (content.WEIGHTS, content.TEXT):
            own[job] = self.sluice.adopt(job)
            shutil.copytree(self.jobs / job, own[job])
        model = own[content.WEIGHTS] / "model"
        os.link(model / content.SHARD, self.root / "file")
        os.link(model / "small.bin", self.root / "small")
        time.sleep(servers.SETTLED_SECONDS)
        weights, text = f"/api/training/{content.WEIGHTS}", f"/api/training/{content.TEXT}"
        self.paths = {
            "metadata": f"/api/training/jobs/{content.WEIGHTS}",
            "file": f"{weights}/files/model/{content.SHARD}",
            "small": f"{weights}/files/model/small.bin",
            "zip": f"{weights}/download/model",
            "deflated zip": f"{text}/download/model",
            "logs zip": f"{text}/download/logs",
        }
        for job in own:
            self.sluice.complete(job)
        for name in ("file", "small"):
            content.check(self.root / name, self.sluice.target(), self.paths[name])
        for name in ("zip", "deflated zip", "logs zip"):
            self.keep_archive(name, self.paths[name])
        self.sluice.await_published(len(own))
        sizes = {path.stat().st_size for path in content.files(self.jobs)}
        deflated = [
            path for path in content.files(self.work / "sluice/store") if path.stat().st_size not in sizes | {0}
        ]
        copies = {name: [self.root / name.replace(" ", "-")] for name in ("zip", "deflated zip", "logs zip")}
        self.sources = {
            "file": [self.root / "file"],
            "zip": copies["zip"] + content.files(model),
            # The deflated copies, wherever the store keeps them.
            "deflated zip": copies["deflated zip"] + deflated,
            "logs zip": copies["logs zip"] + deflated,
        }
        # A copy in odd blocks costs a sender of pages an eighth more than the original does.
        for files in self.sources.values():
            for file in files:
                machine.forget(file)
        weights, text = self.jobs / content.WEIGHTS, self.jobs / content.TEXT
        self.peer_sources = {
            "file": [weights / "model" / content.SHARD],
            "zip": content.files(weights),
            "deflated zip": content.files(text / "model"),
            "logs zip": [text / "training.log", text / "progress.json"],
        }

    def keep_archive(self, name, path):
        """Sluice's, whole and valid, for those that cannot make one."""
        copy = self.root / name.replace(" ", "-")
        load.save(self.sluice.target(), path, copy)
        with zipfile.ZipFile(copy) as archive:
            bad = archive.testzip()
        if bad:
            raise SystemExit(f"{name}: {bad} is damaged")

    def size(self, name):
        """Bytes of what is delivered, before any deflating."""
        return sum(path.stat().st_size for path in self.peer_sources[name])

    def cache(self, name, for_peers=False):
        for file in self.sources[name] + (self.peer_sources[name] if for_peers else []):
            machine.cache(file)

    def own(self, name):
        return Contestant(SLUICE, self.sluice.target(), self.paths[name], self.sluice.roots())

    def static(self, name, variant=nginx.OFF, tls=False):
        target, roots = self.nginx.target(variant, tls), self.nginx.roots()
        if variant == nginx.AUTHORIZED:
            target = dataclasses.replace(target, headers=self.sluice.target().headers)
            roots = roots + self.sluice.roots()
        return Contestant(variant, target, "/" + name.replace(" ", "-"), roots)

    def peer(self, kind, path):
        peer = self.peers[kind]
        return Contestant(kind, peer.target(), path, peer.roots(), peer.restart)

    def with_peers(self, name):
        """Everybody who can deliver it, in the order of the report; started if need be."""
        self.start_peers()
        installed = [self.peer(kind, peer.paths[name]) for kind, peer in self.peers.items() if name in peer.paths]
        return [self.own(name), self.static(name), self.static(name, nginx.AUTHORIZED), *installed]

    def archive(self, job, size):
        """A running job of about that size, whose files are only as large as they look beyond 100 MB."""
        content.sparse(self.sluice.adopt(job) / "model", size)
        time.sleep(servers.SETTLED_SECONDS)
        return f"/api/training/{job}/download/model"

    def fresh(self, job, source):
        """The same files as a running job that nobody has asked for yet."""
        content.link(source, self.sluice.adopt(job))
        time.sleep(servers.SETTLED_SECONDS)
        return f"/api/training/{job}/download/model"


def in_turn(contestants, number):
    """The order is turned round from round to round."""
    return contestants[::-1] if number % 2 else contestants

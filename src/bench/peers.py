"""Others that deliver the same: each is skipped, by name, where its tool is not installed."""

import os
import pathlib
import shutil
import subprocess
import sys

import content
import load
import processes
import servers

HERE = pathlib.Path(__file__).resolve().parent
SEED, CADDY, JAVA = "seed design", "Caddy", "Java baseline"


class Peer:
    """A process on a port of its own. Paths are those of what it can deliver."""

    headers = {}

    def __init__(self, directory, jobs, root, heap):
        self.directory = directory
        self.jobs = jobs
        self.root = root
        self.heap = heap
        directory.mkdir(parents=True)
        self.start()

    @classmethod
    def missing(cls):
        """What is not installed, or None."""
        return None

    def start(self):
        self.port = processes.free_port()
        with open(self.directory / "output.log", "ab") as log:
            self.process = processes.start(
                self.command(), cwd=self.directory, env={**os.environ, **self.environment()}, stdout=log, stderr=log
            )
        processes.await_port(self.port, self.process, self.name)

    def environment(self):
        return {}

    def restart(self):
        """When what it was asked for is no longer wanted, but may still be worked on."""
        self.process.kill()
        processes.end(self.process)
        self.start()

    def target(self):
        return load.Target("127.0.0.1", self.port, headers=self.headers)

    def roots(self):
        return [self.process.pid]


class SeedDesign(Peer):
    """uvicorn with one worker, which holds what it sends in its memory."""

    name = SEED
    headers = {"X-User-Id": servers.OWNER}
    paths = {
        "metadata": f"/api/training/jobs/{content.WEIGHTS}",
        "file": f"/ml/download-model/{content.WEIGHTS}/{content.SHARD}",
        "zip": f"/api/training/{content.WEIGHTS}/download/model",
        "deflated zip": f"/api/training/{content.TEXT}/download/model",
        "logs zip": f"/api/training/{content.TEXT}/download/logs",
        "artifact": f"/api/training/{content.ARTIFACT}/download/model",
    }

    @staticmethod
    def archive(job):
        return f"/api/training/{job}/download/model"

    @classmethod
    def missing(cls):
        return None if cls._python() else "python3-fastapi and python3-uvicorn"

    @classmethod
    def version(cls):
        said = "import fastapi, uvicorn, sys; print('FastAPI', fastapi.__version__, 'uvicorn', uvicorn.__version__, 'Python', sys.version.split()[0])"
        return subprocess.run([cls._python(), "-c", said], capture_output=True, text=True).stdout.strip()

    @staticmethod
    def _python():
        """Debian's has what Debian's packages bring, whichever comes first on the path."""
        for python in ("/usr/bin/python3", sys.executable):
            if os.path.exists(python) and not subprocess.run([python, "-c", "import fastapi, uvicorn"], capture_output=True).returncode:
                return python
        return None

    def command(self):
        return [
            *(self._python(), "-B", "-m", "uvicorn", "seed_design:app", "--app-dir", str(HERE)),
            *("--port", str(self.port), "--no-access-log", "--log-level", "warning"),
        ]

    def environment(self):
        return {"BENCH_JOBS": str(self.jobs)}


class Caddy(Peer):
    """Its file server, of the files that nginx has."""

    name = CADDY
    paths = {name: f"/{name.replace(' ', '-')}" for name in ("file", "small", "zip", "deflated zip", "logs zip", "artifact")}

    @classmethod
    def missing(cls):
        return None if shutil.which("caddy") else "caddy"

    @classmethod
    def version(cls):
        return "Caddy " + subprocess.run(["caddy", "version"], capture_output=True, text=True).stdout.strip()

    def command(self):
        return ["caddy", "file-server", "--root", str(self.root), "--listen", f"127.0.0.1:{self.port}"]

    def environment(self):
        return {name: str(self.directory) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}


class JavaBaseline(Peer):
    """The JDK's own HTTP server with blocking threads and ZipOutputStream, on the heap that Sluice has."""

    name = JAVA
    paths = {
        "file": f"/files/{content.WEIGHTS}/model/{content.SHARD}",
        "small": f"/files/{content.WEIGHTS}/model/small.bin",
        "zip": f"/models/{content.WEIGHTS}",
        "deflated zip": f"/models/{content.TEXT}",
        "logs zip": f"/logs/{content.TEXT}",
        "artifact": f"/models/{content.ARTIFACT}",
    }

    @staticmethod
    def archive(job):
        return f"/models/{job}"

    @classmethod
    def version(cls):
        return "JDK HttpServer and ZipOutputStream"

    def command(self):
        # Without these it waits 40 ms before small answers, and closes all connections beyond 200.
        tuned = ["-Dsun.net.httpserver.nodelay=true", "-Dsun.net.httpserver.maxIdleConnections=1000"]
        return ["java", f"-Xmx{self.heap}", *tuned, str(HERE / "Baseline.java"), str(self.port), str(self.jobs)]


KINDS = (SeedDesign, Caddy, JavaBaseline)

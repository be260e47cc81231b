"""The job that is downloaded: names that people, and trainers, do give to files."""

import hashlib
import os
import random
import time
import urllib.parse

MB = 10**6
SECRET = b"only its owner may read this\n"

#: As uploaded or imported: each is a name in the archive as it is.
NAMES = (
    "plain.txt",
    "with space.txt",
    " leading and trailing ",
    "ünïcödé/模型.bin",
    "emoji 😀.txt",
    "e\u0301 in two characters.txt",
    "\u00e9 in one.txt",
    "Case.txt",
    "case.txt",
    "100%.txt",
    "%2e%2e%2fnot-decoded.txt",
    "a+b&c=d?e#f;g@h:i,j!k.txt",
    "both 'kinds' of \"quotes\".txt",
    "[brackets]{braces}(parentheses)*?.txt",
    "$(touch expanded)`touch expanded`.txt",
    "-rf",
    "~",
    ".hidden",
    "trailing.",
    "CON",
    "aux.txt",
    "a.zip.tar.gz",
    "deep/" + "/".join(str(level) for level in range(30)) + "/leaf.txt",
    "long/" + "n" * 251 + ".txt",
    "checkpoint-500/shard 1.bin",
    "empty",
)

#: What only a trainer on the same disk can write; archives have other names for these.
WILD = (
    "back\\slash.txt",
    "..\\..\\up.txt",
    "C:drive.txt",
    "tab\there.txt",
    "new\nline.txt",
    "\x1b[31mred.txt",
    "...",
    "  ",
    ".. /under.txt",
    "%5C.txt",
    "%255C.txt",
    "\u202etxt.exe",
)


def files():
    """Path below model/ to content."""
    numbers = random.Random(20261121)
    made = {name: f"{name}\n".encode() for name in NAMES}
    made["empty"] = b""
    made["weights.safetensors"] = numbers.randbytes(12 * MB)
    made["log.txt"] = "".join(f"step {step} loss {1 / step:.6f}\n" for step in range(1, 60_000)).encode()
    return made


def write_job(directory, files):
    """As a trainer leaves it."""
    _write(directory / "model", files)
    (directory / "training.log").write_bytes(files["log.txt"])


class Content:
    def __init__(self, server, files):
        self.server = server
        self.job = server.job
        self.files = files
        self.wild = {}
        if server.workspace:
            self._write_wild(server)
            self._foreign(server)
        else:
            self._upload(server)
        self.listed = {file["path"]: file["url"] for file in server.read(f"/api/training/{self.job}/files")["files"]}
        self.zip_path = f"/api/training/{self.job}/download/model"
        self.zip = self.expected(self.zip_path)

    def _upload(self, server):
        server.call("POST", "/api/training/jobs", {"job_id": self.job, "owner": server.owner, "name": self.job})
        server.call("PATCH", f"/api/training/jobs/{self.job}", {"status": "running"})
        uploads = {"model/" + name: data for name, data in self.files.items()}
        uploads["training.log"] = self.files["log.txt"]
        for path, data in uploads.items():
            target = f"/api/training/{self.job}/files/{urllib.parse.quote(path)}"
            status, _, body = server.request("PUT", target, server.trainer, data)
            if status >= 300:
                raise SystemExit(f"PUT {target}: {status} {body[:500]!r}")
        server.call("PATCH", f"/api/training/jobs/{self.job}", {"status": "completed"})

    def _write_wild(self, server):
        self.wild = {name: f"wild {number}\n".encode() for number, name in enumerate(WILD)}
        server.call("POST", "/api/training/jobs", {"job_id": "wild", "owner": server.owner, "name": "wild"})
        server.call("PATCH", "/api/training/jobs/wild", {"status": "running"})
        _write(server.workspace / "wild/model", self.wild)

    def _foreign(self, server):
        """What no path of the owner's may lead to."""
        server.call("POST", "/api/training/jobs", {"job_id": "foreign", "owner": "somebody-else", "name": "foreign"})
        _write(server.workspace / "foreign/model", {"secret.txt": SECRET})
        (server.workspace.parent / "secret.txt").write_bytes(SECRET)

    def expected(self, path):
        """What a plain client of the run's own gets: the measure of all others."""
        status, _, body = self.server.request("GET", path, self.server.token)
        if status != 200:
            raise SystemExit(f"GET {path}: {status} {body[:500]!r}")
        return body

    def url(self, name):
        return self.listed["model/" + name]

    def published(self):
        """The published model of the job, awaited."""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            for model in self.server.read("/api/models?limit=100")["data"]["models"]:
                if model["job_id"] == self.job:
                    return model
            time.sleep(0.5)
        raise SystemExit(f"{self.job} was not published in three minutes")


def _write(directory, files):
    for name, data in files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def digest(data):
    return hashlib.sha256(data).hexdigest()

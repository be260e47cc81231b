"""The two servers, and the content that both deliver."""

import hashlib
import http.client
import json
import math
import os
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import time
import zipfile

import load
import machine

OWNER = "bench"
JOB = "weights"
TEXT_JOB = "text"
#: Sluice keeps nothing about content that is younger than 2 s.
SETTLED_SECONDS = 2.5
MAX_SHARD = 5 * 10**9


class Nginx:
    """tcp_nopush off and on, plain and TLS, each on a port of its own."""

    VARIANTS = ("nginx nopush=off", "nginx nopush=on")

    def __init__(self, directory, certificate, key):
        self.directory = directory
        self.root = directory / "html"
        self.root.mkdir(parents=True)
        self.ports = {(variant, tls): _free_port() for variant in self.VARIANTS for tls in (False, True)}
        (directory / "nginx.conf").write_text(self._configuration(certificate, key))
        self.process = subprocess.Popen(
            ["nginx", "-p", str(directory), "-c", str(directory / "nginx.conf"), "-e", str(directory / "error.log")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        for port in self.ports.values():
            _await_port(port, self.process)

    def _configuration(self, certificate, key):
        hosts = "".join(
            f"""
  server {{
    listen 127.0.0.1:{port}{" ssl" if tls else ""} backlog=4096;
    tcp_nopush {variant.rpartition("=")[2]};
    root {self.root};
  }}"""
            for (variant, tls), port in self.ports.items()
        )
        temporary = "".join(
            f"  {kind}_temp_path {self.directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return f"""{"user root;" if os.geteuid() == 0 else ""}
daemon off;
pid {self.directory}/nginx.pid;
worker_processes auto;
worker_rlimit_nofile {machine.facts()["descriptors"]};
events {{ worker_connections 20000; }}
http {{
{temporary}  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  ssl_certificate {certificate};
  ssl_certificate_key {key};{hosts}
}}
"""

    def target(self, variant, tls=False):
        return load.Target("127.0.0.1", self.ports[variant, tls], tls)

    def roots(self):
        return [self.process.pid]

    def stop(self):
        _end(self.process)


class Sluice:
    """The packaged server on its embedded database, as one owner's client and as the trainer."""

    def __init__(self, directory, jar, heap, settings=(), java_options=()):
        self.directory = directory
        self.workspace = directory / "workspace"
        directory.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")},
            "SLUICE_DATA_DIR": str(directory),
            "SLUICE_HTTP_HOST": "127.0.0.1",
            "SLUICE_HTTP_PORT": "0",
            "SLUICE_MANAGEMENT_HOST": "127.0.0.1",
            "SLUICE_MANAGEMENT_PORT": "0",
            "SLUICE_LOG_LEVEL": "warn",
            "SLUICE_DELIVERY_MAX_STREAMS": "20000",
            "SLUICE_DELIVERY_MAX_STREAMS_PER_OWNER": "20000",
            "SLUICE_AUTH_JWT_SECRET": self._secret(),
        }
        self.jar = jar
        self.tls = any(setting.startswith("http.tls-") for setting in settings)
        self.log = open(directory / "serve.log", "ab")
        self.process = subprocess.Popen(
            ["java", f"-Xmx{heap}", *java_options, "-jar", str(jar), "serve"]
            + [part for setting in settings for part in ("--set", setting)],
            cwd=directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.port = self._printed_port()
        self.token = self._token()
        self.trainer = self._token("--scope", "ingest")

    def _secret(self):
        """The same for every start on these data."""
        file = self.directory / "secret"
        if not file.exists():
            file.write_text(secrets.token_urlsafe(48))
        return file.read_text()

    def _printed_port(self):
        for line in self.process.stdout:
            match = re.search(r"listens on port (\d+)", line)
            if match:
                return int(match.group(1))
        raise SystemExit(f"Sluice did not start: see {self.log.name}")

    def _token(self, *scopes):
        return subprocess.run(
            ["java", "-jar", str(self.jar), "token", "--subject", OWNER, "--validity", "PT12H", *scopes],
            cwd=self.directory,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout.strip()

    def target(self):
        return load.Target("127.0.0.1", self.port, self.tls, {"Authorization": "Bearer " + self.token})

    def roots(self):
        """The JVM, and the postmaster, which is no child of it."""
        pids = [self.process.pid]
        for file in (self.directory / "postgres").rglob("postmaster.pid"):
            pids.append(int(file.read_text().splitlines()[0]))
        return pids

    def call(self, method, path, body=None):
        connect = http.client.HTTPConnection
        options = {}
        if self.tls:
            connect, options = http.client.HTTPSConnection, {"context": load.TRUSTING}
        connection = connect("127.0.0.1", self.port, timeout=60, **options)
        headers = {"Authorization": "Bearer " + self.trainer, "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content) if content else None

    def begin(self, job):
        """A running job, whose directory is the trainer's to fill."""
        self.call("POST", "/api/training/jobs", {"job_id": job, "owner": OWNER, "name": job})
        self.call("PATCH", f"/api/training/jobs/{job}", {"status": "running"})
        directory = self.workspace / job / "model"
        directory.mkdir(parents=True)
        (directory / "config.json").write_text(json.dumps({"layers": 32, "heads": list(range(100))}))
        return directory

    def complete(self, job):
        self.call("PATCH", f"/api/training/jobs/{job}", {"status": "completed"})

    def forget(self, job):
        shutil.rmtree(self.workspace / job)

    def stop(self):
        _end(self.process)
        self.log.close()


class Setup:
    """Everything that one run has under target/bench."""

    def __init__(self, directory, options):
        self.directory = directory
        self.work = directory / "work"
        self.options = options
        self.sluice = self.nginx = None

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for server in (self.sluice, self.nginx):
            if server:
                server.stop()

    def prepare(self):
        self.work.mkdir()
        certificate, key = self.work / "certificate.pem", self.work / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
        self.tls_settings = [f"http.tls-certificate={certificate}", f"http.tls-key={key}"]
        self.nginx = Nginx(self.work / "nginx", certificate, key)
        self.start_sluice()
        self._content()

    def start_sluice(self, settings=(), java_options=()):
        """Anew, with the data that are there."""
        if self.sluice:
            self.sluice.stop()
        self.sluice = Sluice(self.work / "sluice", self.options.jar, self.options.heap, settings, java_options)

    def _content(self):
        """One job of random weights with the small file, and one of text that deflates by nearly half."""
        model = self.sluice.begin(JOB)
        _random(model / "model.safetensors", self.options.weights)
        (model / "small.bin").write_bytes(os.urandom(1024))
        text = self.sluice.begin(TEXT_JOB)
        _random(text / "vocabulary.txt", self.options.text, text=True)
        os.link(model / "model.safetensors", self.nginx.root / "file")
        os.link(model / "small.bin", self.nginx.root / "small")
        time.sleep(SETTLED_SECONDS)
        self.paths = {
            "file": f"/api/training/{JOB}/files/model/model.safetensors",
            "small": f"/api/training/{JOB}/files/model/small.bin",
            "zip": f"/api/training/{JOB}/download/model",
            "deflated zip": f"/api/training/{TEXT_JOB}/download/model",
        }
        self.sources = {"file": [self.nginx.root / "file"]}
        for job in (JOB, TEXT_JOB):
            self.sluice.complete(job)
        for content in ("file", "small"):
            _same(self.nginx.root / content, self.sluice.target(), self.paths[content])
        for content in ("zip", "deflated zip"):
            copy = self.nginx.root / content.replace(" ", "-")
            load.save(self.sluice.target(), self.paths[content], copy)
            with zipfile.ZipFile(copy) as archive:
                bad = archive.testzip()
            if bad:
                raise SystemExit(f"{content}: {bad} is damaged")
            self.sources[content] = [copy]
        self.sources["zip"] += self.sources["file"]
        # The deflated copies, wherever the store keeps them.
        self.sources["deflated zip"] += [
            path for path in (self.work / "sluice/store").rglob("*") if path.is_file() and path.stat().st_size > 10**6
        ]

    def nginx_path(self, content):
        return "/" + content.replace(" ", "-")

    def cache(self, content):
        for file in self.sources[content]:
            machine.cache(file)

    def archive(self, job, size):
        """A running job of about that size: random up to 100 MB, which could be deflated, and sparse beyond.

        A small file is beside the large ones, as in every model: entries come by size, so it is what a checksum is waited for first.
        """
        model = self.sluice.begin(job)
        (model / "config.json").write_text('{"model_type": "bench"}\n')
        shards = math.ceil(size / MAX_SHARD)
        for shard in range(shards):
            path = model / f"model-{shard + 1:05}-of-{shards:05}.safetensors"
            if size <= 10**8:
                _random(path, size)
            else:
                with open(path, "wb") as file:
                    file.truncate(size // shards)
        time.sleep(SETTLED_SECONDS)
        return f"/api/training/{job}/download/model"


def _random(path, size, text=False):
    with open(path, "wb") as file:
        left = size
        while left > 0:
            block = os.urandom(min(left, 1 << 20))
            if text:
                block = block.hex().encode()[: len(block)]
            file.write(block)
            left -= len(block)


def _same(file, target, path):
    copy = file.with_suffix(".check")
    load.save(target, path, copy)
    digests = [_digest(one) for one in (file, copy)]
    copy.unlink()
    if digests[0] != digests[1]:
        raise SystemExit(f"{path} differs from what was stored")


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await_port(port, process):
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("nginx did not start")


def _end(process):
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)

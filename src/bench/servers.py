"""The packaged server."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import shutil
import subprocess
import time

import load
import processes

OWNER = "bench"
#: Sluice keeps nothing about content that is younger than 2 s.
SETTLED_SECONDS = 2.5
TOKEN_SECONDS = 12 * 3600


class Sluice:
    """The packaged server on its embedded database, or as a replica on another's, and its owner's and trainer's tokens."""

    def __init__(self, directory, jar, heap, settings=(), java_options=(), port=0, management=0, database=None):
        self.directory = directory
        self.workspace = directory / "workspace"
        directory.mkdir(parents=True, exist_ok=True)
        self.secret = self._secret()
        self.tls = any(setting.startswith("http.tls-") for setting in settings)
        self.log = open(directory / "serve.log", "ab")
        self.began = time.monotonic()
        self.process = processes.start(
            ["java", f"-Xmx{heap}", *java_options, "-jar", str(jar), "serve"]
            + [part for setting in settings for part in ("--set", setting)],
            cwd=directory,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")},
                "SLUICE_DATA_DIR": str(directory),
                "SLUICE_HTTP_HOST": "127.0.0.1",
                "SLUICE_HTTP_PORT": str(port),
                "SLUICE_MANAGEMENT_HOST": "127.0.0.1",
                "SLUICE_MANAGEMENT_PORT": str(management),
                "SLUICE_LOG_LEVEL": "warn",
                "SLUICE_DELIVERY_MAX_STREAMS": "20000",
                "SLUICE_DELIVERY_MAX_STREAMS_PER_OWNER": "20000",
                "SLUICE_AUTH_JWT_SECRET": self.secret,
                **({"SLUICE_DATABASE_URL": database} if database else {}),
            },
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.port, self.management = self._printed_ports()
        self.token = self.issue(OWNER)
        self.trainer = self.issue(OWNER, scope="sluice:ingest")

    def _secret(self):
        """The same for every start on these data."""
        file = self.directory / "secret"
        if not file.exists():
            file.write_text(secrets.token_urlsafe(48))
        return file.read_text()

    def _printed_ports(self):
        for line in self.process.stdout:
            match = re.search(r"listens on port (\d+), management on port (\d+)", line)
            if match:
                return int(match.group(1)), int(match.group(2))
        raise SystemExit(f"Sluice did not start: {(self.directory / 'serve.log').read_text()[-2000:]}")

    def issue(self, subject, **claims):
        """A token of HS256 (RFC 7519), as the token command gives; more claims make it another one."""
        now = int(time.time())
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": subject, "iat": now, "exp": now + TOKEN_SECONDS, **claims}]
        signed = ".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        signature = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_base64url(signature)}"

    def target(self, token=None):
        return load.Target("127.0.0.1", self.port, self.tls, {"Authorization": "Bearer " + (token or self.token)})

    def unauthenticated(self):
        return load.Target("127.0.0.1", self.port, self.tls)

    def roots(self):
        """The JVM, and the postmaster, which is no child of it."""
        pids = [self.process.pid]
        for file in (self.directory / "postgres").rglob("postmaster.pid"):
            pids.append(int(file.read_text().splitlines()[0]))
        return pids

    def database_url(self):
        """Of the embedded database, as an external one for others."""
        postgres = self.directory / "postgres"
        port = (postgres / "data/postmaster.pid").read_text().splitlines()[3]
        password = (postgres / "password").read_text().strip()
        return f"postgresql://sluice:{password}@127.0.0.1:{port}/sluice?sslmode=disable"

    def database_calls(self):
        """That were begun since the start, or None if it is not told."""
        connection = http.client.HTTPConnection("127.0.0.1", self.management, timeout=60)
        connection.request("GET", "/metrics")
        told = re.search(r"(?m)^sluice_database_asked_total ([\d.eE+]+)", connection.getresponse().read().decode())
        connection.close()
        return float(told.group(1)) if told else None

    def ask(self, method, path, body=None, token=None):
        """Status and content of one request, on a connection of its own."""
        connect = http.client.HTTPConnection
        options = {}
        if self.tls:
            connect, options = http.client.HTTPSConnection, {"context": load.TRUSTING}
        connection = connect("127.0.0.1", self.port, timeout=60, **options)
        headers = {"Authorization": "Bearer " + (token or self.trainer), "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def call(self, method, path, body=None):
        """As the trainer, who is the owner too."""
        status, content = self.ask(method, path, body)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {content[:500]!r}")
        return json.loads(content) if content else None

    def register(self, job, **more):
        self.call("POST", "/api/training/jobs", {"job_id": job, "owner": OWNER, "name": job, **more})

    def begin(self, job):
        """A running job, whose directory is the trainer's to fill."""
        directory = self.adopt(job) / "model"
        directory.mkdir(parents=True)
        (directory / "config.json").write_text(json.dumps({"layers": 32, "heads": list(range(100))}))
        return directory

    def adopt(self, job):
        """A running job without a directory yet, which is to be where this says."""
        self.register(job)
        self.call("PATCH", f"/api/training/jobs/{job}", {"status": "running"})
        return self.workspace / job

    def complete(self, job):
        self.call("PATCH", f"/api/training/jobs/{job}", {"status": "completed"})

    def cancel(self, job):
        self.call("PATCH", f"/api/training/jobs/{job}", {"status": "cancelled"})

    def await_published(self, models):
        """Copying and deflating what is published takes CPU."""
        deadline = time.monotonic() + 600
        while self.call("GET", "/api/models")["data"]["pagination"]["total"] < models:
            if time.monotonic() > deadline:
                raise SystemExit("the jobs were not published")
            time.sleep(0.5)

    def forget(self, job):
        shutil.rmtree(self.workspace / job)

    def stop(self):
        processes.end(self.process)
        self.log.close()


def _base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

"""The server that is judged: one of the run's own, or one that runs already."""

import http.client
import json
import os
import re
import secrets
import subprocess
import time
import urllib.parse

OWNER = "strangers"
OTHER_OWNER = "somebody-else"


def start(options, directory, write_job):
    """With a job of the owner's in it, which is written by the caller, unless it runs already."""
    if options.url:
        return Given(options)
    source = directory / Own.job
    write_job(source)
    return Own(options.jar, directory / "server", imported=source)


class Server:
    """How a client of the run itself talks to the server."""

    def connection(self, timeout=60):
        address = urllib.parse.urlsplit(self.url)
        connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        return connect(address.hostname, address.port, timeout=timeout)

    def request(self, method, path, token=None, body=None, headers=None):
        """Status, head and body of one request."""
        connection = self.connection()
        try:
            fields = dict(headers or {})
            if token is not None:
                fields["Authorization"] = "Bearer " + token
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def call(self, method, path, body=None, token=None):
        """JSON to and fro; ends the run when it is refused."""
        encoded = None if body is None else json.dumps(body)
        status, _, content = self.request(method, path, token or self.trainer, encoded, {"Content-Type": "application/json"})
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {content[:500]!r}")
        return json.loads(content) if content else None

    def read(self, path):
        return self.call("GET", path, token=self.token)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stop()

    def stop(self):
        pass


class Given(Server):
    secret = workspace = key = None

    def __init__(self, options):
        self.url = options.url.rstrip("/")
        self.management = options.management
        self.token = options.token
        self.trainer = options.trainer_token
        self.other = None
        self.job = f"strangers-{int(time.time())}"
        self.owner = subject(self.token)


class Own(Server):
    """The packaged server on its embedded database. With a key it verifies RS256 by that, else HS256 by a secret."""

    job = "strangers"
    owner = OWNER

    def __init__(self, jar, directory, key=None, imported=None):
        directory.mkdir(parents=True)
        self.jar = jar
        self.directory = directory
        self.key = key
        self.workspace = directory / "data/workspace"
        self.secret = None if key else secrets.token_urlsafe(48)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")},
            "LC_ALL": "C.UTF-8",
            "SLUICE_DATA_DIR": str(directory / "data"),
            "SLUICE_HTTP_HOST": "127.0.0.1",
            "SLUICE_HTTP_PORT": "0",
            "SLUICE_MANAGEMENT_HOST": "127.0.0.1",
            "SLUICE_MANAGEMENT_PORT": "0",
            "SLUICE_INGEST_POLL_INTERVAL": "1s",
            "SLUICE_LOG_LEVEL": "warn",
            **({"SLUICE_AUTH_JWT_PUBLIC_KEY_FILE": str(key)} if key else {"SLUICE_AUTH_JWT_SECRET": self.secret}),
        }
        if imported:
            # The embedded database has one user at a time.
            self.command("import", str(imported), "--owner", OWNER)
        self.log = open(directory / "serve.log", "ab")
        self.process = subprocess.Popen(
            ["java", "-Xmx512m", "-jar", str(jar), "serve"],
            cwd=directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.url, self.management = self._addresses()
        if not key:
            self.token = self.issue(OWNER)
            self.trainer = self.issue("trainer", "--scope", "ingest")
            self.other = self.issue(OTHER_OWNER)

    def _addresses(self):
        for line in self.process.stdout:
            match = re.search(r"listens on port (\d+), management on port (\d+)", line)
            if match:
                return [f"http://127.0.0.1:{port}" for port in match.groups()]
        raise SystemExit(f"Sluice did not start: see {self.log.name}")

    def issue(self, owner, *more):
        return self.command("token", "--subject", owner, "--validity", "PT12H", *more).strip()

    def command(self, *arguments):
        ended = subprocess.run(
            ["java", "-jar", str(self.jar), *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if ended.returncode:
            raise SystemExit(f"sluice {arguments[0]}: {ended.stderr[-2000:]}")
        return ended.stdout

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.log.close()


def subject(token):
    import base64

    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]

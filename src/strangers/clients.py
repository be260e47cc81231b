"""Public clients against downloads: whole, over a line that breaks, several names."""

import os
import pathlib
import shlex
import shutil
import subprocess

import content
from relay import Relay
from table import LeftOut, expect

HERE = pathlib.Path(__file__).resolve().parent
CASES = ("odd names", "zip", "broken zip", "broken file", "name", "link")
#: Where the line breaks, as a share of the body, and what is carried at most by who goes on instead of beginning anew. Who splits
#: a download breaks off connections by itself.
CUT, RESUMED = 0.6, 1.3
CUT_OF_SPLIT, RESUMED_BY_SPLIT = 0.15, 1.9
ATTEMPTS = 5
SECONDS = 120


class Client:
    """How a program is told to save a URL as a file, to go on with that file, and to choose the file's name itself."""

    def __init__(self, name, program, package, whole, again=None, named=None, splits=False):
        self.name = name
        self.program = program
        self.package = package
        self.whole = whole
        self.again = again or whole
        self.named = named
        self.splits = splits


def script(*command):
    """One of ours, that uses a public library: goes on by itself when the file is there."""
    return lambda url, header, file: [*command, url, file]


def lftp(commands):
    """Knows no header of its own but cookies."""

    def command(url, header, file):
        token = header.rpartition(" ")[2] if header else ""
        cookie = f'set http:cookie "sluice_session={token}"; ' if token else ""
        settings = "set net:max-retries 5; set net:reconnect-interval-base 1; set net:timeout 30; set xfer:clobber on; "
        return ["lftp", "--norc", "-c", cookie + settings + commands.format(url=url, file=file)]

    return command


def curl(*more):
    return lambda url, header, file: ["curl", "-sS", "-f", *more, *_header("-H", header), *(["-o", file] if file else []), url]


def wget(program, *more):
    return lambda url, header, file: [
        program,
        "-q",
        "--tries=5",
        "--waitretry=1",
        *more,
        *([f"--header={header}"] if header else []),
        *(["-O", file] if file else []),
        url,
    ]


def wget2_again(url, header, file):
    """Goes on with a file only under the name that it finds in the URL, query and all: -c and -O together begin anew."""
    name = url.rpartition("/")[2]
    steps = 'mv "$1" "$2" && wget2 -q -c --tries=5 --waitretry=1 "$3" "$4"; status=$?; mv "$2" "$1"; exit $status'
    return ["sh", "-c", steps, "sh", file, name, f"--header={header}", url]


def aria2(url, header, file):
    place = ["-d", os.path.dirname(file), "-o", os.path.basename(file)] if file else []
    options = ["-q", "-x4", "-s4", "-k1M", "--retry-wait=1", "--max-tries=5", "--file-allocation=none", "--no-conf"]
    return ["aria2c", *options, *([f"--header={header}"] if header else []), *place, url]


def axel(url, header, file):
    return ["axel", "-q", "-k", "-n", "4", *_header("-H", header), *(["-o", file] if file else []), url]


def httpie(*more):
    return lambda url, header, file: [
        "http",
        "--ignore-stdin",
        "--check-status",
        "--download",
        *more,
        *(["--output", file] if file else []),
        url,
        *([header.replace(": ", ":", 1)] if header else []),
    ]


def _header(option, header):
    return [option, header] if header else []


CLIENTS = (
    Client("curl", "curl", "curl", curl(), curl("-C", "-"), curl("-OJ")),
    Client("wget", "wget", "wget", wget("wget"), wget("wget", "-c"), wget("wget", "--content-disposition")),
    Client("wget2", "wget2", "wget2", wget("wget2"), wget2_again, wget("wget2", "--content-disposition")),
    Client("aria2c", "aria2c", "aria2", aria2, named=aria2, splits=True),
    Client("axel", "axel", "axel", axel, named=axel, splits=True),
    Client("httpie", "http", "httpie", httpie(), httpie("--continue"), httpie()),
    Client("lftp get", "lftp", "lftp", lftp("get -c '{url}' -o '{file}'")),
    Client("lftp pget", "lftp", "lftp", lftp("pget -c -n 4 '{url}' -o '{file}'"), splits=True),
    Client("Python requests", "/usr/bin/python3", "python3-requests", script("/usr/bin/python3", str(HERE / "fetch_requests.py"))),
    Client("Java HttpClient", "java", "openjdk-17-jdk-headless", script("java", str(HERE / "Fetch.java"))),
    Client("Node fetch", "node", "nodejs", script("node", str(HERE / "fetch.mjs"))),
)


def check(server, job, work, results):
    results.section("Clients")
    link = server.call("POST", f"/api/models/{job.published()['id']}/download", {}, server.token)["data"]["archive"]
    for client in CLIENTS:
        if not results.has(client.program, client.package):
            results.absent(client.name, CASES)
            continue
        directory = work / "clients" / client.name.replace(" ", "-")
        directory.mkdir(parents=True)
        trial = Trial(client, server, job, directory)
        results.case(client.name, "odd names", trial.odd_names)
        results.case(client.name, "zip", trial.zip)
        results.case(client.name, "broken zip", lambda: trial.broken(job.zip_path, job.zip))
        weights = "weights.safetensors"
        results.case(client.name, "broken file", lambda: trial.broken(job.url(weights), job.files[weights]))
        results.case(client.name, "name", trial.name)
        results.case(client.name, "link", lambda: trial.link(link["url"]))
        shutil.rmtree(directory)


class Trial:
    def __init__(self, client, server, job, directory):
        self.client = client
        self.server = server
        self.job = job
        self.directory = directory
        self.header = "Authorization: Bearer " + server.token

    def run(self, command, may_fail=False, terminal=False):
        environment = {**os.environ, "AUTHORIZATION": self.header.partition(": ")[2] if self.header else "", "LC_ALL": "C.UTF-8"}
        if terminal:
            # Some write the body to the standard output when that is none; script gives them one.
            command = ["script", "-qec", shlex.join(command), "/dev/null"]
        ended = subprocess.run(
            command,
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
        )
        said = ended.stdout.decode(errors="replace").replace(self.server.token, "TOKEN")[-300:]
        expect(may_fail or ended.returncode == 0, f"ended with status {ended.returncode}: {said}")
        return ended.returncode

    def save(self, path, wanted):
        file = self.directory / "file"
        file.unlink(missing_ok=True)
        self.run(self.client.whole(self.server.url + path, self.header, str(file)))
        same(file, wanted)
        file.unlink()

    def odd_names(self):
        # Each costs a process, some of them a JVM; those that mean something in a URL, a shell or a pattern.
        names = [name for name in self.job.files if any(sign in name for sign in " %?#é模$[-~")]
        chosen = names if self.client.program in ("curl", "wget") else names[:8]
        for name in chosen:
            self.save(self.job.url(name), self.job.files[name])
        return f"{len(chosen)} files"

    def zip(self):
        self.save(self.job.zip_path, self.job.zip)

    def broken(self, path, wanted):
        if not self.server.url.startswith("http://"):
            raise LeftOut("the line that breaks knows no TLS")
        file = self.directory / "broken"
        for left in self.directory.glob("broken*"):
            left.unlink()
        cut, most = (CUT_OF_SPLIT, RESUMED_BY_SPLIT) if self.client.splits else (CUT, RESUMED)
        note = ""
        with Relay(self.server.url, cut=int(len(wanted) * cut)) as relay:
            command = self.client.whole
            for _ in range(ATTEMPTS):
                status = self.run(command(relay.url + path, self.header, str(file)), may_fail=True)
                if status == 0 and file.stat().st_size == len(wanted):
                    break
                if status == 0:
                    note = "; took what broke off for the whole"
                command = self.client.again
            else:
                expect(False, f"did not end well in {ATTEMPTS} attempts")
            same(file, wanted)
            expect(relay.broken == 1, "the line did not break")
            share = relay.carried / len(wanted)
        expect(share < most, f"carried {share:.2f} of it: did not go on, but began anew")
        return f"carried {share:.2f} of it{note}"

    def name(self):
        if not self.client.named:
            raise LeftOut("is given a name by its caller")
        place = self.directory / "named"
        place.mkdir()
        self.directory, kept = place, self.directory
        try:
            self.run(self.client.named(self.server.url + self.job.zip_path, self.header, None), terminal=True)
        finally:
            self.directory = kept
        saved = [path.name for path in place.iterdir()]
        wanted = f"model_{self.job.job}.zip"
        expect(saved == [wanted], f"saved {saved} instead of {wanted}")
        same(place / wanted, self.job.zip)

    def link(self, path):
        """Without a token."""
        header, self.header = self.header, None
        try:
            file = self.directory / "linked"
            self.run(self.client.whole(self.server.url + path, None, str(file)))
        finally:
            self.header = header
        expect(file.read_bytes()[:2] == b"PK", "no zip")
        file.unlink()


def same(file, wanted):
    expect(file.exists(), "saved nothing")
    got = file.read_bytes()
    expect(
        got == wanted, f"{len(got)} bytes, sha256 {content.digest(got)[:12]} instead of {len(wanted)}, {content.digest(wanted)[:12]}"
    )

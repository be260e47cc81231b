"""Request targets that lead up, out, or nowhere: sent as they are, byte for byte."""

import socket
import ssl
import urllib.parse

import content
from table import expect

UP = (
    "../foreign/model/secret.txt",
    "../../secret.txt",
    "..%2fforeign%2fmodel%2fsecret.txt",
    "..%2Fforeign/model/secret.txt",
    "%2e%2e/foreign/model/secret.txt",
    "%2e%2e%2fforeign%2fmodel%2fsecret.txt",
    "%2E%2E%2F%2E%2E%2Fsecret.txt",
    ".%2e/foreign/model/secret.txt",
    "%252e%252e%252fforeign%252fmodel%252fsecret.txt",
    "%25252e%25252e%25252fsecret.txt",
    "..%5cforeign%5cmodel%5csecret.txt",
    "..\\foreign\\model\\secret.txt",
    "%5c%5c127.0.0.1%5cshare",
    "....//foreign/model/secret.txt",
    "....//....//secret.txt",
    "..../foreign/model/secret.txt",
    "..;/foreign/model/secret.txt",
    "..;a=b/foreign/model/secret.txt",
    "model/../../foreign/model/secret.txt",
    "model/..%00/secret.txt",
    "model/plain.txt%00.png",
    "%00",
    "..%00/foreign/model/secret.txt",
    "model/plain.txt%0d%0aX-Injected:1",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "%2f%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:%5cboot.ini",
    "C:/boot.ini",
    "model//plain.txt",
    "model/./plain.txt",
    "model/%2e/plain.txt",
    "./model/plain.txt",
    "model/plain.txt/",
    "model/plain.txt/.",
    "model/plain.txt/..",
    # Overlong UTF-8 of '.' and '/', and more that is no UTF-8.
    "%c0%ae%c0%ae/foreign/model/secret.txt",
    "%c0%ae%c0%ae%c0%afforeign%c0%afmodel%c0%afsecret.txt",
    "%e0%80%ae%e0%80%ae%e0%80%afsecret.txt",
    "%f0%80%80%ae%f0%80%80%ae/secret.txt",
    "..%c1%9csecret.txt",
    "..%c0%9vsecret.txt",
    "%ff%fe",
    "%ed%a0%80",
    # Dots and slashes that are none.
    "%e2%80%a5/secret.txt",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8fsecret.txt",
    "..%e2%88%95secret.txt",
    "%u002e%u002e%u2215secret.txt",
    "%uff0e%uff0e/secret.txt",
    # Encodings that break off.
    "%",
    "%2",
    "%zz",
    "model/%",
    "..%",
    "~/secret.txt",
    "~root/.ssh/id_rsa",
    "$HOME/secret.txt",
    "../" * 40 + "etc/passwd",
    "%2e%2e%2f" * 40 + "etc/passwd",
    "a/" * 3000 + "b",
    "a" * 7000,
)
#: Where a client's path or name goes in.
PLACES = (
    ("a file", "/api/training/{job}/files/{up}"),
    ("a checkpoint", "/api/training/{job}/download/model?checkpoint={up}"),
    ("an AutoML model", "/ml/download-model/{job}/{up}"),
    ("a job", "/api/training/{up}/download/model"),
    ("a published file", "/api/models/{model}/files/{up}"),
    ("a catalog model", "/api/catalog/{up}/file"),
    ("a link", "/dl/{up}/x"),
    ("a static asset", "/assets/{up}"),
    ("the root", "/{up}"),
)
#: Answers that mean: nothing there for you. 414 and 431 are for those too long.
REFUSED = {301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 414, 431}


def check(server, job, work, results):
    results.section("Targets")
    model = job.published()["id"]
    for where, template in PLACES:
        results.case("traversal", where, lambda: _place(server, job, template, model))
    results.case("traversal", "names that only look so", lambda: _legitimate(server, job))
    results.case("traversal", "uploads", lambda: _uploads(server, job))


def _place(server, job, template, model):
    for up in UP:
        target = template.format(job=job.job, model=model, up=up)
        status, head, body = ask(server, "GET", target)
        for secret in (content.SECRET, b"root:x:0:0", b"BEGIN OPENSSH"):
            expect(secret not in body, f"{target}: shows {secret!r}")
        expect(b"\r\nX-Injected" not in head, f"{target}: a header of the client's")
        if status == 200:
            expect(_harmless(job, target, body), f"{target}: 200 with {body[:60]!r}")
        else:
            expect(status in REFUSED, f"{target}: {status} {body[:100]!r}")
            expect(b"Exception" not in body and b"/data" not in body, f"{target}: {body[:200]!r}")
    return f"{len(UP)} targets"


def _harmless(job, target, body):
    """RFC 3986 section 6 lets a server take some spellings for the plain one: then it is the owner's own file, or a page."""
    return body == job.files["plain.txt"] or body.lstrip().startswith(b"<!") or target.startswith(("//", "/~"))


def _legitimate(server, job):
    """What must not be refused: percent signs and dots that are part of a name."""
    names = [name for name in job.files if "%" in name or "." == name[-1:] or name.startswith((".", "~", "-"))]
    for name in names:
        status, _, body = ask(server, "GET", job.url(name))
        expect(status == 200 and body == job.files[name], f"{name}: {status}")
    return f"{len(names)} names"


def _uploads(server, job):
    """What is taken becomes a file of that very job, whatever the spelling was."""
    planted = f"{job.job}-planted"
    server.call("POST", "/api/training/jobs", {"job_id": planted, "owner": server.owner, "name": planted})
    outside = _outside(server, planted)
    others = server.read(f"/api/training/{job.job}/files")
    taken = 0
    for up in UP:
        status, _, body = ask(server, "PUT", f"/api/training/{planted}/files/{up}", server.trainer, b"planted")
        expect(status in REFUSED or status in (201, 204), f"PUT {up}: {status} {body[:100]!r}")
        taken += status == 201
    names = [file["path"] for file in server.read(f"/api/training/{planted}/files")["files"]]
    expect(len(names) == taken, f"{taken} were taken, {len(names)} are listed: {names}")
    for name in names:
        expect(not {"", ".", ".."} & set(name.split("/")) and "\\" not in name and "\0" not in name, f"listed {name!r}")
    expect(server.read(f"/api/training/{job.job}/files") == others, "another job changed")
    expect(_outside(server, planted) == outside, "wrote outside the job")
    return f"{taken} of {len(UP)} were names like others"


def _outside(server, job):
    """What lies in the workspace beside the job, when it can be looked at."""
    if not server.workspace:
        return None
    places = [server.workspace.parent / "secret.txt", *server.workspace.glob("[!.]*")]
    return sorted(
        (str(path), path.stat().st_size) for place in places if place.name != job for path in [place, *place.rglob("*")]
    )


def ask(server, method, target, token=None, body=b""):
    """One request on a connection of its own, its target unchanged: status, head, body."""
    address = urllib.parse.urlsplit(server.url)
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: Bearer {token or server.token}\r\n\r\n"
    )
    port = address.port or (443 if address.scheme == "https" else 80)
    with socket.create_connection((address.hostname, port), timeout=30) as plain:
        connection = plain
        if address.scheme == "https":
            connection = ssl.create_default_context().wrap_socket(plain, server_hostname=address.hostname)
        connection.sendall(head.encode("latin-1") + body)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    expect(head.startswith(b"HTTP/1.1 "), f"{target}: no answer but {answer[:60]!r}")
    return int(head.split(b" ", 2)[1]), head, body

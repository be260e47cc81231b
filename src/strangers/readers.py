"""Archive readers of others against archives of ours: sound, the same content, and nothing outside."""

import os
import shutil
import subprocess
import unicodedata

from table import expect

SECONDS = 120



#: Program, package, how it tests an archive, how it extracts one into the working directory. None: our Python does it.
ZIP = (
    ("unzip", "unzip", ["unzip", "-tqq", "{}"], ["unzip", "-qq", "-o", "{}"]),
    ("7z", "p7zip-full", ["7z", "t", "-bd", "{}"], ["7z", "x", "-bd", "-y", "{}"]),
    ("bsdtar", "libarchive-tools", ["bsdtar", "-tf", "{}"], ["bsdtar", "-xf", "{}"]),
    ("jar", "openjdk-17-jdk-headless", ["jar", "tf", "{}"], ["jar", "xf", "{}"]),
    ("python3", "python3", ["python3", "-m", "zipfile", "-t", "{}"], ["python3", "-m", "zipfile", "-e", "{}", "."]),
)
TAR = (
    ("tar", "tar", ["tar", "-tf", "{}"], ["tar", "-xf", "{}"]),
    ("bsdtar", "libarchive-tools", ["bsdtar", "-tf", "{}"], ["bsdtar", "-xf", "{}"]),
    ("7z", "p7zip-full", ["7z", "t", "-bd", "{}"], ["7z", "x", "-bd", "-y", "{}"]),
    ("python3", "python3", ["python3", "-m", "tarfile", "-t", "{}"], ["python3", "-m", "tarfile", "-e", "{}", "."]),
)


def check(server, job, work, results):
    results.section("Archive readers")
    model = f"/api/training/{job.job}/download/model"
    checkpoint = "checkpoint-500"
    archives = {
        "model.zip": (model, job.files, True),
        "model.tar": (model + "?format=tar", job.files, True),
        "checkpoint.zip": (model + "?checkpoint=" + checkpoint, _below(job.files, checkpoint + "/"), True),
        "logs.zip": (f"/api/training/{job.job}/download/logs", {"training.log": job.files["log.txt"]}, True),
        "published.zip": (f"/api/models/{job.published()['id']}/archive", job.files, True),
    }
    if job.wild:
        # The names are escaped: which they are is ours, that they stay inside and apart is everybody's.
        archives["wild.zip"] = ("/api/training/wild/download/model", job.wild, False)
        archives["wild.tar"] = ("/api/training/wild/download/model?format=tar", job.wild, False)
    directory = work / "readers"
    directory.mkdir(parents=True)
    for name, (path, files, exact) in archives.items():
        archive = directory / name
        archive.write_bytes(job.expected(path))
        for program, package, test, extract in TAR if name.endswith(".tar") else ZIP:
            if not results.has(program, package):
                results.absent(program, [name])
                continue
            results.case(program, name, lambda: _read(program, archive, files, exact, test, extract, directory / "place"))
    shutil.rmtree(directory)


def _below(files, prefix):
    return {name[len(prefix) :]: data for name, data in files.items() if name.startswith(prefix)}


def _read(program, archive, files, exact, test, extract, place):
    shutil.rmtree(place, ignore_errors=True)
    inside = place / "inside"
    inside.mkdir(parents=True)
    _run([part.replace("{}", str(archive)) for part in test], inside)
    _run([part.replace("{}", str(archive)) for part in extract], inside)
    expect(os.listdir(place) == ["inside"], f"wrote outside: {os.listdir(place)}")
    found = {}
    for root, _, names in os.walk(inside):
        for name in names:
            path = os.path.join(root, name)
            expect(not os.path.islink(path), f"{path} is a link")
            with open(path, "rb") as file:
                found[os.path.relpath(path, inside)] = file.read()
    if exact and program == "bsdtar":
        # libarchive composes what it reads, whatever we wrote.
        found, files = ({unicodedata.normalize("NFC", name): data for name, data in one.items()} for one in (found, files))
    if exact:
        expect(found.keys() == files.keys(), f"names differ: {sorted(found.keys() ^ files.keys())}")
        expect(found == files, "content differs")
    else:
        expect(sorted(found.values()) == sorted(files.values()), f"content differs: {sorted(found)}")
    shutil.rmtree(place)
    return f"{len(found)} files"


def _run(command, directory):
    ended = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
    )
    said = ended.stdout.decode(errors="replace")[-300:]
    expect(ended.returncode == 0, f"{command[0]} ended with status {ended.returncode}: {said}")

"""What machines read about the server, before the eyes of their own linters."""

import json
import os
import pathlib
import subprocess
import urllib.request

from table import LeftOut, expect

LINTER = "@redocly/cli@1.34.5"
#: Which of its recommended rules do not apply, with reasons.
RULES = pathlib.Path(__file__).resolve().parent / "redocly.yaml"


def check(server, job, work, results):
    results.section("Documents")
    if results.has("promtool", "prometheus"):
        results.case("promtool", "metrics", lambda: _metrics(server))
    else:
        results.absent("promtool", ["metrics"])
    if results.has("npm", "npm"):
        results.case("redocly", "OpenAPI", lambda: _openapi(server, work / "npm"))
    else:
        results.absent("redocly", ["OpenAPI"])


def _metrics(server):
    if not server.management:
        raise LeftOut("needs --management")
    with urllib.request.urlopen(server.management + "/metrics", timeout=30) as answer:
        text = answer.read()
    ended = subprocess.run(
        ["promtool", "check", "metrics"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
    )
    said = ended.stdout.decode(errors="replace").strip()
    expect(ended.returncode == 0, said[-1000:])
    return f"{text.count(b'# TYPE')} meters"


def _openapi(server, place):
    place.mkdir(exist_ok=True)
    program = place / "node_modules/.bin/redocly"
    if not program.exists():
        fetched = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(place), LINTER],
            capture_output=True,
            text=True,
            timeout=600,
        )
        if fetched.returncode:
            raise LeftOut(f"npm does not bring {LINTER}: {fetched.stderr.strip()[-200:]}")
    document = place / "openapi.yaml"
    document.write_bytes(server.request("GET", "/api/openapi.yaml")[2])
    ended = subprocess.run(
        [str(program), "lint", f"--config={RULES}", "--format=json", str(document)],
        cwd=place,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    try:
        found = json.loads(ended.stdout)
    except ValueError:
        expect(False, (ended.stdout + ended.stderr)[-500:])
    problems = [
        f"{one['ruleId']}: {one['message']} at {one['location'][0].get('pointer')}" for one in found["problems"] if not one.get("ignored")
    ]
    expect(not problems and ended.returncode == 0, f"{len(problems)} problems: " + "; ".join(problems[:40]))
    return f"by {LINTER}"

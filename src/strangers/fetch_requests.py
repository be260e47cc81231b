"""fetch_requests.py URL FILE: saves it, going on where the file ends. The environment has AUTHORIZATION, or an empty one."""

import os
import sys

import requests

url, file = sys.argv[1:]
have = os.path.getsize(file) if os.path.exists(file) else 0
headers = {"Range": f"bytes={have}-"} if have else {}
if os.environ["AUTHORIZATION"]:
    headers["Authorization"] = os.environ["AUTHORIZATION"]
with requests.get(url, headers=headers, stream=True, timeout=60) as answer:
    answer.raise_for_status()
    if have and answer.status_code != 206:
        sys.exit(f"no range but {answer.status_code}")
    length = int(answer.headers["Content-Length"])
    with open(file, "ab") as saved:
        for chunk in answer.iter_content(1 << 16):
            saved.write(chunk)
            length -= len(chunk)
# Which requests itself does not look at.
if length:
    sys.exit(f"{length} bytes are missing")

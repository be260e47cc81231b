"""Reads one entry of a remote zip through byte ranges, and prints what it was and what it cost as JSON.

Usage: read_entry.py URL TOKEN NAME
"""
import hashlib
import http.client
import io
import json
import sys
import urllib.parse
import zipfile


class RemoteFile(io.RawIOBase):
    """A file that can be sought in; each read is a request for a range of one version."""

    def __init__(self, url, token):
        parts = urllib.parse.urlsplit(url)
        self.target = parts.path + ("?" + parts.query if parts.query else "")
        self.connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        self.authorization = {"Authorization": "Bearer " + token}
        self.requests = self.received = self.position = 0
        head = self.exchange("HEAD", 200, {})
        assert head.headers["Accept-Ranges"] == "bytes"
        self.length = int(head.headers["Content-Length"])
        self.version = {"If-Match": head.headers["ETag"]}

    def exchange(self, method, status, fields):
        self.connection.request(method, self.target, headers={**self.authorization, **fields})
        response = self.connection.getresponse()
        self.requests += 1
        response.content = response.read()
        self.received += len(response.content)
        assert response.status == status, (response.status, response.content)
        return response

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.length}[whence]
        self.position = start + offset
        return self.position

    def tell(self):
        return self.position

    def readinto(self, buffer):
        end = min(self.position + len(buffer), self.length)
        if self.position >= end:
            return 0
        span = f"{self.position}-{end - 1}"
        response = self.exchange("GET", 206, {"Range": "bytes=" + span, **self.version})
        assert response.headers["Content-Range"] == f"bytes {span}/{self.length}"
        buffer[: len(response.content)] = response.content
        self.position += len(response.content)
        return len(response.content)


url, token, name = sys.argv[1:]
remote = RemoteFile(url, token)
with zipfile.ZipFile(io.BufferedReader(remote, 16 * 1024)) as archive:
    content = archive.read(name)
    print(
        json.dumps(
            {
                "length": remote.length,
                "received": remote.received,
                "requests": remote.requests,
                "deflated": archive.getinfo(name).compress_type == zipfile.ZIP_DEFLATED,
                "stored_size": archive.getinfo(name).compress_size,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
    )

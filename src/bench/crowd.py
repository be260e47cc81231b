"""Clients who come at once, each for the whole of the same thing, in whatever framing it comes."""

import collections
import dataclasses
import re
import selectors
import socket
import time
import typing

import load

LAST_CHUNK = b"0\r\n\r\n"


@dataclasses.dataclass
class Visit:
    """What one client got: seconds from when it began to connect to the first byte of the body and to its end."""

    first: typing.Optional[float] = None
    whole: typing.Optional[float] = None
    received: int = 0
    failure: typing.Optional[str] = None


class _Visitor:
    def __init__(self, target, request):
        self.visit = Visit()
        self.begin = time.monotonic()
        self.top = b""
        #: Bytes of the body that are still to come; None before the head and with chunks.
        self.left = None
        self.chunked = False
        self.end = b""
        self.connection = target.connect()
        self.connection.sendall(request)
        self.connection.setblocking(False)

    def receive(self, buffer):
        """Whether more is to come."""
        try:
            if not self.chunked and self.left is None:
                self._head()
            elif self.chunked:
                self._chunks(buffer)
            else:
                self._bytes(buffer)
        except BlockingIOError:
            return True
        except (OSError, load.WrongAnswer) as failure:
            self.visit.failure = f"{type(failure).__name__}: {failure}"
        return self.visit.whole is None and self.visit.failure is None

    def _head(self):
        block = self.connection.recv(65536)
        if not block:
            raise load.WrongAnswer("ended within the head")
        self.top += block
        top, found, body = self.top.partition(b"\r\n\r\n")
        if not found:
            return
        if not top.startswith(b"HTTP/1.1 200"):
            raise load.WrongAnswer(top.partition(b"\r\n")[0].decode("latin-1"))
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", top)
        self.chunked = length is None
        self.left = int(length.group(1)) if length else None
        if body or self.left == 0:
            self._came(body)
            self.end = body[-len(LAST_CHUNK):]

    def _bytes(self, buffer):
        count = self.connection.recv_into(buffer, min(self.left, load.RECEIVE), socket.MSG_TRUNC)
        if not count:
            raise load.WrongAnswer(f"ended {self.left} bytes early")
        self._came(buffer, count)

    def _chunks(self, buffer):
        count = self.connection.recv_into(buffer, load.RECEIVE)
        if count:
            self._came(buffer, count)
            self.end = (self.end + buffer[max(0, count - len(LAST_CHUNK)) : count])[-len(LAST_CHUNK) :]
        elif self.end == LAST_CHUNK:
            self.visit.whole = time.monotonic() - self.begin
        else:
            raise load.WrongAnswer("ended before the last chunk")

    def _came(self, content, count=None):
        now = time.monotonic() - self.begin
        count = len(content) if count is None else count
        self.visit.first = self.visit.first or now
        self.visit.received += count
        if self.left is not None:
            self.left -= count
            if self.left == 0:
                self.visit.whole = now


def come(target, path, clients, seconds, only_first=False):
    """A visit of each client, after so many seconds at most; those who only want the first byte leave then."""
    request = target.asks_too(Connection="close").request(path)
    buffer = bytearray(load.RECEIVE)
    deadline = time.monotonic() + seconds
    visitors, turned_away = [], []
    with selectors.EpollSelector() as selector:
        try:
            for _ in range(clients):
                try:
                    visitor = _Visitor(target, request)
                except OSError as failure:
                    turned_away.append(Visit(failure=f"{type(failure).__name__}: {failure}"))
                    continue
                visitors.append(visitor)
                selector.register(visitor.connection, selectors.EVENT_READ, visitor)
            while selector.get_map() and time.monotonic() < deadline:
                for key, _ in selector.select(min(1.0, max(0.0, deadline - time.monotonic()))):
                    more = key.data.receive(buffer)
                    if not more or (only_first and key.data.visit.first):
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
        finally:
            for visitor in visitors:
                visitor.connection.close()
    for visitor in visitors:
        visit = visitor.visit
        if visit.whole is None and visit.failure is None and not (only_first and visit.first):
            visit.failure = f"not complete within {seconds} s"
    return [visitor.visit for visitor in visitors] + turned_away


def failures(visits):
    return dict(collections.Counter(visit.failure for visit in visits if visit.failure))

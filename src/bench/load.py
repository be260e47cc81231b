"""The clients: fast ones on few connections, slow ones on many, and those who only want the first byte."""

import dataclasses
import re
import resource
import selectors
import socket
import ssl
import time

#: Bytes of one receive.
RECEIVE = 1 << 20
SAMPLE_DEADLINE = 600

TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUSTING.check_hostname = False
TRUSTING.verify_mode = ssl.CERT_NONE


@dataclasses.dataclass(frozen=True)
class Target:
    host: str
    port: int
    tls: bool = False
    headers: dict = dataclasses.field(default_factory=dict)

    def connect(self, receive_buffer=None):
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(60)
        connection.connect((self.host, self.port))
        return TRUSTING.wrap_socket(connection, server_hostname="localhost") if self.tls else connection

    def request(self, path, **more):
        fields = {"Host": f"{self.host}:{self.port}", **self.headers, **more}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()

    def asks_too(self, **headers):
        """The same with more headers."""
        return dataclasses.replace(self, headers={**self.headers, **headers})


class WrongAnswer(Exception):
    pass


def head(connection, deadline):
    """Reads a response's head: its length, what came of its body with it, and when the first byte came."""
    received = b""
    first = None
    while b"\r\n\r\n" not in received:
        if time.monotonic() > deadline:
            raise WrongAnswer("no head in time")
        block = connection.recv(65536)
        first = first or time.monotonic()
        if not block:
            raise WrongAnswer("ended within the head")
        received += block
    top, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", top)
    if not re.match(rb"HTTP/1\.1 20[06] ", top) or not length:
        raise WrongAnswer(top.partition(b"\r\n")[0].decode("latin-1"))
    return int(length.group(1)), body, first


class _Download:
    """One connection that asks for the same content several times, or for its first so many bytes."""

    def __init__(self, target, path, times, copy, most):
        self.request = target.request(path, **({"Range": f"bytes=0-{most - 1}"} if most else {}))
        self.connection = target.connect()
        self.connection.settimeout(60)
        self.flags = 0 if target.tls or copy else socket.MSG_TRUNC
        self.tls = target.tls
        self.times = times
        self.received = 0

    def start(self):
        self.connection.settimeout(60)
        self.times -= 1
        self.connection.sendall(self.request)
        length, body, _ = head(self.connection, time.monotonic() + 60)
        self.received += len(body)
        self.left = length - len(body)
        self.connection.settimeout(0)

    def receive(self, buffer):
        """Whether more is to come."""
        try:
            while self.left:
                wanted = min(self.left, RECEIVE)
                if self.tls:
                    count = self.connection.recv_into(buffer, wanted)
                else:
                    count = self.connection.recv_into(buffer, wanted, self.flags)
                if not count:
                    raise WrongAnswer(f"ended {self.left} bytes early")
                self.left -= count
                self.received += count
                if not self.tls:
                    break
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        if self.left == 0 and self.times:
            self.start()
        return self.left > 0


def download(target, path, connections, times, copy=False, most=None):
    """Bytes, seconds and the client's own CPU seconds of connections × times downloads, each of so many bytes at most."""
    downloads = [_Download(target, path, times, copy, most) for _ in range(connections)]
    buffer = bytearray(RECEIVE)
    deadline = time.monotonic() + SAMPLE_DEADLINE
    cpu, begin = _own_cpu(), time.monotonic()
    with selectors.EpollSelector() as selector:
        for one in downloads:
            one.start()
            selector.register(one.connection, selectors.EVENT_READ, one)
        active = connections
        while active:
            if time.monotonic() > deadline:
                raise WrongAnswer("not complete in time")
            ready = selector.select(10)
            for key, _ in ready:
                if not key.data.receive(buffer):
                    selector.unregister(key.fileobj)
                    active -= 1
    seconds = time.monotonic() - begin
    cpu = _own_cpu() - cpu
    for one in downloads:
        one.connection.close()
    return sum(one.received for one in downloads), seconds, cpu


def ranges(target, path, count, length):
    """Asks for the first so many bytes over and over, on one connection."""
    with target.connect() as connection:
        connection.settimeout(60)
        for _ in range(count):
            connection.sendall(target.request(path, Range=f"bytes=0-{length - 1}"))
            left, body, _ = head(connection, time.monotonic() + 60)
            left -= len(body)
            while left:
                block = connection.recv(left)
                if not block:
                    raise WrongAnswer(f"{path} ended {left} bytes early")
                left -= len(block)


def save(target, path, file, **headers):
    """Downloads once and keeps it; no file means that the content is dropped."""
    with target.connect() as connection, open(file or "/dev/null", "wb") as output:
        connection.settimeout(SAMPLE_DEADLINE)
        connection.sendall(target.request(path, **headers))
        length, body, _ = head(connection, time.monotonic() + SAMPLE_DEADLINE)
        left = length - len(body)
        output.write(body)
        while left:
            block = connection.recv(min(left, RECEIVE))
            if not block:
                raise WrongAnswer(f"{path} ended {left} bytes early")
            output.write(block)
            left -= len(block)


def first_byte(target, path):
    """Seconds from before the connection is made to the first byte of the head, and of the body. Then it leaves."""
    begin = time.monotonic()
    with target.connect() as connection:
        connection.settimeout(SAMPLE_DEADLINE)
        connection.sendall(target.request(path))
        length, body, first = head(connection, begin + SAMPLE_DEADLINE)
        if length and not body:
            connection.recv(1)
        return first - begin, time.monotonic() - begin


class SlowReaders:
    """Many connections that each read so many bytes a second and drop them."""

    #: Small, so that the server and not the client's kernel holds what was not read.
    RECEIVE_BUFFER = 16 << 10
    CONNECTING = 100

    def __init__(self, target, path, count, rate, receive_buffer=RECEIVE_BUFFER):
        self.rate = rate
        self.receive_buffer = receive_buffer
        self.connections = []
        self.failures = {}
        request = target.request(path)
        while len(self.connections) + self.failed() < count:
            self._connect(target, request, min(self.CONNECTING, count - len(self.connections) - self.failed()))
        self.received = [0] * len(self.connections)

    def _connect(self, target, request, count):
        asked = []
        for _ in range(count):
            try:
                connection = target.connect(self.receive_buffer)
                connection.sendall(request)
                asked.append(connection)
            except OSError as failure:
                self._failed(failure)
        for connection in asked:
            try:
                head(connection, time.monotonic() + 60)
                connection.settimeout(0)
                self.connections.append(connection)
            except (OSError, WrongAnswer) as failure:
                self._failed(failure)
                connection.close()

    def _failed(self, failure):
        text = f"{type(failure).__name__}: {failure}"[:200]
        self.failures[text] = self.failures.get(text, 0) + 1

    def failed(self):
        return sum(self.failures.values())

    def read(self, seconds):
        """Reads for so long, each second its share."""
        for second in range(seconds):
            begin = time.monotonic()
            for i, connection in enumerate(self.connections):
                if connection is None:
                    continue
                try:
                    count = connection.recv(self.rate)
                    self.received[i] += len(count)
                    if not count:
                        raise WrongAnswer("ended early")
                except (BlockingIOError, ssl.SSLWantReadError):
                    pass
                except (OSError, WrongAnswer) as failure:
                    self._failed(failure)
                    connection.close()
                    self.connections[i] = None
            time.sleep(max(0.0, 1 - (time.monotonic() - begin)))

    def alive(self):
        return sum(connection is not None for connection in self.connections)

    def close(self):
        for connection in self.connections:
            if connection:
                connection.close()


def _own_cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime

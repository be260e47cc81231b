"""A line between client and server that counts what comes down, and breaks as often as it is told."""

import socket
import threading
import urllib.parse


class Relay:
    """The first connection that carries more than `cut` bytes to the client is reset there; a body, not only its head."""

    def __init__(self, url, cut=None):
        address = urllib.parse.urlsplit(url)
        self.server = (address.hostname, address.port or 80)
        self.cut = cut
        self.carried = 0
        self.broken = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                server = socket.create_connection(self.server, timeout=60)
            except OSError:
                return
            with server:
                up = threading.Thread(target=self._up, args=(client, server), daemon=True)
                up.start()
                self._down(server, client)
                for end in (client, server):
                    try:
                        end.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
                up.join(60)

    @staticmethod
    def _up(client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _down(self, server, client):
        own = 0
        try:
            while data := server.recv(65536):
                with self.lock:
                    cutting = self.cut is not None and own + len(data) > self.cut
                    if cutting:
                        data = data[: self.cut - own]
                        self.cut = None
                        self.broken += 1
                    self.carried += len(data)
                own += len(data)
                client.sendall(data)
                if cutting:
                    return
        except OSError:
            pass

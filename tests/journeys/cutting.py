"""A line to PostgreSQL that breaks at the worst moment: the server has committed, and the answer never reaches the client."""

import re
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import URL

MARK = b"UPDATE deliveries SET begun_at"
PREPARED = re.compile(rb"(_pg3_[0-9a-f]+\0)" + MARK)


class Cutting:
    """Listens on loopback and passes everything on to the server; at every `every`-th COMMIT of a mark the line is cut behind it."""

    def __init__(self, server: URL, *, every: int) -> None:
        self._server = server
        self._every = every
        self._commits = 0
        self.cuts = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._over = False
        self._thread = threading.Thread(target=self._accept)

    @property
    def url(self) -> str:
        port: int = self._listening.getsockname()[1]
        bare = self._server.difference_update_query(["host", "port"])
        return bare.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # A last connection wakes the accepting thread, which then sees that it is over.
        self._over = True
        socket.create_connection(self._listening.getsockname()).close()
        self._thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            client, _ = self._listening.accept()
            if self._over:
                client.close()
                return
            server, cut = self._connect(), threading.Event()
            threading.Thread(target=self._up, args=(client, server, cut), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client, cut), daemon=True).start()

    def _connect(self) -> socket.socket:
        folder = self._server.query.get("host") or ""
        port = self._server.query.get("port") or self._server.port or 5432
        if isinstance(folder, str) and folder.startswith("/"):
            line = socket.socket(socket.AF_UNIX)
            line.connect(f"{folder}/.s.PGSQL.{port}")
            return line
        return socket.create_connection((self._server.host or "127.0.0.1", int(str(port))))

    def _up(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        said = b""
        names = [MARK]  # and what the driver calls statements of them, once it has told the server
        with suppress(OSError):
            while data := client.recv(65536):
                said += data
                if b"COMMIT" in data:
                    names += PREPARED.findall(said) if MARK in said else []
                    if any(name in said for name in names):
                        self._commits += 1
                        if self._commits % self._every == 0:
                            cut.set()
                    said = b""
                server.sendall(data)
        _end(server)

    def _down(self, server: socket.socket, client: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while (data := server.recv(65536)) and not cut.is_set():
                client.sendall(data)
        self.cuts += cut.is_set()
        _end(client)
        _end(server)


def _end(line: socket.socket) -> None:
    """Wakes whoever reads from it, too."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()

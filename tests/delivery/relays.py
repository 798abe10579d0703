"""Relays on loopback: one that follows a script, line by line, however badly it behaves."""

import socket
import struct
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

EHLO = b"250-relay.test\r\n250 8BITMIME\r\n"
PIPELINED = b"250-relay.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
HANG, CLOSE, RESET = b"(says nothing)", b"(closes)", b"(resets)"
OK, GO = b"250 fine\r\n", b"354 go on\r\n"


class ScriptedRelay:
    """Answers the n-th connection by the n-th script (the last one again and again): first the greeting, then one answer to each command line,
    and 250 to whatever comes after.

    An answer may be HANG (says nothing more), CLOSE or RESET instead. The text after DATA counts as one command, ended by its dot; with RESET as
    its answer the line is cut before the dot is read. `heard` holds all that was said to it.
    """

    def __init__(self, *scripts: Sequence[bytes]) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self._scripts = scripts
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # A last connection wakes the accepting thread, which then sees that it is over.
        self._listening_is_over = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listening.close()
        for line in self._open:
            line.close()

    _listening_is_over = False

    def _serve(self) -> None:
        while True:
            line, _ = self._listening.accept()
            if self._listening_is_over:
                line.close()
                return
            self._open.append(line)
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            self._talk(line, list(script))

    def _talk(self, line: socket.socket, script: list[bytes]) -> None:
        with line.makefile("rb") as said:
            in_data = False
            for number, answer in enumerate(script):
                if answer == RESET and in_data:
                    return self._reset(line)
                if number and not self._hear(said, in_data=in_data):
                    return line.close()
                if answer == HANG:
                    return None
                if answer == CLOSE:
                    line.shutdown(socket.SHUT_RDWR)
                    return line.close()
                line.sendall(answer)
                in_data = answer == GO
            while self._hear(said, in_data=False):
                line.sendall(OK)
        return line.close()

    def _hear(self, said: object, *, in_data: bool) -> bool:
        heard = b""
        while one := said.readline():  # type: ignore[attr-defined]
            heard += one
            if not in_data or one == b".\r\n":
                self.heard.append(heard)
                return True
        return False

    def _reset(self, line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()

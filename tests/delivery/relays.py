"""Relays on loopback: one that follows a script, answer by answer, however badly it behaves."""

import select
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

EHLO = b"250-relay.test\r\n250 8BITMIME\r\n"
PIPELINED = b"250-relay.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
CHUNKED = b"250-relay.test\r\n250-CHUNKING\r\n250 8BITMIME\r\n"
HANG, CLOSE, RESET, DRIP, ENDLESS = b"(says nothing)", b"(closes)", b"(resets)", b"(says it byte by byte)", b"(never ends)"
FORGETS, INTERRUPTS = b"(forgets what else it was sent) ", b"(interrupts) "
OK, GO = b"250 fine\r\n", b"354 go on\r\n"
DRIP_SECONDS = 0.05


class ScriptedRelay:
    """Answers the n-th connection by the n-th script (the last one again and again): first the greeting, then one answer to each command line,
    and 250 to whatever comes after.

    An answer may be HANG (says nothing more), CLOSE or RESET instead, DRIP (a byte now and then) or ENDLESS (one that has no end). One that begins
    with FORGETS is given after throwing away what was received behind the command, one with INTERRUPTS in the middle of a message, and then the line
    is closed. The text after DATA counts as one command, ended by its dot, a BDAT and its octets as one; with RESET as its answer the line is cut
    before the text is read. `talk` holds all that was said to it with its answer, `segments` how it came. With `context` the line is secured first.
    """

    def __init__(self, *scripts: Sequence[bytes], context: ssl.SSLContext | None = None) -> None:
        self.talk: list[tuple[bytes, bytes]] = []
        self.segments: list[bytes] = []
        self.connections = 0
        self._scripts = scripts
        self._context = context
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._over = False
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # A last connection wakes the accepting thread, which then sees that it is over.
        self._over = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listening.close()
        for line in self._open:
            line.close()

    @property
    def heard(self) -> list[bytes]:
        return [heard for heard, _ in self.talk]

    @property
    def texts(self) -> list[bytes]:
        """The messages that came whole, as they were on the line, in order; without the dot."""
        return [heard.removesuffix(b".\r\n") for heard in self.heard if heard.endswith(b"\r\n.\r\n")]

    def _serve(self) -> None:
        while True:
            line, _ = self._listening.accept()
            if self._over:
                line.close()
                return
            self._open.append(line)
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            try:
                if self._context:
                    line = self._context.wrap_socket(line, server_side=True)
                    self._open.append(line)
                self._talk(line, list(script))
            except OSError:
                line.close()  # the other side was quicker

    def _talk(self, line: socket.socket, script: list[bytes]) -> None:
        ear = _Ear(line, self.segments)
        in_data = False
        for number, answer in enumerate(script):
            if answer == RESET and in_data:
                return _reset(line)
            if answer.startswith(INTERRUPTS):
                ear.more()
                line.sendall(answer.removeprefix(INTERRUPTS))
                return line.close()
            if number and not self._hear(ear, answer, in_data=in_data):
                return line.close()
            if answer == HANG:
                return None
            if answer == RESET:
                return _reset(line)
            if answer == CLOSE:
                line.shutdown(socket.SHUT_RDWR)
                return line.close()
            if answer.startswith(FORGETS):
                ear.forget()
            _say(line, answer.removeprefix(FORGETS))
            in_data = answer == GO
        while self._hear(ear, OK, in_data=in_data):
            line.sendall(OK)
            in_data = False
        return line.close()

    def _hear(self, ear: "_Ear", answer: bytes, *, in_data: bool) -> bool:
        lines: list[bytes] = []
        while one := ear.line():
            lines.append(one)
            if one.startswith(b"BDAT ") and not in_data:
                lines.append(ear.octets(int(one.split()[1])))
            if not in_data or one == b".\r\n":
                self.talk.append((b"".join(lines), answer))
                return True
        return False


class _Ear:
    """Lines from a socket, and a note of each piece as it was received."""

    def __init__(self, line: socket.socket, segments: list[bytes]) -> None:
        self._line = line
        self._segments = segments
        self._heard = b""
        self._read = 0  # of what was heard

    def line(self) -> bytes:
        """With its end; empty when the other side has gone."""
        while (end := self._heard.find(b"\n", self._read)) < 0:
            if not self.more():
                return b""
        return self._take(end + 1 - self._read)

    def octets(self, number: int) -> bytes:
        while len(self._heard) - self._read < number and self.more():
            pass
        return self._take(number)

    def forget(self) -> None:
        self._heard, self._read = b"", 0

    def more(self) -> bool:
        piece = self._line.recv(1 << 20)
        if piece:
            self._segments.append(piece)
        self._heard, self._read = self._heard[self._read :] + piece, 0
        return bool(piece)

    def _take(self, number: int) -> bytes:
        start, self._read = self._read, self._read + number
        return self._heard[start : self._read]


def _say(line: socket.socket, answer: bytes) -> None:
    """What drips has a pace of its own, and ends when the other side has hung up."""
    if answer == DRIP:
        for byte in OK * 100:
            line.sendall(bytes((byte,)).replace(b"\n", b"-"))
            if select.select([line], [], [], DRIP_SECONDS)[0]:
                return
    elif answer == ENDLESS:
        while True:
            line.sendall(b"250-and then\r\n" * 100)
    else:
        line.sendall(answer)


def _reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()

"""One SMTP connection as bytes: what is written is counted, and each reply is read whole against a deadline.

A time limit for each `recv`, as smtplib has it, never ends a relay that says one byte at a time.
"""

import socket
import ssl
from time import monotonic

LONGEST = 65_536  # of a whole reply; RFC 5321 4.5.3.1.5 knows 512 bytes a line, and an answer to EHLO has many
PIECE = 16_384  # a TLS record holds no more: one that the system did not take whole cannot be read at the other end


class Lost(Exception):
    """The connection is of no more use. `taken` is how much of what was being written the system took; `silent` when it was the time that ran out."""

    def __init__(self, *, taken: int = 0, silent: bool = False) -> None:
        super().__init__("the relay fell silent" if silent else "the connection was lost")
        self.taken = taken
        self.silent = silent


class Dialogue:
    """Owns a connected socket, plain or secured. Not for several threads."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self._heard = b""

    @property
    def unread(self) -> bool:
        """Whether the relay has said more than it was asked for, as far as that has been received."""
        return bool(self._heard)

    @property
    def tls(self) -> str:
        """The protocol's version; empty on a plain line."""
        return (self.line.version() or "") if isinstance(self.line, ssl.SSLSocket) else ""

    def close(self) -> None:
        self.line.close()

    def write(self, seconds: float, *parts: bytes) -> None:
        """All of `parts`, in one system call where the system takes them, none copied on a plain line. `Lost` when that takes more than `seconds`."""
        deadline = monotonic() + seconds
        taken = 0
        try:
            if not isinstance(self.line, ssl.SSLSocket):
                self._wait(seconds)
                taken = self.line.sendmsg(parts)
            if taken < sum(map(len, parts)):
                rest = memoryview(b"".join(parts))
                while taken < len(rest):
                    self._wait(deadline - monotonic())
                    taken += self.line.send(rest[taken : taken + PIECE])
        except OSError as error:
            raise Lost(taken=taken, silent=isinstance(error, TimeoutError)) from error

    def reply(self, seconds: float) -> tuple[int, bytes]:
        """The next reply: its code, 0 where it is no SMTP, and its words, a line each. `Lost` when it is not there, whole, after `seconds`."""
        deadline, start = 0.0, 0
        while True:
            end = self._heard.find(b"\n", start)
            if end < 0:
                left = deadline - monotonic() if deadline else seconds
                deadline = deadline or monotonic() + seconds
                self._hear(left)
            elif self._heard[start + 3 : start + 4] == b"-" and self._heard[start : start + 3].isdigit():
                start = end + 1
            else:
                whole, self._heard = self._heard[:end], self._heard[end + 1 :]
                return _understood(whole) if start else _line(whole)

    def _hear(self, seconds: float) -> None:
        try:
            self._wait(seconds)
            piece = self.line.recv(4096)
        except OSError as error:
            raise Lost(silent=isinstance(error, TimeoutError)) from error
        if not piece or len(self._heard) > LONGEST:
            raise Lost
        self._heard += piece

    def _wait(self, seconds: float) -> None:
        """Asks the system for another time limit only where it differs: each change is a system call."""
        if seconds <= 0:
            raise TimeoutError
        if self.line.gettimeout() != seconds:
            self.line.settimeout(seconds)


def _line(line: bytes) -> tuple[int, bytes]:
    code = line[:3]
    if code.isdigit() and line[3:4] in (b" ", b"\r", b"", b"-"):
        return int(code), line[4:].strip()
    return 0, line.strip()


def _understood(lines: bytes) -> tuple[int, bytes]:
    """A reply of several lines. Codes that differ contradict each other: then it says nothing."""
    parts = [_line(line) for line in lines.split(b"\n")]
    codes = {code for code, _ in parts}
    return codes.pop() if len(codes) == 1 else 0, b"\n".join(words for _, words in parts)

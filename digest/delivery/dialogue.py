"""One SMTP connection as bytes: what is written is counted, and each reply is read whole against a deadline.

A time limit for each `recv`, as smtplib has it, never ends a relay that says one byte at a time.
"""

import re
import socket
import ssl
from functools import lru_cache
from time import monotonic

from digest.delivery.steps import Readable, Steps, Writable

LONGEST = 65_536  # of a whole reply; RFC 5321 4.5.3.1.5 knows 512 bytes a line, and an answer to EHLO has many
PIECE = 16_384  # a TLS record holds no more: one that the system did not take whole cannot be read at the other end

# A line each for MAIL, RCPT and DATA, and each as it was hoped for.
ALL_WELL = re.compile(rb"2\d\d(?: [^\n]*)?\r?\n2\d\d(?: [^\n]*)?\r?\n3\d\d(?: [^\n]*)?\r?\n")

Reply = tuple[int, bytes]  # its code, 0 where it is no SMTP, and its words, a line each


class Lost(Exception):
    """The connection is of no more use. `taken` is how much of what was being written the system took; `silent` when it was the time that ran out."""

    def __init__(self, *, taken: int = 0, silent: bool = False) -> None:
        super().__init__("the relay fell silent" if silent else "the connection was lost")
        self.taken = taken
        self.silent = silent


class Dialogue:
    """Owns a connected socket, plain or secured, that never blocks: what has to wait are steps (see `steps`)."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self._secured = isinstance(line, ssl.SSLSocket)
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

    def write(self, seconds: float, *parts: bytes) -> Steps[None]:
        """All of `parts`, in one system call where the system takes them, none copied on a plain line. `Lost` when that takes more than `seconds`."""
        until, taken = monotonic() + seconds, 0
        try:
            if not self._secured:
                taken = self._take(parts)
            if taken < sum(map(len, parts)):
                rest = memoryview(b"".join(parts))
                while taken < len(rest):
                    try:
                        taken += self.line.send(rest[taken : taken + PIECE])
                        continue
                    except (BlockingIOError, ssl.SSLWantWriteError):
                        wait: Readable | Writable = Writable(self.line, until)
                    except ssl.SSLWantReadError:
                        wait = Readable(self.line, until)
                    yield wait
        except OSError as error:
            raise Lost(taken=taken, silent=isinstance(error, TimeoutError)) from error

    def reply(self, seconds: float) -> Steps[Reply]:
        """The next reply, whatever it takes to come. `Lost` when it is not there, whole, after `seconds`."""
        until = monotonic() + seconds
        while not self._heard or (reply := self.heard()) is None:
            yield from self._hear(until)
        return reply

    def heard_all_well(self) -> bool:
        """Whether what is there is just the answers to MAIL, RCPT and DATA, and the relay waits for the content; then they are read. One look instead
        of three, for nearly all there are."""
        if not ALL_WELL.fullmatch(self._heard):
            return False
        self._heard = b""
        return True

    def heard(self) -> Reply | None:
        """The next reply, if it is there already."""
        line, ended, rest = self._heard.partition(b"\n")
        if ended and line[3:4] != b"-":  # nearly always: one line is all
            self._heard = rest
            return _line(line)
        start = 0
        while (end := self._heard.find(b"\n", start)) >= 0:
            if self._heard[start + 3 : start + 4] == b"-" and self._heard[start : start + 3].isdigit():
                start = end + 1
            else:
                whole, self._heard = self._heard[:end], self._heard[end + 1 :]
                return _understood(whole) if start else _line(whole)
        return None

    def _take(self, parts: tuple[bytes, ...]) -> int:
        try:
            return self.line.sendmsg(parts)
        except BlockingIOError:
            return 0

    def _hear(self, until: float) -> Steps[None]:
        wait: Readable | Writable | None = None if self._secured else Readable(self.line, until)  # a secured line may hold what was received already
        try:
            while True:
                if wait:
                    yield wait
                try:
                    piece = self.line.recv(4096)
                    break
                except (BlockingIOError, ssl.SSLWantReadError):
                    wait = Readable(self.line, until)
                except ssl.SSLWantWriteError:
                    wait = Writable(self.line, until)
        except OSError as error:
            raise Lost(silent=isinstance(error, TimeoutError)) from error
        if not piece or len(self._heard) > LONGEST:
            raise Lost
        if monotonic() > until:
            raise Lost(silent=True)
        self._heard += piece


@lru_cache(maxsize=256)  # most replies are the same again and again
def _line(line: bytes) -> Reply:
    code = line[:3]
    if code.isdigit() and line[3:4] in (b" ", b"\r", b"", b"-"):
        return int(code), line[4:].strip()
    return 0, line.strip()


def _understood(lines: bytes) -> Reply:
    """A reply of several lines. Codes that differ contradict each other: then it says nothing."""
    parts = [_line(line) for line in lines.split(b"\n")]
    codes = {code for code, _ in parts}
    return codes.pop() if len(codes) == 1 else 0, b"\n".join(words for _, words in parts)

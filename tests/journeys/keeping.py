"""A relay in a process of its own: it keeps every message in a file before it answers for it, can be held at any point of a mail transaction, and
survives being killed: started again, it listens on the same ports and adds to the same file.

It listens on two ports, so that some workers can be held while the others go on. What it is told comes in lines on its standard input:

    hold PORT POINT NUMBER     from the NUMBER-th time that somebody comes to the point on, all that come to it wait
    go PORT                    nobody waits any more
    kill PID EVENTS SECONDS    ends that process, so many steps of any connection from now and a moment later
    quiet                      says when no connection is open
"""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

# In the order of a transaction. text: some of the message has been read. end: all of it, and it is not kept yet. kept: it is, and not answered.
POINTS = ("connect", "mail", "rcpt", "data", "text", "end", "kept", "answered")
REFUSED, DEFERRED = "refused", "deferred"  # how addresses begin that are answered by 550, and at first by 450
SLOWNESS = 0.004  # seconds for each message, as a relay that writes to a disk takes them
PATIENCE = 90
ROOT = Path(__file__).parents[2]


class Kept(NamedTuple):
    recipient: str
    message_id: str


class Keeper:
    """The relay, as a test holds it. Addresses are (host, port)."""

    def __init__(self, file: Path, *, host: str = "127.0.0.1", within: Sequence[str] = ()) -> None:
        self.file = file
        self.host = host
        self._within = within
        self.ports = (0, 0)

    def __enter__(self) -> "Keeper":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def start(self) -> None:
        command = [*self._within, sys.executable, "-m", "tests.journeys.keeping", str(self.file), self.host, *map(str, self.ports)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT)
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        first, second = json.loads(self._said.get(timeout=PATIENCE))
        self.ports = (first, second)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def hold(self, port: int, point: str, number: int = 1) -> None:
        self._tell("hold", port, point, number)

    def until_held(self) -> None:
        """Until somebody waits at a point where they are held."""
        assert self._said.get(timeout=PATIENCE) == "held"

    def go(self, port: int) -> None:
        self._tell("go", port)

    def kill_later(self, pid: int, events: int, seconds: float) -> None:
        self._tell("kill", pid, events, seconds)

    def until_quiet(self) -> None:
        self._tell("quiet")
        while self._said.get(timeout=PATIENCE) != "quiet":
            pass  # somebody was held, and nobody waited for that

    def kept(self) -> list[Kept]:
        """All that it has ever kept, in order."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [Kept(*line.split("\t")) for line in lines]

    def _tell(self, *words: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(" ".join(map(str, words)) + "\n")

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        for line in process.stdout:
            self._said.put(line.strip())


@dataclass
class _Gate:
    point: str = ""
    left: int = 0
    open: threading.Event = field(default_factory=threading.Event)


class _Relay:
    """The relay, in its own process."""

    def __init__(self, file: Path, listening: Sequence[socket.socket]) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._gates: dict[int, _Gate] = {line.getsockname()[1]: _Gate() for line in listening}
        self._changed = threading.Condition()
        self._connections = 0
        self._events = 0
        self._kills: list[tuple[int, int, float]] = []  # process, at which event, how much later
        self._put_off: Counter[str] = Counter()
        for line in listening:
            threading.Thread(target=self._accept, args=(line,), daemon=True).start()

    def obey(self, orders: Iterator[str]) -> None:
        for order in orders:
            name, *words = order.split()
            if name == "hold":
                self._gates[int(words[0])] = _Gate(words[1], int(words[2]))
            elif name == "go":
                gate, self._gates[int(words[0])] = self._gates[int(words[0])], _Gate()
                gate.open.set()
            elif name == "kill":
                self._kills.append((int(words[0]), self._events + int(words[1]), float(words[2])))
            elif name == "quiet":
                with self._changed:
                    self._changed.wait_for(lambda: not self._connections)
                _say("quiet")

    def _accept(self, listening: socket.socket) -> None:
        port: int = listening.getsockname()[1]
        while True:
            line, _ = listening.accept()
            with self._changed:
                self._connections += 1
            threading.Thread(target=self._serve, args=(line, port), daemon=True).start()

    def _serve(self, line: socket.socket, port: int) -> None:
        try:
            with line, line.makefile("rb") as heard:
                self._pass(port, "connect")
                line.sendall(b"220 keeper.test\r\n")
                self._talk(line, heard, port)
        except OSError:
            pass  # the other side has died
        finally:
            with self._changed:
                self._connections -= 1
                self._changed.notify_all()

    def _talk(self, line: socket.socket, heard: BinaryIO, port: int) -> None:
        recipient = ""
        while command := heard.readline():
            verb = command[:4].upper()
            answer = b"250 2.0.0 fine\r\n"
            if verb == b"EHLO":
                answer = b"250-keeper.test\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n"
            elif verb == b"MAIL":
                self._pass(port, "mail")
                recipient = ""
            elif verb == b"RCPT":
                self._pass(port, "rcpt")
                recipient, answer = self._recipient(command)
            elif verb == b"DATA":
                self._pass(port, "data")
                answer = self._data(line, heard, port, recipient) if recipient else b"554 5.5.1 no valid recipients\r\n"
            elif verb == b"QUIT":
                line.sendall(b"221 2.0.0 bye\r\n")
                return
            if answer:
                line.sendall(answer)
            if verb == b"DATA" and recipient:
                self._pass(port, "answered")

    def _recipient(self, command: bytes) -> tuple[str, bytes]:
        address = command.decode().split("<", 1)[1].split(">", 1)[0]
        if address.startswith(REFUSED):
            return "", b"550 5.1.1 no such reader\r\n"
        self._put_off[address] += address.startswith(DEFERRED)
        if self._put_off[address] % 2:
            return "", b"450 4.2.2 the mailbox is full\r\n"
        return address, b"250 2.1.5 fine\r\n"

    def _data(self, line: socket.socket, heard: BinaryIO, port: int, recipient: str) -> bytes:
        """The answer to the message; none when the other side has gone before its end."""
        line.sendall(b"354 go on\r\n")
        message_id = ""
        text = heard.readline()
        self._pass(port, "text")
        while text and text != b".\r\n":
            if text.lower().startswith(b"message-id:"):
                message_id = text.decode().split(":", 1)[1].strip()
            text = heard.readline()
        if not text:
            return b""
        self._pass(port, "end")
        threading.Event().wait(SLOWNESS)
        os.write(self._file, f"{recipient}\t{message_id}\n".encode())
        self._pass(port, "kept")
        return b"250 2.0.0 kept\r\n"

    def _pass(self, port: int, point: str) -> None:
        with self._changed:
            self._events += 1
            for kill in [kill for kill in self._kills if kill[1] <= self._events]:
                self._kills.remove(kill)
                threading.Timer(kill[2], _kill, (kill[0],)).start()
            gate = self._gates[port]
            held = gate.point == point
            if held:
                gate.left -= 1
        if held and gate.left <= 0:
            if gate.left == 0:
                _say("held")
            gate.open.wait()


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(file: str, host: str, *ports: str) -> None:
    listening = [socket.create_server((host, int(port)), backlog=100) for port in ports]
    _say(json.dumps([line.getsockname()[1] for line in listening]))
    _Relay(Path(file), listening).obey(iter(sys.stdin))


if __name__ == "__main__":
    main(*sys.argv[1:])

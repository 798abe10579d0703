"""A publication in a folder of its own, the real command in a process of its own, and a real SMTP server."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

import digest.demo

SLOT = "2026-11-23T07:00"
READERS = 60


@dataclass
class Publication:
    """The Lantern Quay, laid out in `folder`, with the settings that a test asks for."""

    folder: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command, started and left running."""
        process = subprocess.Popen(
            [sys.executable, "-m", "digest", *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        return process

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the command printed; it must end with `code`."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, f"{arguments} ended with {process.returncode}\n{out}\n{err}"
        return out

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code))

    def settle_in(self) -> None:
        """Tables, content and readers."""
        self.run("db", "upgrade")
        self.run("sync")
        self.run("subscribers", "import", "weekly", "readers.csv")


@dataclass
class Mailbox:
    """Every message a real SMTP server took, by recipient. With `hold_after`, the reply to later ones waits for `gate`."""

    messages: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: int = 0
    hold_after: int | None = None
    half_way: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        with self.lock:
            self.taken += 1
            self.messages[envelope.rcpt_tos[0]].append(envelope.content)
            hold = self.hold_after is not None and self.taken > self.hold_after
        if hold:
            self.half_way.set()
            await asyncio.to_thread(self.gate.wait, 60)
        return "250 2.0.0 taken"

    @property
    def counts(self) -> dict[str, int]:
        with self.lock:
            return {address: len(messages) for address, messages in self.messages.items()}


Box = TypeVar("Box", bound=Mailbox)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class Server(Controller):
    """aiosmtpd's controller, on a free port of loopback."""

    def __init__(self, handler: object, **more: Any) -> None:
        more = {"enable_SMTPUTF8": True, "ready_timeout": 20} | more | {"hostname": "127.0.0.1", "port": more.get("port") or free_port()}
        super().__init__(handler, **more)


@contextmanager
def serving(box: Box) -> Iterator[Box]:
    """The box behind a running server, on the port it then has."""
    server = Server(box)
    server.start()
    box.port = server.port
    yield box
    box.gate.set()
    server.stop()


def lay_out(folder: Path) -> Path:
    source = Path(digest.demo.__file__).parent
    folder.mkdir()
    for name in ("digest.toml", "harbour.xml", "columns.json", "readers.csv"):
        shutil.copyfile(source / name, folder / name)
    (folder / "digest.key").write_text("a-key-for-tests\n")
    return folder


def configure(publication: Publication, text: str) -> None:
    """Adds tables to the settings; a table that is there already is replaced."""
    path = publication.folder / "digest.toml"
    head = text.split("\n", 1)[0]
    parts = path.read_text().split("\n[")
    kept = [part for part in parts if f"[{part.split(chr(10), 1)[0]}" != head]
    path.write_text("\n[".join(kept) + "\n" + text + "\n")


def over_smtp(publication: Publication, mailbox: Mailbox, more: str = "") -> None:
    configure(publication, f'[delivery]\ntransport = "smtp"\n{more}')
    configure(publication, f'[delivery.smtp]\nhost = "127.0.0.1"\nport = {mailbox.port}\nsecurity = "none"')

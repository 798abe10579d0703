"""The socket that the readers' pages or the desk listen on, opened from its address in the settings."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from digest.errors import CannotListen, SettingsError

UNIX = "unix:"
BACKLOG = 512  # connections that wait to be taken
WHOSE = {"pages": "The readers' pages", "desk": "The editors' desk"}
# Of a unix socket's file. As with a port of the loopback, whoever is on the machine may ask for a reader's page; the desk takes a proxy's word on who
# asks, so that only its own user and group may be that proxy.
MODES = {"pages": 0o666, "desk": 0o660}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A host and a port, or the path of a unix socket. An empty host: every address of the machine. `section` of the settings: pages or desk."""

    host: str = ""
    port: int = 0
    path: str = ""
    section: str = "pages"

    def __str__(self) -> str:
        if self.path:
            return f"{UNIX}{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen(text: str, section: str = "pages") -> Listen:
    """Reads 127.0.0.1:8010, [::1]:8010, :8010 or unix:/run/digest/pages.sock; anything else is a `SettingsError`."""
    if text.startswith(UNIX) and text.removeprefix(UNIX).startswith("/"):
        return Listen(path=text.removeprefix(UNIX), section=section)
    host, mark, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not mark or not (port.isascii() and port.isdecimal()) or int(port) > 65535 or (":" in bare) != (host != bare):
        wrong = f"[{section}] listen “{text}” is no address to listen on"
        raise SettingsError(f"{wrong}; write 127.0.0.1:8010, [::1]:8010 or unix:/run/digest/pages.sock.")
    return Listen(host=bare, port=int(port), section=section)


def open_socket(listen: Listen) -> socket.socket:
    """Listens from now on. `CannotListen` says why it cannot be: somebody else does, or the address is not this machine's."""
    try:
        return _unix(listen.path, MODES[listen.section]) if listen.path else _network(listen)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else f"{error.strerror}"
        raise CannotListen(f"{WHOSE[listen.section]} cannot listen on {listen}: {reason}. Look at [{listen.section}] listen.") from error


def close_socket(opened: socket.socket, listen: Listen) -> None:
    """Ends it, and takes a unix socket's file away."""
    opened.close()
    if listen.path:
        Path(listen.path).unlink(missing_ok=True)


def _network(listen: Listen) -> socket.socket:
    if not listen.host and socket.has_dualstack_ipv6():
        return socket.create_server(("", listen.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG)
    family, _, _, _, address = socket.getaddrinfo(listen.host or None, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)


def _unix(path: str, mode: int) -> socket.socket:
    """A file that a killed process left behind is in nobody's way; one that somebody listens on is, and then binding says so."""
    if Path(path).is_socket() and not _answers(path):
        Path(path).unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(path)
        Path(path).chmod(mode)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        return knock.connect_ex(path) == 0

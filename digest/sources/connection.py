"""TCP connections to checked addresses only, under one deadline. Owner of httpcore2, the layer below httpx2 where names become addresses."""

import socket
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import httpcore2

from digest.errors import Refused
from digest.sources.guard import Allowed, is_allowed

Resolve = Callable[[str, int], tuple[str, ...]]


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Every address of a name, as the system orders them. How long a silent name server is waited for is the system's affair (resolv.conf)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """When the fetch under way has to be over. Shared by all connections of one client, which makes one fetch at a time."""

    def __init__(self) -> None:
        self._end = monotonic()

    def start(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Seconds left, always above 0: a time-out when there are none."""
        left = self._end - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the whole fetch took too long")
        return left


class GuardedBackend(httpcore2.NetworkBackend):
    """Resolves a name, checks every address it has, and connects to one that was checked: a second look-up could answer otherwise."""

    def __init__(self, *, allowed: Allowed, deadline: Deadline, resolve: Resolve) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._resolve = resolve
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._checked(host, port)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                # A silent first address must leave time for the others.
                stream = self._plain.connect_tcp(address, port, self._deadline.left() / left, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
        raise httpcore2.ConnectError(f"{host} has no address")

    def _checked(self, host: str, port: int) -> tuple[str, ...]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} is not known") from error
        for address in addresses:
            if not is_allowed(address, self._allowed, host=host):
                place = address if host == address else f"{host} is at {address}, which"
                raise Refused(f"{place} is not on the open internet; if it is a machine of yours, name it in [fetch] allow_private in digest.toml.")
        return addresses


class _TimedStream(httpcore2.NetworkStream):
    """Lets every wait end with the whole fetch: a time-out per read never ends a server that sends a byte now and then."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> httpcore2.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

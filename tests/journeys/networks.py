"""Machines of their own for workers, as network namespaces on one bridge: each can be cut off from it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.conftest import missing


@dataclass(frozen=True)
class Machine:
    """A command runs on it when it begins with `within`."""

    name: str

    @property
    def within(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def cut_off(self) -> None:
        _ip("link", "set", f"{self.name}-v", "down")

    def heal(self) -> None:
        _ip("link", "set", f"{self.name}-v", "up")


@dataclass(frozen=True)
class Network:
    """`host` is the address of this machine, on which servers may listen."""

    host: str
    addresses: str
    machines: tuple[Machine, ...]


@contextmanager
def network_of(number: int) -> Iterator[Network]:
    mark, subnet = os.getpid() % 100_000, f"10.77.{os.getpid() % 256}"
    bridge, machines = f"dg{mark}br", tuple(Machine(f"dg{mark}{letter}") for letter in "abcdefgh"[:number])
    try:
        _ip("link", "add", bridge, "type", "bridge")
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        missing("Network namespaces", f"root and iproute2 are needed ({getattr(error, 'stderr', error)})")
    try:
        _ip("address", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for place, machine in enumerate(machines, start=2):
            _ip("netns", "add", machine.name)
            _ip("link", "add", f"{machine.name}-v", "type", "veth", "peer", "name", "eth0", "netns", machine.name)
            _ip("link", "set", f"{machine.name}-v", "master", bridge, "up")
            _ip("-n", machine.name, "address", "add", f"{subnet}.{place}/24", "dev", "eth0")
            _ip("-n", machine.name, "link", "set", "eth0", "up")
            _ip("-n", machine.name, "link", "set", "lo", "up")
        yield Network(f"{subnet}.1", f"{subnet}.0/24", machines)
    finally:
        for machine in machines:
            subprocess.run(["ip", "netns", "delete", machine.name], check=False, capture_output=True)
        _ip("link", "delete", bridge)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

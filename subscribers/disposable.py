"""Mailboxes that are thrown away after minutes: nobody reads there tomorrow. Forwarding services are none of them: whoever uses one reads on."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

from subscribers.address import Address


@lru_cache(maxsize=1)
def disposable_domains() -> frozenset[str]:
    lines = (files("subscribers") / "disposable.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def lies_in(address: Address, domains: Iterable[str]) -> bool:
    """Whether the address is of one of `domains`, or of a domain below one. They may be written with capitals, with an @ before them, and in either
    form of a name beyond ASCII."""
    wanted = _spelled(frozenset(domains))
    return any(not wanted.isdisjoint(_with_parents(written.rpartition("@")[2])) for written in (address.key, address.address.lower()))


@lru_cache(maxsize=4)
def _spelled(domains: frozenset[str]) -> frozenset[str]:
    return frozenset(domain.strip().lower().removeprefix("@").rstrip(".") for domain in domains) - {""}


def _with_parents(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    return (".".join(labels[first:]) for first in range(len(labels)))

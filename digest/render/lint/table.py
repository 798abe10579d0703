"""Caniemail's table: which mail program shows what (made by make_table.py; see caniemail.LICENSE.txt)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PARTLY, NO = "a", "n"


@dataclass(frozen=True, slots=True)
class Feature:
    """`support` has a letter for each mail program: y, a (partly), n; others mean that nobody knows. `notes` are texts, with whom they are about."""

    slug: str
    title: str
    support: Mapping[str, str]
    notes: Mapping[str, frozenset[str]]

    def by(self, clients: Iterable[str], letter: str) -> list[str]:
        """Those of the programs whose support is of this letter."""
        return [client for client in clients if self.support.get(client) == letter]

    def said(self, clients: Iterable[str]) -> str:
        """What the table notes of these programs, each note as a sentence after a space."""
        return "".join(f" {text.rstrip('.')}." for text, about in self.notes.items() if about.intersection(clients))

    @property
    def page(self) -> str:
        """Where the tests and their results are described."""
        return f"https://www.caniemail.com/features/{self.slug}/"


@dataclass(frozen=True, slots=True)
class Table:
    """`clients` are all mail programs there are, with their names in words."""

    updated: str
    clients: Mapping[str, str]
    features: Mapping[str, Feature]

    def meant(self, name: str) -> tuple[str, ...]:
        """The programs that a name means: itself, or all of a family (`gmail`); none where it is not known."""
        if name in self.clients:
            return (name,)
        return tuple(client for client in self.clients if client.startswith(f"{name}-")) if name else ()

    def names(self, clients: Iterable[str]) -> str:
        """The programs in words: Gmail (iOS, Android) and Outlook.com."""
        families: dict[str, list[str]] = {}
        for client in clients:
            family, _, platform = self.clients[client].partition(" (")
            families.setdefault(family, []).extend([platform.rstrip(")")] if platform else [])
        *first, last = (f"{family} ({', '.join(platforms)})" if platforms else family for family, platforms in families.items())
        return f"{', '.join(first)} and {last}" if first else last


def data(name: str) -> str:
    """A file that lies beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def table() -> Table:
    given = json.loads(data("caniemail.json"))
    clients = given["clients"]
    features = {
        slug: Feature(
            slug=slug,
            title=one["title"],
            support=dict(zip(clients, one["support"], strict=True)),
            notes={text: frozenset(about.split()) for text, about in one.get("notes", {}).items()},
        )
        for slug, one in given["features"].items()
    }
    return Table(updated=given["updated"], clients=clients, features=features)

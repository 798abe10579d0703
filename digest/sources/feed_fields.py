"""The small readings that every kind of feed shares: keys, counts, titles, names, sections. Pure."""

import re
from collections.abc import Iterable
from hashlib import sha256
from textwrap import shorten

from digest.content.sanitise import LOOKED_AT, clean_name, storable, title_text
from digest.content.values import FoundAuthor, Role
from digest.settings import Source
from digest.sources.categories import names_of, section_of
from digest.sources.roles import role_of

KEY_LENGTH = 500  # of the store's column
TITLE_LENGTH = 80  # of a title made from the text of an item that has none
UNNAMED = "Anonymous"

# “ann@example.org (Ann)” is how RSS wants it, the others are how it is written.
_ADDRESSED = re.compile(r"[^\s@]+@[^\s@]+\s*\((?P<after>[^()]+)\)|(?P<before>[^<>()@]+?)\s*[<(]\s*[^\s@]+@[^\s@]+[>)]")
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.")


def key_of(*candidates: object) -> str:
    """The first candidate that says something, fit for the store's column; what is too long is told apart by its hash."""
    found = next((text for one in candidates if (text := storable(str(one)).strip() if isinstance(one, str | int) else "")), "")
    return found if len(found) <= KEY_LENGTH else f"sha256:{sha256(found.encode()).hexdigest()}"


def count_of(*candidates: object) -> int | None:
    """The first candidate that is a whole number of a sensible size."""
    words = (str(one).strip() for one in candidates if isinstance(one, str | int) and not isinstance(one, bool))
    return next((int(text) for text in words if text.isascii() and text.isdigit() and len(text) <= 9), None)


def title_of(title: str, body: str) -> str:
    """Plain text. An item without a title is called by its first words."""
    return title_text(title) or shorten(title_text(body), TITLE_LENGTH, placeholder="…")


def person_name(text: object) -> str:
    """The name in an author's element; an e-mail address is never taken for one."""
    words = text.strip()[:LOOKED_AT] if isinstance(text, str) else ""
    if found := _ADDRESSED.fullmatch(words):
        words = found["after"] or found["before"]
    return "" if _ADDRESS.search(words) else clean_name(words)


def author_of(source: Source, name: str) -> FoundAuthor | None:
    """A feed knows its authors by name alone, so the name is also the key."""
    if not name:
        return None
    return FoundAuthor(key=name.casefold(), name=name, role=role_of(source, name, default=Role.CONTRIBUTOR))


def section_and_tags(source: Source, names: Iterable[object]) -> tuple[str, tuple[str, ...]]:
    """The first category is the section. Feeds tell no slugs."""
    found = names_of(name for name in names if isinstance(name, str))
    return section_of(found, source), found[1:]

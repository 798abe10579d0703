"""Which column of one file holds what: the format that it is of, laid over its header. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from subscribers import form_text
from subscribers.attributes import KEY_CHARACTERS
from subscribers.errors import BadFile
from subscribers.lists.formats import ANY, PLAIN, Format, named, recognise
from subscribers.lists.sheet import plain_name

NETWORK = re.compile(r"\bip\b")  # where somebody sat when they said yes proves little and gives much away: never kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an operator says of a file: a format's name (empty: told by its columns), and columns to be kept besides."""

    format: str = ""
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Places count from 0. A role without places is not in the file."""

    format: Format
    places: Mapping[str, tuple[int, ...]]
    states: tuple[tuple[int, Mapping[str, str]], ...]
    file_state: str  # what the file's name says of all its rows; empty: nothing
    evidence: tuple[tuple[str, int], ...]
    tags: tuple[int, ...]
    fields: tuple[int, ...]
    attributes: tuple[tuple[str, int], ...]
    used: tuple[str, ...]  # titles, in the order of the file
    passed_over: tuple[str, ...]


def lay_out(titles: Sequence[str], address: int, *, file_name: str = "", wanted: Wanted) -> Layout:
    """The layout of a file with this header. `BadFile` for a column to be kept that is not there, or that nobody should keep."""
    titles = [form_text.line(title, KEY_CHARACTERS) for title in titles]
    names = [plain_name(title) for title in titles]
    format_ = named(wanted.format) if wanted.format else recognise(names)
    roles = {role: _places(names, known) for role, known in format_.columns.items()} | {"address": (address,)}
    states = tuple((names.index(name), words) for name, words in format_.states if name in names)
    evidence, tags, fields, attributes = (_places(names, known) for known in (format_.evidence, format_.tags, format_.fields, format_.attributes))
    kept = (*attributes, *_kept(names, titles, wanted.keep))
    used = {*(place for places in roles.values() for place in places), *(place for place, _ in states), *evidence, *tags, *fields, *kept}
    return Layout(
        format=format_,
        places=roles,
        states=states,
        file_state=_file_state(format_, file_name),
        evidence=tuple((titles[place], place) for place in evidence),
        tags=tags,
        fields=fields,
        attributes=tuple((titles[place], place) for place in dict.fromkeys(kept)),
        used=tuple(title for place, title in enumerate(titles) if place in used),
        passed_over=tuple(title for place, title in enumerate(titles) if place not in used and title),
    )


def lenient(layout: Layout) -> bool:
    """Whether what does not fit is left out of a row: another program wrote it. In a list made by hand it is a mistake that is named."""
    return layout.format is not PLAIN


def state_word(words: Mapping[str, str], text: str) -> str:
    return words.get(text, words.get(ANY, text)) if text else ""


def _places(names: Sequence[str], known: Sequence[str]) -> tuple[int, ...]:
    return tuple(names.index(name) for name in known if name in names)


def _kept(names: Sequence[str], titles: Sequence[str], keep: Sequence[str]) -> tuple[int, ...]:
    for title in keep:
        if plain_name(title) not in names:
            raise BadFile(f"There is no column “{title}” to keep; there are {', '.join(titles) or 'none with a name'}.")
        if NETWORK.search(plain_name(title)):
            raise BadFile(f"“{title}” is not kept: IP addresses prove little and give much away.")
    return tuple(names.index(plain_name(title)) for title in keep)


def _file_state(format_: Format, file_name: str) -> str:
    return next((state for beginning, state in format_.files.items() if file_name.casefold().startswith(beginning)), "")

"""Subject and preheader: what the edition leads with, and what else is in it (docs/choosing.md)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from digest.editions.headline import calm, cut, headline
from digest.editions.words import jaccard, words

PREFERRED = 60  # characters; phones show about 35, so the lead's own words come first
HARD_LIMIT = 100
PREHEADER = (40, 90)
TOO_LIKE = 0.5  # word-set Jaccard of preheader and subject
_JOINT = " · "

# What may follow the lead's title, by language; elsewhere the number alone says it.
_READERS = {
    "en": "{title}, and what readers said",
    "de": "{title}, und was Leser dazu sagen",
    "fr": "{title}, et ce qu’en disent les lecteurs",
    "es": "{title}, y lo que dicen los lectores",
}
_MORE = {"en": "{title}, + {more} more", "de": "{title}, + {more} weitere", "fr": "{title}, + {more} autres", "es": "{title}, + {more} más"}
_MORE_ANYWHERE = "{title} (+{more})"
_LAST_RESORT = {"en": "The latest articles, and what their readers have to say about them"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """What subject and preheader are made from, the best first. `unnamed` are names that must not stand in a subject: commenters, sponsors."""

    titles: tuple[str, ...]
    gists: tuple[str, ...] = ()  # comments and excerpts, for the preheader
    readers_speak: bool = False
    unnamed: frozenset[str] = frozenset()
    newsletter: str = ""
    publication: str = ""
    description: str = ""
    day: str = ""
    language: str = "en"


def subject(substance: Substance, last: str = "") -> str:
    """One line of 1 … 100 characters, beginning with the lead's own words where they may be used, and not the last edition's."""
    for candidate in _subjects(substance):
        line = calm(cut(candidate, HARD_LIMIT))
        if line and line.casefold() != last.casefold() and not _names(line, substance.unnamed):
            return line
    return cut(headline(f"{substance.newsletter} {substance.day} · {len(substance.titles)}"), HARD_LIMIT)


def preheader(substance: Substance, line: str) -> str:
    """40 … 90 characters that add to the subject: the next stories, a reader's words, else what the newsletter is."""
    least, most = PREHEADER
    text = ""
    for piece in _pieces(substance, line):
        longer = f"{text}{_JOINT}{piece}" if text else piece
        if len(longer) <= most:
            text = longer
        elif len(text) < least:
            text = cut(longer, most)
        if len(text) >= least:
            break
    return text


def recount(line: str, before: int, after: int) -> str:
    """The subject after stories were taken out: a number of further ones is brought up to date, or goes when there are none."""
    pattern = re.compile(rf"(?:, \+ {before}\b \w+|\s\(\+{before}\))\Z")
    found = pattern.search(line)
    if found is None:
        return line
    return line[: found.start()] + (found.group().replace(str(before), str(after)) if after > 0 else "")


def _subjects(substance: Substance) -> Iterator[str]:
    language = substance.language.casefold().partition("-")[0]
    more = len(substance.titles) - 1
    for title in substance.titles[:3]:
        line = headline(title)
        longer = [_READERS[language].format(title=line)] if substance.readers_speak and language in _READERS else []
        if more > 0:
            longer.append(_MORE.get(language, _MORE_ANYWHERE).format(title=line, more=more))
        if line:
            yield from (candidate for candidate in longer if len(candidate) <= PREFERRED and not line.endswith((".", "?", "!", "…")))
            yield cut(line, PREFERRED)
    for name in (substance.publication, substance.newsletter):
        if name:
            yield headline(f"{name}, {substance.day}")


def _pieces(substance: Substance, line: str) -> Iterator[str]:
    """What a preheader may be made of, nothing twice and nothing the subject says."""
    language = substance.language.casefold().partition("-")[0]
    own = (substance.description, f"{substance.newsletter}, {substance.publication}, {substance.day}", _LAST_RESORT.get(language, ""))
    known = [frozenset(words(line))]
    for candidate in (*substance.titles, *substance.gists, *own):
        piece = headline(candidate)
        said = frozenset(words(piece))
        if piece and said and all(jaccard(said, other) < TOO_LIKE and not said <= other for other in known) and not _names(piece, substance.unnamed):
            known.append(said)
            yield piece


def _names(line: str, names: Collection[str]) -> bool:
    """Whether the line holds one of the names; those of one or two letters are words of every line."""
    folded = line.casefold()
    return any(len(name) > 2 and re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", folded) for name in names)

"""Subject and preheader: what the edition leads with, and what else is in it (docs/choosing.md)."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from itertools import chain, islice

from digest.editions.headline import calm, cut, headline
from digest.editions.words import jaccard, words

PREFERRED = 60  # characters; phones show about 35, so the lead's own words come first
HARD_LIMIT = 100
PREHEADER = (40, 90)
TOO_LIKE = 0.5  # word-set Jaccard of preheader and subject
_JOINT = " · "

ENGLISH = NullTranslations()


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """What subject and preheader are made from, the best first: no more of it is looked at than they need. `unnamed` says whether a line holds a name
    that must not stand in one: a commenter's, a sponsor's.

    `texts` has our own words in the newsletter's language; None where there are none: then figures say it alone.
    """

    titles: tuple[str, ...]
    gists: tuple[str, ...] = ()  # comments and excerpts, for the preheader
    readers_speak: bool = False
    unnamed: Callable[[str], bool] = lambda _: False
    newsletter: str = ""
    publication: str = ""
    description: str = ""
    day: str = ""
    texts: NullTranslations | None = ENGLISH


def subject(substance: Substance, last: str = "") -> str:
    """One line of 1 … 100 characters, beginning with the lead's own words where they may be used, and not the last edition's."""
    for candidate in _subjects(substance):
        line = calm(cut(candidate, HARD_LIMIT))
        if line and line.casefold() != last.casefold() and not substance.unnamed(line):
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


def recount(line: str, before: int, after: int, texts: NullTranslations | None = ENGLISH) -> str:
    """The subject after stories were taken out: a number of further ones is brought up to date, or goes when there are none."""
    said = _and_more("", before, texts)
    if not line.endswith(said):
        return line
    return line.removesuffix(said) + (_and_more("", after, texts) if after > 0 else "")


def named(line: str, names: Collection[str]) -> frozenset[str]:
    """Those of the names that stand in the line; none of one or two letters, which are words of every line."""
    folded = line.casefold()
    return frozenset(name for name in names if len(name) > 2 and name.casefold() in folded and _is_word(name.casefold(), folded))


def _subjects(substance: Substance) -> Iterator[str]:
    more = len(substance.titles) - 1
    for title in islice(substance.titles, 3):
        line = _headline(title)
        longer = [_and_readers(line, substance.texts)] if substance.readers_speak and substance.texts else []
        if more > 0:
            longer.append(_and_more(line, more, substance.texts))
        if line:
            yield from (candidate for candidate in longer if len(candidate) <= PREFERRED and not line.endswith((".", "?", "!", "…", "؟")))
            yield cut(line, PREFERRED)
    for name in (substance.publication, substance.newsletter):
        if name:
            yield headline(f"{name}, {substance.day}")


def _and_readers(title: str, texts: NullTranslations) -> str:
    # Translators: the subject of a mail; short. In quotes from readers' comments, readers have their say about the article of that title.
    return texts.gettext("%(title)s, and what readers said") % {"title": title}


def _and_more(title: str, more: int, texts: NullTranslations | None) -> str:
    if texts is None:
        return f"{title} (+{more})"
    # Translators: the subject of a mail; short. %(count)s further articles are in it. %(title)s must stay the very first.
    return texts.ngettext("%(title)s, + %(count)s more", "%(title)s, + %(count)s more", more) % {"title": title, "count": more}


def _pieces(substance: Substance, line: str) -> Iterator[str]:
    """What a preheader may be made of, nothing twice and nothing the subject says."""
    # Translators: the line after a mail's subject in the list of mails, where there is nothing else to say; 60 to 80 characters.
    last_resort = substance.texts.gettext("The latest articles, and what their readers have to say about them") if substance.texts else ""
    own = (substance.description, f"{substance.newsletter}, {substance.publication}, {substance.day}", last_resort)
    known = [frozenset(words(line))]
    for candidate in chain(substance.titles, substance.gists, own):
        piece = _headline(candidate)
        said = _words(piece)
        if piece and said and all(jaccard(said, other) < TOO_LIKE and not said <= other for other in known) and not substance.unnamed(piece):
            known.append(said)
            yield piece


def _is_word(name: str, line: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) is not None


# The titles and gists of a pool come again in thousands of plans.
_headline = lru_cache(maxsize=2_048)(headline)


@lru_cache(maxsize=2_048)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))

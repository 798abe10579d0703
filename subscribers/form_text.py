"""What a stranger writes into a form, made fit to be kept: what is not, becomes less or nothing, and never an error."""

import re
import unicodedata
from collections.abc import Iterable
from zoneinfo import ZoneInfo

LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
NAME_CHARACTERS = 200
TEXT_CHARACTERS = 2_000
WORD_CHARACTERS = 40
# Controls, halves of characters that no database takes, ends of lines and paragraphs.
UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})


def line(text: str, characters: int = TEXT_CHARACTERS) -> str:
    """One line of at most so many characters."""
    fit = text[: 4 * characters]
    if not fit.isprintable():  # what is has none of these, and a list of a million people is mostly that
        fit = "".join(" " if unicodedata.category(character) in UNFIT else character for character in fit)
    return " ".join(fit.split())[:characters].strip()


def lines(texts: Iterable[str], characters: int = WORD_CHARACTERS) -> frozenset[str]:
    return frozenset(filter(None, (line(text, characters) for text in texts)))


def language(text: str) -> str:
    """A code like en or pt-BR; empty where it is none."""
    return text.replace("_", "-") if LANGUAGE.fullmatch(text) and len(text) <= 35 else ""


def time_zone(text: str) -> str:
    """A name like Europe/Berlin; empty where it is none."""
    try:
        return ZoneInfo(text).key if 0 < len(text) <= 64 else ""
    except (KeyError, ValueError, OSError):  # a name that is a folder is an OSError
        return ""

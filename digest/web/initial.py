"""The letter that a name begins with, as one reads it: with its marks, in any script."""

import unicodedata

from digest.content.clusters import joins

LETTERS, DIGITS, SIGNS = "L", "N", "S"  # Unicode's general categories; an emoji is a sign


def initial(name: str) -> str:
    """The first letter of `name`, else its first digit, else its first sign; empty where there is none. Quotation marks and blanks begin no name."""
    for kind in (LETTERS, DIGITS, SIGNS):
        for start, character in enumerate(name):
            if unicodedata.category(character).startswith(kind):
                return name[start : _end(name, start)]
    return ""


def _end(name: str, start: int) -> int:
    end = start + 1
    while joins(name, end):
        end += 1
    return end

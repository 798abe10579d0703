"""Where a text must not be parted: between characters that are read as one (UAX 29, as far as excerpts need it)."""

import unicodedata

JOINER = "\u200d"


def joins(text: str, position: int) -> bool:
    """True where a cut between `text[position - 1]` and `text[position]` would part a letter from its marks, or an emoji or flag in two."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    return (
        _extends(after)
        or before == JOINER
        or unicodedata.combining(before) == 9  # a virama: the next letter is written into this one
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
        or (before == "\r" and after == "\n")
        or ("\u1100" <= before <= "\u11ff" and "\u1160" <= after <= "\u11ff")  # parts of a Korean syllable
        or (_is_flag(after) and _flags_before(text, position) % 2 == 1)
    )


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")  # marks and variation selectors
        or character in (JOINER, "\u200c", "\u0e33", "\u0eb3")  # SARA AM and its Lao brother are drawn over the letter before
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # the letters of Scotland's flag
    )


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, position: int) -> int:
    start = position
    while start > 0 and _is_flag(text[start - 1]):
        start -= 1
    return position - start

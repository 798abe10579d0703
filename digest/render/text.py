"""Plain text: wrapping, quoting, paragraphs. The text twin of a mail is drawn by a template of its own; these are its tools."""

import re
from collections.abc import Iterator
from itertools import chain
from unicodedata import bidirectional, combining, east_asian_width

WIDTH = 76  # RFC 3676 asks for lines under 78, and two columns are for the marks of whoever quotes us

# Embeddings, overrides and isolates: in a name they would turn round what stands beside it (Unicode Annex 9).
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What runs against a line's direction takes the digits and dots beside it along, unless it is isolated.
_AGAINST = {"ltr": {"R", "AL"}, "rtl": {"L"}}
_ISOLATED = "\u2068{}\u2069"

# French sets a narrow no-break space before “:” and within its quotation marks: no line ends there.
_BLANKS = re.compile("[^\\S\u202f]+")
# The mark of a number, which takes the columns of what is filled in (marks.py).
_NUMBER = re.compile("NLx[0-9a-f]{10}xNUMBERx")


def columns(text: str) -> int:
    """How many columns a text takes: East Asian wide characters two, combining marks none, a number to be filled in one."""
    text = _NUMBER.sub("1", text) if "xNUMBERx" in text else text
    if text.isascii():
        return len(text)
    return sum(0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, width: int = WIDTH, indent: str = "") -> str:
    """Text with no line wider than `width` columns. Paragraphs stay; a web address is never broken, so it alone may be longer."""
    return "\n".join(indent + line if line else "" for paragraph in text.split("\n") for line in _lines(paragraph, width - columns(indent)))


def quoted(text: str, width: int = WIDTH) -> str:
    """Text as a mail quotes it: wrapped, every line after “> ”."""
    return "\n".join(f"> {line}".rstrip() for line in wrap(text, width - 2).split("\n"))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text whose paragraphs are parted by empty lines; single line ends stay within them."""
    return [paragraph for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")) if (paragraph := part.strip())]


def straight(name: str, direction: str = "ltr") -> str:
    """A name on one line that leaves its neighbours in the text's `direction`, whatever its own is and whatever characters it brings along."""
    plain = " ".join(_TURNS.sub("", name).split())
    return _ISOLATED.format(plain) if _AGAINST[direction] & set(map(bidirectional, plain)) else plain


def _lines(paragraph: str, width: int) -> list[str]:
    lines, used = [""], 0
    for word in chain.from_iterable(_pieces(word, width) for word in _BLANKS.split(paragraph.strip())):
        wide = columns(word)
        if lines[-1] and used + 1 + wide > width:
            lines.append(word)
            used = wide
        else:
            used += wide + (1 if lines[-1] else 0)
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _pieces(word: str, width: int) -> Iterator[str]:
    """A word, cut where it is wider than a line: scripts without spaces, and shouting."""
    if "://" in word or columns(word) <= width:
        yield word
        return
    piece = ""
    for character in word:
        if piece and columns(piece) + columns(character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece

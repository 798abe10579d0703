"""Cuts a drawn edition at its marks into ready bytes: the whole MIME body, encoded once, with gaps where readers differ."""

import re
from collections.abc import Iterator
from itertools import groupby

from digest.errors import TemplateError
from digest.render.compiled import FRAME, Block, CompiledEdition, Gap, Hole, Place
from digest.render.draw import Drawn
from digest.render.marks import Marks
from digest.render.printable import encode

# Bytes that a hole typically adds: for the size of the page, which some mail programs cut.
_TYPICAL = {
    Hole.GREETING: 20,
    Hole.ADDRESS: 30,
    Hole.UNSUBSCRIBE: 160,
    Hole.PREFERENCES: 160,
    Hole.VIEW: 160,
    Hole.SUBJECT: 60,
    Hole.PREHEADER: 80,
    Hole.NUMBER: 1,
}

_Path = tuple[str, ...]
_Piece = tuple[_Path, bytes | Gap, int]  # where it stands, what it is, how many bytes it adds to the HTML


def compile_edition(drawn: Drawn) -> CompiledEdition:
    """An inlined edition as multipart/alternative, text before HTML, both quoted-printable. A page that lacks the way out is a `TemplateError`."""
    marks = Marks(key=drawn.key)
    text = list(_cut(drawn.text, marks.text_pattern, drawn.key, "text"))
    html = list(_cut(drawn.html, marks.html_pattern, drawn.key, "HTML"))
    # In quoted-printable no line begins with “=_”, so this boundary cannot occur in what it parts (RFC 2045, 6.7).
    boundary = f"=_{drawn.key}"
    pieces = [
        _frame(f"--{boundary}\r\n{_head('plain')}"),
        *((path, piece, 0) for path, piece, _ in text),
        _frame(f"\r\n--{boundary}\r\n{_head('html')}"),
        *((path, piece, _size(piece, size)) for path, piece, size in html),
        _frame(f"\r\n--{boundary}--\r\n"),
    ]
    content_type = f'multipart/alternative; boundary="{boundary}"'
    return CompiledEdition(subject=drawn.subject, preheader=drawn.preheader, content_type=content_type, blocks=tuple(_blocks(pieces)))


def _head(kind: str) -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"


def _frame(line: str) -> _Piece:
    return (), line.encode("ascii"), 0


def _size(piece: bytes | Gap, size: int) -> int:
    return _TYPICAL[piece.hole] if isinstance(piece, Gap) else size


def _cut(page: str, pattern: re.Pattern[str], key: str, part: str) -> Iterator[_Piece]:
    """The page's pieces in order; each knows the blocks it stands in. `size` counts decoded bytes."""
    path: _Path = ()
    holes = set()
    end, after_border = 0, False
    for found in pattern.finditer(page):
        between = page[end : found.start()]
        # Nothing but space between two borders of HTML is no content: it must not keep a heading alive.
        if not (part == "HTML" and after_border and found["edge"] and not between.strip()):
            yield from _constant(path, between, key, part)
        end, after_border = found.end(), bool(found["edge"])
        if found["hole"]:
            gap = _gap(found, part)
            holes.add(gap.hole)
            yield path, gap, 0
        else:
            path = _step(path, found["edge"], found["block"], part)
    yield from _constant(path, page[end:], key, part)
    if path:
        raise TemplateError(f"The {part} part never ends the block {path[-1]}.")
    if Hole.UNSUBSCRIBE not in holes:
        raise TemplateError(f"The {part} part has no unsubscribe link: every mail must have {{{{ holes.unsubscribe }}}} in both parts.")


def _constant(path: _Path, text: str, key: str, part: str) -> Iterator[_Piece]:
    if key in text:
        near = text[max(0, text.index(key) - 40) : text.index(key) + 60]
        raise TemplateError(f"The {part} part has a mark that is no whole one, near {near!r}.")
    if text:
        yield path, encode(text), len(text.encode("utf-8", "replace"))


def _gap(found: re.Match[str], part: str) -> Gap:
    if found["hole"] not in Hole.__members__:
        raise TemplateError(f"The {part} part has an unknown hole {found['hole']}.")
    place = Place.TEXT if part == "text" else Place.HTML if found["link"] is None else Place.LINK
    return Gap(hole=Hole[found["hole"]], place=place)


def _step(path: _Path, edge: str, block: str, part: str) -> _Path:
    if edge == "begin":
        return (*path, block)
    if not path or path[-1] != block:
        raise TemplateError(f"The {part} part ends the block {block} where {path[-1] if path else 'none'} is open.")
    return path[:-1]


def _blocks(pieces: list[_Piece]) -> Iterator[Block]:
    for path, run in groupby(pieces, key=lambda piece: piece[0]):
        members = list(run)
        yield Block(
            id=path[-1] if path else FRAME,
            within=path[:-1],
            pieces=tuple(piece for _, piece, _ in members),
            html_bytes=sum(size for _, _, size in members),
        )

"""Draws a letter to one person. A page is drawn and inlined once for each kind, language and set of newsletters; a person costs filling its marks."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from digest.render.environment import environment, render, templates_folder
from digest.render.inline import inline
from digest.render.look import Look
from digest.render.marks import key_for
from digest.render.printable import encode
from digest.render.text import straight, wrap

# What a letter borrows from editions: the button, and how colours change in the dark.
BORROWED = Path("editions") / "classic"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Around a name of the other direction: right in a text, but some lists of mails show them as boxes.
_ISOLATES = re.compile("[\u2068\u2069]")


class Blank(StrEnum):
    """What differs from one person to the next."""

    NAME = "name"
    ADDRESS = "address"
    ACTION = "action"  # a web address: what the button leads to
    LEAVE = "leave"  # another
    ASKED_DAY = "asked_day"
    ASKED_TIME = "asked_time"
    PAGE = "page"  # where they asked
    UNTIL_DAY = "until_day"
    UNTIL_TIME = "until_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A newsletter that the letter speaks of. `next_day`: when its next edition is due, as it is written."""

    title: str
    description: str = ""
    next_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What letters to many people have in common. `letter` is the folder of its templates, `named` and `paged` whether NAME and PAGE are known."""

    letter: str
    look: Look
    newsletters: tuple[Subject, ...]
    named: bool = False
    paged: bool = False
    own: Path | None = None  # the publication's own templates, which go before ours
    inliner: str = "premailer"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLetter:
    subject: str
    html: str
    text: str
    key: str

    @property
    def content_type(self) -> str:
        return f'multipart/alternative; boundary="{self._boundary}"'

    @property
    def body(self) -> bytes:
        """The MIME body, text before HTML, both quoted-printable, with CRLF line ends."""
        # In quoted-printable no line begins with “=_”, so this boundary cannot occur in what it parts (RFC 2045, 6.7).
        head = "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        begin = f"--{self._boundary}\r\n"
        parts = ((begin + head.format("plain"), self.text), ("\r\n" + begin + head.format("html"), self.html))
        return b"".join(frame.encode() + encode(part) for frame, part in parts) + f"\r\n--{self._boundary}--\r\n".encode()

    @property
    def _boundary(self) -> str:
        return f"=_{self.key}"


def draw_letter(shape: Shape, values: Mapping[Blank, str]) -> DrawnLetter:
    """The letter to one person. A broken template is a `TemplateError`; a value can be no markup, no second line, and no mark."""
    page = _page(shape)
    marked = re.compile(rf"NLx{page.key}x([A-Z_]+)x")
    lines = {blank.name: _line(blank, _CONTROLS.sub(" ", value)) for blank, value in values.items()}
    return DrawnLetter(
        subject=marked.sub(lambda found: lines[found[1]], page.subject),
        html=marked.sub(lambda found: html.escape(lines[found[1]]), page.html),
        text=wrap(marked.sub(lambda found: lines[found[1]], page.text)),
        key=page.key,
    )


def _line(blank: Blank, value: str) -> str:
    """A value on one line; an address of the web is no text, and stays as it is in any script."""
    return " ".join(value.split()) if blank in (Blank.ACTION, Blank.LEAVE) else straight(value)


@lru_cache(maxsize=64)
def _page(shape: Shape) -> DrawnLetter:
    """The letter with a mark for every blank."""
    key = key_for(repr(shape))
    ours = templates_folder()
    folders = (ours / "letters", ours / BORROWED)
    made = environment((shape.own / "letters", *folders) if shape.own else folders, shape.look.language, shape.look.zone)
    blanks = {blank.value: f"NLx{key}x{blank.name}x" for blank in Blank}
    values: dict[str, object] = {"letter": shape, "look": shape.look, "colours": shape.look.colours, "blanks": blanks}
    subject = render(made, f"{shape.letter}/subject.txt", values)
    values["subject"] = " ".join(_ISOLATES.sub("", _CONTROLS.sub(" ", subject)).split())
    page = inline(trim(render(made, f"{shape.letter}/body.html", values)), shape.inliner)
    return DrawnLetter(subject=str(values["subject"]), html=page, text=calm(render(made, f"{shape.letter}/body.txt", values)), key=key)


def trim(page: str) -> str:
    return "".join(line + "\n" for part in page.splitlines() if (line := part.strip()))


def calm(text: str) -> str:
    """No spaces at line ends, never two empty lines in a row, one line end at the end."""
    lines = "\n".join(line.strip() for line in text.strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"

"""Draws an edition: Jinja makes the page and its text twin, once per edition, with marks where readers differ."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from digest.editions.values import Edition
from digest.errors import TemplateError
from digest.render.compiled import Hole
from digest.render.environment import environment, render, templates_folder
from digest.render.look import Look
from digest.render.marks import Marks, key_for

__all__ = ["Drawn", "Look", "draw"]

BASE = "classic"  # the theme that lends another one the files it does not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A page before its styles are inlined, and its text; both hold the marks of `key`."""

    html: str
    text: str
    subject: str
    preheader: str = ""
    key: str

    def with_html(self, html: str) -> "Drawn":
        """The same edition with its page inlined."""
        return replace(self, html=html)


def draw(edition: Edition, look: Look, templates: Path | None = None, own: Path | None = None) -> Drawn:
    """The edition as its theme shows it. A broken or missing template is a `TemplateError`; equal values give equal pages.

    `own` is the publication's folder of themes: what lies there goes before the program's own `templates`.
    """
    marks = Marks(key=key_for(f"{edition!r}{look!r}"))
    made = environment(_folders(look.theme, (templates or templates_folder()) / "editions", own), look.language, look.zone)
    html = render(made, "body.html", _values(edition, look, marks, marks.html_begin, marks.html_end))
    text = render(made, "body.txt", _values(edition, look, marks, marks.text_begin, marks.text_end))
    return Drawn(html=_trim(html), text=_calm(text), subject=edition.subject, preheader=edition.preheader, key=marks.key)


def _folders(theme: str, ours: Path, own: Path | None) -> tuple[Path, ...]:
    places = [folder / theme for folder in (own, ours) if folder is not None]
    found = [place for place in places if place.is_dir()]
    if not found:
        raise TemplateError(f"There is no theme “{theme}”: {places[0]} is no folder. The theme that is always there is “{BASE}”.")
    return tuple(dict.fromkeys((*found, ours / BASE)))


def _values(edition: Edition, look: Look, marks: Marks, begin: Callable[[str], str], end: Callable[[str], str]) -> dict[str, object]:
    holes = {hole.value: marks.hole(hole) for hole in Hole}
    return {"edition": edition, "look": look, "holes": holes, "begin": begin, "end": end}


def _trim(html: str) -> str:
    """Indentation is a fifth of a page's bytes, and mail programs cut pages by their bytes."""
    return "".join(line + "\n" for part in html.splitlines() if (line := part.strip()))


def _calm(text: str) -> str:
    """No spaces at line ends, one line end at the end."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"

"""Draws an edition: Jinja makes the page and its text twin, once per edition, with marks where readers differ."""

from dataclasses import dataclass, replace
from pathlib import Path

from digest.editions.values import Edition
from digest.render.environment import environment
from digest.render.inline import inline
from digest.render.look import Look
from digest.render.marks import key_for
from digest.render.paint import paint
from digest.render.sandbox import drawn_apart, inlined_apart
from digest.render.theme import folders_of, read_sources, theirs

__all__ = ["Drawn", "Look", "draw", "finished"]


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
    key = key_for(f"{edition!r}{look!r}")
    folders = folders_of(look.theme, own, templates)
    if theirs(look.theme, own):
        html, text = drawn_apart(read_sources(folders), edition, look, key)
    else:
        html, text = paint(environment(folders, look.language, look.zone), edition, look, key)
    return Drawn(html=html, text=text, subject=edition.subject, preheader=edition.preheader, key=key)


def finished(edition: Edition, look: Look, engine: str = "premailer", own: Path | None = None) -> Drawn:
    """The same with its styles inlined by this engine."""
    drawn = draw(edition, look, own=own)
    html = inlined_apart(drawn.html, engine, look.theme) if theirs(look.theme, own) else inline(drawn.html, engine)
    return drawn.with_html(html)

"""Draws a mail to those who edit: what stands, what it waits for, and where to look at it."""

from dataclasses import dataclass
from pathlib import Path

from digest.render.environment import environment, render, templates_folder
from digest.render.inline import inline
from digest.render.letter import BORROWED, DrawnLetter, calm, trim
from digest.render.look import Look
from digest.render.marks import key_for
from digest.render.text import wrap

# Notes are in English, as the desk is.
LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`words` are paragraphs, `stories` titles, `url` where to look at it, empty where there is no such place; `reason` why one gets it."""

    subject: str
    heading: str
    words: tuple[str, ...]
    stories: tuple[str, ...] = ()
    url: str = ""
    reason: str


def draw_note(note: Note, look: Look, *, own: Path | None = None, inliner: str = "premailer") -> DrawnLetter:
    """The note, both parts. A broken template is a `TemplateError`; `own` are the publication's templates, which go before ours."""
    ours = templates_folder()
    folders = (ours / "notes", ours / "letters", ours / BORROWED)
    made = environment((own / "notes", *folders) if own else folders, LANGUAGE, look.zone)
    values: dict[str, object] = {"note": note, "look": look, "colours": look.colours, "subject": note.subject}
    return DrawnLetter(
        subject=note.subject,
        html=inline(trim(render(made, "note.html", values)), inliner),
        text=wrap(calm(render(made, "note.txt", values))),
        key=key_for(repr(note)),
    )

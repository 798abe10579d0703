"""A mail drawn in a theme, as it is or with a file changed that is not kept yet: of the next edition, or of a specimen with every block."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from digest.desk.edition_now import key_of, working_now
from digest.desk.mail.pictures import pictures_of
from digest.desk.mail.pieces import part_of
from digest.desk.studio import Studio
from digest.desk.themes.attempts import Attempt
from digest.editions.values import Edition
from digest.errors import TemplateError
from digest.newsletter import BLOCKS, Newsletter
from digest.personal import SAMPLE, Writer
from digest.prepare import Chosen, Prepared, headers_of, prepare
from digest.render.check import check_theme
from digest.render.compile import compile_edition
from digest.render.draw import Look, finished
from digest.render.lint import Finding
from digest.render.specimen import specimen
from digest.render.theme import read_sources
from digest.settings import Settings
from digest.themes.files import own_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The two parts of the mail and its pictures; or `wrong`, what keeps it from being drawn."""

    html: str = ""
    text: str = ""
    pictures: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    wrong: str = ""


def sheet(studio: Studio, newsletter: Newsletter, theme: str, attempt: Attempt | None, *, specimen_only: bool) -> Sheet:
    """Drawn once for as long as nothing that it depends on changes."""
    slot = newsletter.slot_after(studio.clock())
    key = ("theme", theme, attempt, specimen_only, key_of(studio, newsletter, slot))
    return studio.shelf.get(key, lambda: _sheet(studio, newsletter, slot, theme, attempt, specimen_only=specimen_only))


def _sheet(studio: Studio, newsletter: Newsletter, slot: datetime, theme: str, attempt: Attempt | None, *, specimen_only: bool) -> Sheet:
    letter = newsletter.model_copy(update={"theme": theme})
    chosen = None if specimen_only else working_now(studio, newsletter, slot).chosen
    with _with(studio.settings, attempt) as settings:
        try:
            prepared = prepare(_in(chosen, letter), settings, languages=()) if chosen else _specimen(letter, settings)
            findings = check_theme(settings.publication, letter, settings.render.inliner, own_folder(settings))
        except TemplateError as error:
            return Sheet(wrong=str(error).replace(f"{own_folder(settings)}/", ""))
    writer = Writer(letter, studio.settings, keys=studio.keys, slot=slot, stored=prepared.stored)
    message = email.message_from_bytes(writer.envelope(SAMPLE).data, policy=email.policy.default)
    pictures = pictures_of(prepared.edition, studio.settings.publication)
    return Sheet(html=part_of(message, "html"), text=part_of(message, "plain"), pictures=pictures, findings=findings)


def _in(chosen: Chosen, letter: Newsletter) -> Chosen:
    return replace(chosen, gathered=replace(chosen.gathered, newsletter=letter))


def _specimen(letter: Newsletter, settings: Settings) -> Prepared:
    edition: Edition = specimen(letter.model_copy(update={"blocks": BLOCKS}))
    drawn = finished(edition, Look.of(settings.publication, letter), settings.render.inliner, own_folder(settings))
    compiled = compile_edition(drawn)
    return Prepared(edition=edition, compiled=compiled, headers=headers_of(edition, compiled, letter), notes=())


@contextmanager
def _with(settings: Settings, attempt: Attempt | None) -> Iterator[Settings]:
    """The settings with a copy of the theme in which this file is changed."""
    if attempt is None:
        yield settings
        return
    with TemporaryDirectory(prefix="digest-theme-") as folder:
        place, own = Path(folder) / attempt.theme, own_folder(settings) / attempt.theme
        texts = {name: text for name, (text, _) in read_sources([own] if own.is_dir() else []).items()} | {attempt.name: attempt.text}
        for name, text in texts.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
        yield settings.model_copy(update={"render": settings.render.model_copy(update={"themes": folder})})

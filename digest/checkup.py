"""Looks for what would go wrong before it does: settings, database, templates, sources, transport. Says what to do about each."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import Engine, select

from digest.content.tables import SourceRow
from digest.delivery.dkim_settings import domain_of, every_key, fits
from digest.delivery.headers import is_mailbox
from digest.errors import DigestError
from digest.listen import parse_listen
from digest.newsletter import Newsletter
from digest.render.check import check_theme
from digest.settings import Delivery, Dkim, Settings
from digest.wiring import check_smtp, open_store, signing_keys, wrong_addresses, wrong_senders, wrong_signature
from subscribers.people import count_by_state

DKIM = "[[delivery.dkim]]"


class Level(StrEnum):
    GOOD = "good"
    NOTE = "note"  # works, but could be better
    WRONG = "wrong"  # stops a send


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: `about` is where, `text` what was found and what to do."""

    level: Level
    about: str
    text: str


def check_up(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which things are best mended. Changes nothing, and sends nothing."""
    yield from _publication(settings)
    yield from _pages(settings)
    yield from _database(settings)
    yield from _sources(settings)
    yield from _newsletters(settings)
    yield from _letters(settings)
    yield from _signatures(settings)
    yield from _transport(settings)


def _good(about: str, text: str) -> Finding:
    return Finding(level=Level.GOOD, about=about, text=text)


def _note(about: str, text: str) -> Finding:
    return Finding(level=Level.NOTE, about=about, text=text)


def _wrong(about: str, text: str) -> Finding:
    return Finding(level=Level.WRONG, about=about, text=text)


def _publication(settings: Settings) -> Iterator[Finding]:
    publication = settings.publication
    if publication.postal_address.strip():
        yield _good("[publication]", "has a postal address")
    else:
        yield _wrong("[publication]", "postal_address is empty: the law wants one in every mail, and nothing is sent without it; previews work.")
    if publication.logo and not (publication.logo_width and publication.logo_height):
        yield _note(
            "[publication]", "logo_width and logo_height are not set: with pictures off the page jumps, and Outlook shows the file's own size."
        )


def _pages(settings: Settings) -> Iterator[Finding]:
    if settings.pages.url.startswith("https://"):
        yield _good("[pages]", f"readers find them at {settings.pages.url}")
    else:
        yield _wrong("[pages]", "url is no https:// address: the link to leave (RFC 8058) begins with it, and nothing is sent without it.")
    try:
        yield _good("[pages]", f"{len(signing_keys(settings))} signing key(s)")
    except DigestError as error:
        yield _wrong("[pages]", str(error))
    yield _listening(settings.pages.listen)


def _listening(listen: str) -> Finding:
    if not listen:
        return _note("[pages]", "listen is empty: `digest run` serves no pages. Something else has to, or nobody can leave.")
    try:
        return _good("[pages]", f"`digest run` and `digest serve` listen on {parse_listen(listen)}")
    except DigestError as error:
        return _wrong("[pages]", str(error).removeprefix("[pages] "))


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        engine = open_store(settings)
    except DigestError as error:
        yield _wrong("[database]", str(error))
        return
    yield _good("[database]", f"{engine.dialect.name}, at this version's tables")
    yield from _synced(engine, settings)
    yield from _readers(engine, settings)


def _synced(engine: Engine, settings: Settings) -> Iterator[Finding]:
    with engine.begin() as connection:
        rows = {row.name: row for row in connection.execute(select(SourceRow.name, SourceRow.synced_at, SourceRow.failure))}
    for name in settings.sources:
        row = rows.get(name)
        if row is None or (row.synced_at is None and not row.failure):
            yield _note(f"[sources.{name}]", "was never synced: run `digest sync`.")
        elif row.failure:
            yield _note(f"[sources.{name}]", f"failed last time: {row.failure}")


def _readers(engine: Engine, settings: Settings) -> Iterator[Finding]:
    for slug in settings.newsletters:
        with engine.begin() as connection:
            confirmed = count_by_state(connection, slug).get("confirmed", 0)
        if not confirmed:
            yield _note(f"[newsletters.{slug}]", "has no readers yet: `digest subscribers import` or `add`.")
        else:
            yield _good(f"[newsletters.{slug}]", f"{confirmed:,} confirmed readers")


def _sources(settings: Settings) -> Iterator[Finding]:
    if not settings.sources:
        yield _wrong("[sources]", "none is declared: there is nothing to write about.")
    for name, source in settings.sources.items():
        about = f"[sources.{name}]"
        if source.kind == "wxr" and not source.file:
            yield _wrong(about, "an export needs its file = …")
        elif source.file and not settings.path(source.file).is_file():
            yield _wrong(about, f"the file {source.file} is not there.")
        elif not source.file and not urlsplit(source.url).scheme.startswith("http"):
            yield _wrong(about, "needs a url that begins with https:// (or a file).")
        try:
            settings.secret(source.password, source.password_file)
        except DigestError as error:
            yield _wrong(about, str(error))


def _newsletters(settings: Settings) -> Iterator[Finding]:
    if not settings.newsletters:
        yield _wrong("[newsletters]", "none is declared: add a table like [newsletters.weekly].")
    for slug, letter in settings.newsletters.items():
        about = f"[newsletters.{slug}]"
        for wrong in wrong_addresses(settings, slug):
            place, _, text = wrong.partition("] ")
            yield _wrong(f"{place}]", text)
        for name in letter.sources:
            if name not in settings.sources:
                yield _wrong(about, f"sources names “{name}”, which is not declared.")
        yield from _editors(letter)
        yield from _theme(settings, letter)


def _editors(letter: Newsletter) -> Iterator[Finding]:
    about = f"[newsletters.{letter.slug}]"
    if letter.reviewed and not letter.editors:
        yield _note(about, "editors names nobody: its editions wait for editors, and no mail tells them of it.")
    for address in letter.editors:
        if not is_mailbox(address):
            yield _wrong(about, f"editors: “{address}” is no e-mail address: write it like ana@example.org.")


def _theme(settings: Settings, letter: Newsletter) -> Iterator[Finding]:
    about = f"[newsletters.{letter.slug}]"
    try:
        found = check_theme(settings.publication, letter, settings.render.inliner, settings.path(settings.render.themes))
    except DigestError as error:
        yield _wrong(about, str(error))
        return
    for finding in found:
        yield _note(about, f"theme “{letter.theme}”, {finding.where}: {finding.what}")
    if not found:
        yield _good(about, f"the theme “{letter.theme}” draws, and its mail is as it should be")


def _letters(settings: Settings) -> Iterator[Finding]:
    if not settings.letters.from_address:
        yield _note("[letters]", "from_address is empty: nobody can sign up by themself, for confirmation letters have no sender.")
    elif wrong := wrong_senders(settings):
        yield from (_wrong("[letters]", text.removeprefix("[letters] ")) for text in wrong)
    else:
        yield _good("[letters]", f"are sent from {settings.letters.from_address}")


def _signatures(settings: Settings) -> Iterator[Finding]:
    if not settings.delivery.dkim and settings.delivery.transport == "smtp":
        yield _note("[delivery]", "no DKIM key is declared: the relay has to sign, or `digest dkim new` makes one. Gmail and Yahoo ask for it.")
    for declared in settings.delivery.dkim:
        yield from _key_file(declared, settings)
    try:
        keys = every_key(settings)
    except DigestError as error:
        yield _wrong(DKIM, str(error))
        return
    senders = [domain_of(letter.from_address) for letter in settings.newsletters.values()]
    for key in keys:
        if any(fits(key.domain, sender) for sender in senders):
            yield _good(DKIM, f"signs as {key.domain} ({key.algorithm}); `digest dkim check` asks DNS for {key.name}")
        else:
            yield _note(DKIM, f"the key “{key.selector}” signs nothing: no newsletter is sent from {key.domain} or from below it.")
    for slug in settings.newsletters:
        yield from (_wrong(f"[newsletters.{slug}]", text) for text in wrong_signature(settings, slug))


def _key_file(declared: Dkim, settings: Settings) -> Iterator[Finding]:
    path = settings.path(declared.key_file)
    if path.is_file() and path.stat().st_mode & 0o077:
        yield _note(DKIM, f"others on this machine may read {declared.key_file}, and sign as you with it: chmod 600 {declared.key_file}")


def _transport(settings: Settings) -> Iterator[Finding]:
    if settings.delivery.transport == "smtp":
        yield _smtp(settings)
    else:
        yield _folder(settings.delivery, settings)


def _smtp(settings: Settings) -> Finding:
    try:
        return _good("[delivery.smtp]", check_smtp(settings))
    except DigestError as error:
        return _wrong("[delivery.smtp]", str(error))


def _folder(delivery: Delivery, settings: Settings) -> Finding:
    folder = settings.path(delivery.folder)
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        return _wrong("[delivery]", f"the folder {folder} cannot be written to.")
    return _note("[delivery]", f'mails are written into {folder}; set transport = "smtp" to send them.')

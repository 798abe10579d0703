"""`digest preview`: the mail exactly as a reader gets it."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TypedDict, Unpack

import click
from rich.markup import escape
from sqlalchemy import Engine

from digest.cli.console import NOTHING_NEW, MomentType, at_zone, err, moment, out, settings_of
from digest.delivery.values import Claimed
from digest.errors import DigestError, NothingNew
from digest.invented import invented
from digest.newsletter import Newsletter
from digest.personal import SAMPLE, addressed
from digest.preview import Previewed, preview_message
from digest.settings import Settings
from digest.wiring import clock, open_store, signing_keys
from digest.wish_words import words
from subscribers.people import find_reader
from subscribers.wish import Wish

WritablePath = click.Path(dir_okay=False, path_type=Path)


class Invention(TypedDict):
    """What may be said of a reader who does not exist."""

    sections: tuple[str, ...]
    authors: tuple[str, ...]
    mute: tuple[str, ...]
    language: str
    zone: str


@click.command()
@click.argument("newsletter")
@click.option("--html", type=WritablePath, metavar="FILE", help="Write the HTML part.")
@click.option("--text", type=WritablePath, metavar="FILE", help="Write the plain-text part.")
@click.option("--eml", type=WritablePath, metavar="FILE", help="Write the whole message, byte for byte.")
@click.option("--reader", metavar="ADDRESS", help="As this subscriber gets it; default: a sample reader.")
@click.option("--sections", multiple=True, metavar="A,B", help="As a reader gets it who follows these sections.")
@click.option("--authors", multiple=True, metavar="A,B", help="As a reader gets it who follows these authors.")
@click.option("--mute", multiple=True, metavar="A,B", help="As a reader gets it who mutes these sections or authors.")
@click.option("--language", default="", metavar="CODE", help="As a reader of this language gets it, like de or pt-BR.")
@click.option("--zone", default="", metavar="ZONE", help="As a reader gets it who lives there, like Europe/Berlin.")
@click.option("--cadence", metavar="NAME", help="In this cadence; default: the newsletter's own.")
@click.option("--at", type=MomentType(), metavar="TIME", help="The slot to look at, like 2026-11-23T07:00; default: the newsletter's next one.")
@click.pass_context
def preview(
    context: click.Context,
    newsletter: str,
    html: Path | None,
    text: Path | None,
    eml: Path | None,
    reader: str | None,
    cadence: str | None,
    at: datetime | None,
    **invention: Unpack[Invention],
) -> None:
    """Write the mail exactly as a reader gets it: same path, same bytes.

    An edition that was published is shown as it was fixed; any other is made from what is in the store now.
    Without a file, the plain text is printed, and then without the links that are a reader's alone.
    Where there is nothing new for the reader, and so no mail, it ends with code 4.
    """
    if reader and any(invention.values()):
        raise click.UsageError("--reader shows what they chose themselves: leave --sections, --authors, --mute, --language and --zone away.")
    settings = settings_of(context)
    letter = settings.newsletter(newsletter, cadence)
    slot = at_zone(at, letter.zone) if at else letter.slot_after(clock())
    engine = open_store(settings)
    recipient = _recipient(engine, newsletter, reader) if reader else _invented(engine, letter, invention)
    try:
        shown = preview_message(engine, settings, letter, slot, recipient, keys=signing_keys(settings))
    except NothingNew:
        err.print(f"[yellow]Nothing new for {_whom(recipient, reader)} in the edition of {moment(slot, letter.zone)}: they get no mail.[/]")
        context.exit(NOTHING_NEW)
    message = email.message_from_bytes(shown.envelope.data, policy=email.policy.default)
    for path, content in ((html, _part(message, "html")), (text, _part(message, "plain"))):
        if path:
            path.write_text(content, encoding="utf-8")
    if eml:
        eml.write_bytes(shown.envelope.data)
    if not (html or text or eml):
        out.print(escape(_nobodys(_part(message, "plain"), settings, recipient, reader)), soft_wrap=True)
    else:
        _say(shown, message, letter, slot)
    for line in _about(shown, message, letter, recipient, reader):
        err.print(line)
    for path in (html, text, eml):
        if path:
            out.print(f"Wrote {path}")


def _invented(engine: Engine, letter: Newsletter, invention: Invention) -> Claimed:
    if not any(invention.values()):
        return SAMPLE
    with engine.begin() as connection:
        return invented(connection, letter, **invention)


def _recipient(engine: Engine, newsletter: str, address: str) -> Claimed:
    with engine.begin() as connection:
        found = find_reader(connection, newsletter, address)
    if found is None or not found.mailable:
        raise DigestError(f"{address} does not get “{newsletter}”: `digest subscribers list {newsletter}` shows who does.")
    return addressed(found)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    content: str = body.get_content() if body else ""
    return content


def _nobodys(text: str, settings: Settings, recipient: Claimed, typed: str | None) -> str:
    """Without what only this reader may have: whoever has their links can change what they chose."""
    if typed is None:
        return text
    links = rf"({re.escape(settings.pages.url)}/(?:leave|preferences|view/[^/\s]+/[^/\s]+)/)[^\s)>\]]+"
    return re.sub(links, r"\1…", text).replace(recipient.address, typed)


def _say(shown: Previewed, message: EmailMessage, letter: Newsletter, slot: datetime) -> None:
    out.print(f"[bold]{escape(str(message['Subject']))}[/]")
    kind = "the published edition" if shown.published else "not published yet"
    size = len(_part(message, "html").encode())
    out.print(f"slot {moment(slot, letter.zone)} · {kind} · HTML {size / 1000:.1f} kB · message {len(shown.envelope.data) / 1000:.1f} kB")
    if not shown.enough:
        out.print("[yellow]Too few new articles: as it stands this slot would be skipped.[/]")


def _about(shown: Previewed, message: EmailMessage, letter: Newsletter, recipient: Claimed, typed: str | None) -> Iterator[str]:
    """For whom it is and when, and what is to be known of it: beside the mail, not within it."""
    if recipient is not SAMPLE:
        date = message["Date"].datetime
        zone = recipient.time_zone or letter.time_zone
        yield f"For {_whom(recipient, typed)}; dated {moment(date, zone)} ({zone})"
        if recipient.time_zone and not letter.readers_time.differs:
            yield "• Everybody gets it at the same moment: local_time is off, and there are no quiet_hours."
    if typed and shown.published and not shown.queued:
        yield f"• They were not queued for this edition: `digest why {escape(typed)} {letter.slug}` says why."
    for note in shown.notes:
        yield f"• {escape(note)}"


def _whom(recipient: Claimed, typed: str | None) -> str:
    chosen = [words(Wish.parse(recipient.plan))] if recipient.plan else []
    chosen += [f"reads {recipient.language}"] if recipient.language else []
    return escape(typed or "a reader") + (escape(f" ({'; '.join(chosen)})") if chosen else "")

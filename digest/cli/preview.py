"""`digest preview`: the mail exactly as a reader gets it."""

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import click
from rich.markup import escape
from sqlalchemy import Engine

from digest.cli.console import MomentType, at_zone, moment, out, settings_of
from digest.delivery.values import Claimed
from digest.errors import DigestError
from digest.personal import SAMPLE, addressed
from digest.preview import Previewed, preview_message
from digest.wiring import clock, open_store, signing_keys
from subscribers.people import find_reader

WritablePath = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("newsletter")
@click.option("--html", type=WritablePath, metavar="FILE", help="Write the HTML part.")
@click.option("--text", type=WritablePath, metavar="FILE", help="Write the plain-text part.")
@click.option("--eml", type=WritablePath, metavar="FILE", help="Write the whole message, byte for byte.")
@click.option("--reader", metavar="ADDRESS", help="As this subscriber gets it; default: a sample reader.")
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
) -> None:
    """Write the mail exactly as a reader gets it: same path, same bytes.

    An edition that was published is shown as it was fixed; any other is made from what is in the store now.
    Without a file, the plain text is printed.
    """
    settings = settings_of(context)
    letter = settings.newsletter(newsletter, cadence)
    slot = at_zone(at, letter.zone) if at else letter.slot_after(clock())
    engine = open_store(settings)
    recipient = _recipient(engine, newsletter, reader) if reader else SAMPLE
    shown = preview_message(engine, settings, letter, slot, recipient, keys=signing_keys(settings))
    message = email.message_from_bytes(shown.envelope.data, policy=email.policy.default)
    for path, content in ((html, _part(message, "html")), (text, _part(message, "plain"))):
        if path:
            path.write_text(content, encoding="utf-8")
    if eml:
        eml.write_bytes(shown.envelope.data)
    if not (html or text or eml):
        out.print(escape(_part(message, "plain")), soft_wrap=True)
        return
    _say(shown, str(message["Subject"]), _part(message, "html"), moment(slot, letter.zone), [path for path in (html, text, eml) if path])


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


def _say(shown: Previewed, subject: str, html: str, slot: str, written: list[Path]) -> None:
    out.print(f"[bold]{escape(subject)}[/]")
    kind = "the published edition" if shown.published else "not published yet"
    out.print(f"slot {slot} · {kind} · HTML {len(html.encode()) / 1000:.1f} kB · message {len(shown.envelope.data) / 1000:.1f} kB")
    if not shown.enough:
        out.print("[yellow]Too few new articles: as it stands this slot would be skipped.[/]")
    for note in shown.notes:
        out.print(f"• {escape(note)}")
    for path in written:
        out.print(f"Wrote {path}")

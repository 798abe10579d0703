"""`digest subscribers edit`: what is known of one person, and what they chose, is put right."""

from collections.abc import Iterator
from typing import TypedDict, Unpack

import click
from rich.markup import escape
from sqlalchemy import Connection

from digest.adjust import Change, Done
from digest.cli.console import moment, out, settings_of
from digest.errors import DigestError
from digest.revise import Revision, revise
from digest.settings import Settings
from digest.wiring import clock, open_store, signing_keys
from subscribers.address import Address, parse_address
from subscribers.attributes import parse_attribute
from subscribers.edit import Changes, edit
from subscribers.lists.csvfile import Cells, Problem
from subscribers.lists.entry import parse_entry


class Known(TypedDict):
    """What is known of a person; None leaves it."""

    name: str | None
    language: str | None
    time_zone: str | None
    new: str | None
    attributes: tuple[str, ...]


class Chosen(TypedDict):
    """What they chose of a newsletter; None, and of names nothing, leaves it."""

    cadence: str | None
    sections: tuple[str, ...]
    authors: tuple[str, ...]
    mute: tuple[str, ...]
    hour: str | None
    weeks: int | None


class Edit(Known, Chosen):
    newsletter: str | None


@click.command("edit")
@click.argument("address")
@click.option("--name", metavar="NAME", help="How the mail greets them.")
@click.option("--language", metavar="CODE", help="A code like en or pt-BR.")
@click.option("--time-zone", metavar="ZONE", help="A name like Europe/Berlin.")
@click.option("--address", "new", metavar="ADDRESS", help="Their new address; subscriptions and consents stay theirs.")
@click.option("--attribute", "attributes", multiple=True, metavar="KEY=VALUE", help="For segments; may be given several times.")
@click.option("--newsletter", metavar="NAME", help="Of which one what follows is; may be left away where they have only one.")
@click.option("--cadence", metavar="NAME", help="How often it comes.")
@click.option("--sections", multiple=True, metavar="A,B", help="They follow these sections, and no others.")
@click.option("--authors", multiple=True, metavar="A,B", help="They follow these authors, and no others.")
@click.option("--mute", multiple=True, metavar="A,B", help="They leave out these sections or authors, and no others.")
@click.option("--hour", metavar="HOUR", help="At this hour of their own day, like 7.")
@click.option("--pause", "weeks", type=click.IntRange(0, 52), metavar="WEEKS", help="Nothing comes for so many weeks from now; 0: it goes on.")
@click.pass_context
def edit_command(context: click.Context, address: str, **given: Unpack[Edit]) -> None:
    """Put right what is known of one person, and what they chose.

    An empty value takes away what was known or chosen: then it is as the newsletter has it.
    """
    changes, revision = _changes(address, given), _revision(given)
    if given["newsletter"] is not None and not revision:
        raise click.UsageError("Say what of it is to change: --cadence, --sections, --authors, --mute, --hour or --pause.", context)
    if changes == Changes() and not revision:
        raise click.UsageError("Say what is to change: --name, --cadence, --sections … `--help` tells all.", context)
    settings, mailbox = settings_of(context), parse_address(address)
    with open_store(settings).begin() as connection:
        done = list(_revise(connection, settings, mailbox, given["newsletter"] or "", revision)) if revision else []
        changed = edit(connection, mailbox, changes, keys=signing_keys(settings))
    names = [column.replace("_", " ") for column in changed if column not in ("address_key", "address_hash")]
    told = ([f"Changed: {', '.join(names)}."] if names else []) + done
    out.print(escape("\n".join(told or ["All was so already: nothing changed."])))


def _changes(address: str, known: Known) -> Changes:
    fields = (("name", known["name"]), ("language", known["language"]), ("time_zone", known["time_zone"]))
    given = {key: value.strip() for key, value in fields if value is not None}
    entry = parse_entry(Cells(line=1, cells={"address": known["new"] or address, **given}))
    if isinstance(entry, Problem):
        raise DigestError(f"Not changed: {entry.text.removesuffix('.')}.")
    return Changes(
        **{key: getattr(entry.person, key) for key in given},
        address=entry.person.address if known["new"] else None,
        attributes=dict(parse_attribute(text) for text in known["attributes"]),
    )


def _revision(chosen: Chosen) -> Revision:
    """An option that was not given says nothing; `--sections ''` says “none”."""
    return Revision(
        cadence=chosen["cadence"],
        sections=chosen["sections"] or None,
        authors=chosen["authors"] or None,
        mute=chosen["mute"] or None,
        hour=chosen["hour"],
        weeks=chosen["weeks"],
    )


def _revise(connection: Connection, settings: Settings, mailbox: Address, newsletter: str, revision: Revision) -> Iterator[str]:
    for change in revise(connection, settings, mailbox, newsletter, revision, now=clock()):
        yield f"{change.newsletter}: {_said(change, settings.newsletter(change.newsletter).time_zone)}."


def _said(change: Change, zone: str) -> str:
    if change.done is Done.PAUSED:
        return f"paused until {moment(change.until, zone)}"
    return "goes on" if change.done is Done.RESUMED else "chosen anew"

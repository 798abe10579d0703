"""`digest subscribers show`: one person on one screen."""

from dataclasses import asdict
from datetime import datetime

import click
from rich.markup import escape
from rich.table import Table

from digest.cli.console import moment, out, print_json, settings_of, table_of
from digest.errors import DigestError
from digest.wiring import clock, open_store, signing_keys
from subscribers import people
from subscribers.address import parse_address
from subscribers.people import Record
from subscribers.profile import Held, Profile, profile
from subscribers.suppression import Listed, listed


@click.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="For a script.")
@click.pass_context
def show(context: click.Context, address: str, as_json: bool) -> None:
    """Show what is known of one person, and what they said yes to."""
    settings = settings_of(context)
    keys, mailbox = signing_keys(settings), parse_address(address)
    with open_store(settings).begin() as connection:
        found, said = profile(connection, mailbox, keys=keys), people.history(connection, mailbox)
        barred = listed(connection, mailbox, keys=keys)
    if found is None:
        kept = f" It is suppressed ({barred.reason}): nobody may write to it." if barred else ""
        raise DigestError(f"Nobody has this address.{kept}")
    if as_json:
        print_json({**asdict(found), "history": [asdict(record) for record in said]})
        return
    zone = settings.publication.time_zone
    out.print(_person(found, zone))
    out.print(_subscriptions(found.subscriptions, zone, clock()))
    out.print(_history(said, zone))


def _person(found: Profile, zone: str) -> Table:
    lines = {
        "Address": found.address,
        "Name": found.name,
        "Language": found.language or "the newsletter's",
        "Time zone": found.time_zone or "the newsletter's",
        "Attributes": ", ".join(f"{key} = {value}" for key, value in found.attributes.items()),
        "Known since": moment(found.created_at, zone),
        "Last acted": moment(found.acted_at, zone),
    }
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for title, value in lines.items():
        table.add_row(title, escape(value or "–"))
    if found.suppression:
        table.add_row("Suppressed", f"[red]{escape(_barred(found.suppression, zone))}[/]")
    return table


def _barred(found: Listed, zone: str) -> str:
    return f"{found.reason}, {moment(found.at, zone)}{f' ({found.note})' if found.note else ''}: nothing is sent"


def _subscriptions(found: tuple[Held, ...], zone: str, now: datetime) -> Table | str:
    table = table_of("Subscriptions", "Newsletter", "State", "Since", "Comes", "What they follow, and leave out")
    for one in found:
        since = one.unsubscribed_at or one.confirmed_at or one.created_at
        how = f" ({one.unsubscribed_how})" if one.unsubscribed_how else ""
        pause = f", paused until {moment(one.paused_until, zone)}" if one.paused_until and one.paused_until > now else ""
        state = escape(f"{one.state}{how}{pause}")
        table.add_row(one.newsletter, state, moment(since, zone), escape(_comes(one)), escape(_wanted(one)))
    return table if found else "\nNo subscription."


def _comes(one: Held) -> str:
    at = "" if one.hour is None else f"at {one.hour:02}:00"
    return ", ".join(filter(None, (one.cadence, at))) or "–"


def _wanted(one: Held) -> str:
    muted = ", ".join((*one.muted_sections, *one.muted_authors))
    return (", ".join((*one.sections, *one.authors)) or "all") + (f"; not {muted}" if muted else "")


def _history(said: tuple[Record, ...], zone: str) -> Table | str:
    table = table_of("What they said", "When", "Newsletter", "Became", "How", "Where; the words")
    table.columns[0].no_wrap, table.columns[-1].overflow = True, "fold"
    for record in said:
        where = "; ".join(part for part in (record.origin, record.wording) if part)
        table.add_row(moment(record.at, zone), record.newsletter, record.state.value, escape(record.how), escape(where or "–"))
    return table if said else ""

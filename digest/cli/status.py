"""`digest status`: what stands where."""

from dataclasses import asdict
from typing import Any

import click
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from digest.cli.console import moment, out, print_json, settings_of
from digest.cli.handing_over import tally_text
from digest.delivery.tally import unsettled
from digest.editions import store
from digest.overview import Overview, overview
from digest.settings import Settings
from digest.wiring import clock, open_store


@click.command()
@click.option("--unknown", is_flag=True, help="List the deliveries whose outcome was never learnt, and the refused ones.")
@click.option("--json", "as_json", is_flag=True, help="The same, for a script.")
@click.pass_context
def status(context: click.Context, unknown: bool, as_json: bool) -> None:
    """Show the newsletters with their next slots, the last editions with their deliveries, the sources and the readers."""
    settings = settings_of(context)
    engine = open_store(settings)
    if unknown:
        _unknown(engine, settings, as_json=as_json)
        return
    found = overview(engine, settings, clock())
    if as_json:
        print_json(found.as_json())
    else:
        _show(found, settings)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("Articles", "Comments", "Confirmed", "Pending", "Left") else "left")
    return table


def _show(found: Overview, settings: Settings) -> None:
    zone = settings.publication.time_zone
    letters = _table("Newsletters", "Newsletter", "Next slot", "Zone", "Confirmed", "Pending", "Left")
    for letter in found.newsletters:
        numbers = [f"{letter.readers.get(state, 0):,}" for state in ("confirmed", "pending", "unsubscribed")]
        letters.add_row(letter.slug, moment(letter.next_slot, letter.time_zone), letter.time_zone, *numbers)
    editions = _table("Editions", "Newsletter", "Slot", "State", "Deliveries", "Subject")
    for edition, tally in found.editions:
        words = escape(edition.reason or edition.subject)
        editions.add_row(edition.newsletter, moment(edition.slot, zone), edition.state.value, tally_text(tally) if tally.total else "–", words)
    sources = _table("Sources", "Source", "Kind", "Last in step", "Articles", "Comments", "")
    for source in found.sources:
        trouble = f"[red]{escape(source.failure)}[/]" if source.failure else ""
        sources.add_row(source.name, source.kind, moment(source.synced_at, zone), f"{source.articles:,}", f"{source.comments:,}", trouble)
    for table in (letters, editions, sources):
        if table.row_count:
            out.print(table)
    if not found.editions:
        out.print("\nNo edition yet: `digest draft NEWSLETTER` shows what the next one would hold.")


def _unknown(engine: Engine, settings: Settings, *, as_json: bool) -> None:
    with engine.begin() as connection:
        editions = {edition.id: edition for edition in store.latest(connection, limit=1_000)}
        found = unsettled(connection)
    rows: list[dict[str, Any]] = [
        {"newsletter": editions[one.edition_id].newsletter, "slot": editions[one.edition_id].slot, **asdict(one)}
        for one in found
        if one.edition_id in editions
    ]
    if as_json:
        print_json(rows)
        return
    table = _table("Unknown and refused", "Delivery", "Newsletter", "Slot", "State", "When", "Code", "The relay's words")
    for row in rows:
        zone = settings.publication.time_zone
        when = (moment(row["slot"], zone), row["state"].value, moment(row["when"], zone))
        table.add_row(str(row["delivery_id"]), row["newsletter"], *when, str(row["code"] or "–"), escape(row["text"]))
    out.print(table if rows else "Nothing is unknown, nothing was refused.")

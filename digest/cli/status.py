"""`digest status`: what stands where."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from digest.cli.console import moment, out, print_json, settings_of, table_of
from digest.cli.counted import readers
from digest.cli.handing_over import tally_text
from digest.cli.stands import standing_table
from digest.cli.underway import show_crew, show_letters, show_progress
from digest.delivery.tally import Unsettled, unsettled
from digest.editions import store
from digest.overview import Overview, overview
from digest.settings import Settings
from digest.slot_told import beginning_told, declared, slot_told
from digest.stand import EditionStand
from digest.wiring import clock, open_store

# Of so many editions the failed deliveries are listed, and so many of these at most.
EDITIONS, FAILED = 1_000, 100


@click.command()
@click.option("--unknown", is_flag=True, help="List the deliveries whose outcome was never learnt, and the refused ones.")
@click.option("--json", "as_json", is_flag=True, help="The same, for a script.")
@click.pass_context
def status(context: click.Context, unknown: bool, as_json: bool) -> None:
    """Show the newsletters with their next slots, the last editions with their deliveries, letters, the workers, the sources and the readers."""
    settings = settings_of(context)
    engine = open_store(settings)
    if unknown:
        _unknown(engine, settings, as_json=as_json)
        return
    now = clock()
    found = overview(engine, settings, now)
    if as_json:
        print_json(found.as_json())
        return
    zone = settings.publication.time_zone
    for table in (_newsletters(settings, found), _editions(settings, found, zone)):
        if table.row_count:
            out.print(table)
    for line in _local(settings, found, zone):
        out.print(f"[dim]{escape(line)}[/]")
    if found.standing:
        out.print(standing_table(settings, found.standing))
    show_progress(found.editions, zone, now)
    show_letters(found.letters, now)
    show_crew(found.crew, zone)
    sources = _sources(found, zone)
    if sources.row_count:
        out.print(sources)
    if not found.editions:
        out.print("\nNo edition yet: `digest draft NEWSLETTER` shows what the next one would hold.")


def _newsletters(settings: Settings, found: Overview) -> Table:
    letters = table_of("Newsletters", "Newsletter", "Next slot", "Zone", "Confirmed", "Pending", "Left")
    for letter in found.newsletters:
        numbers = [f"{letter.readers.get(state, 0):,}" for state in ("confirmed", "pending", "unsubscribed")]
        slots = {cadence: slot_told(declared(settings, letter.slug, cadence), slot, letter.time_zone) for cadence, slot in letter.next_slots.items()}
        (_, own), *others = slots.items()
        letters.add_row(letter.slug, own, letter.time_zone, *numbers)
        for cadence, slot in others:
            letters.add_row(f"  {escape(cadence)}", slot, "", "", "", "")
    return letters


def _editions(settings: Settings, found: Overview, zone: str) -> Table:
    editions = table_of("Editions", "No.", "Newsletter", "Slot", "State", "Deliveries", "Subject")
    for stand in found.editions:
        edition = stand.edition
        words = escape(edition.reason or edition.subject)
        slot = slot_told(declared(settings, edition.newsletter, edition.cadence), edition.slot, zone)
        editions.add_row(str(edition.id), edition.newsletter, slot, edition.state.value, _deliveries(stand), words)
    return editions


def _local(settings: Settings, found: Overview, zone: str) -> Iterator[str]:
    """What a slot of readers' local time is, where one is shown: by the next of them."""
    slots = ((letter.slug, cadence, slot) for letter in found.newsletters for cadence, slot in letter.next_slots.items())
    for slug, cadence, slot in slots:
        letter = declared(settings, slug, cadence)
        if letter and letter.follows_readers:
            yield f"local: {beginning_told(letter, slot, zone)}, and so through all time zones."
            return


def _deliveries(stand: EditionStand) -> str:
    bare = f"nothing new for {readers(stand.nothing_new)}" if stand.nothing_new else ""
    return ", ".join(part for part in (tally_text(stand.tally) if stand.tally.total else "", bare) if part) or "–"


def _sources(found: Overview, zone: str) -> Table:
    sources = table_of("Sources", "Source", "Kind", "Last in step", "Articles", "Comments", "")
    for source in found.sources:
        trouble = f"[red]{escape(source.failure)}[/]" if source.failure else ""
        sources.add_row(source.name, source.kind, moment(source.synced_at, zone), f"{source.articles:,}", f"{source.comments:,}", trouble)
    return sources


def _unknown(engine: Engine, settings: Settings, *, as_json: bool) -> None:
    with engine.begin() as connection:
        editions = {edition.id: edition for edition in store.latest(connection, limit=EDITIONS)}
        found = unsettled(connection, list(editions), limit=FAILED)
    rows: list[dict[str, Any]] = [{**asdict(one), **_edition_of(editions, one)} for one in found]
    if as_json:
        print_json(rows)
        return
    table = table_of("Unknown and refused", "Delivery", "Newsletter", "Slot or letter", "State", "When", "Relay", "By", "Code", "The relay's words")
    zone = settings.publication.time_zone
    for row in rows:
        when = (moment(row["slot"], zone) if row["slot"] else row["letter"], row["state"].value, moment(row["when"], zone))
        where = (row["relay"] or "–", f"{row['host']}, {row['pid']}" if row["host"] else "–")
        table.add_row(str(row["delivery_id"]), row["newsletter"], *when, *where, str(row["code"] or "–"), escape(row["text"]))
    out.print(table if rows else "Nothing is unknown, nothing was refused.")
    if len(rows) == FAILED:
        out.print("[dim]There may be more: the counts are in `digest status`.[/]")


def _edition_of(editions: Mapping[int, store.StoredEdition], one: Unsettled) -> dict[str, Any]:
    """Which edition it is; a letter is in none, and has no slot."""
    if one.edition_id is None:
        return {"slot": None}
    return {"newsletter": editions[one.edition_id].newsletter, "slot": editions[one.edition_id].slot}

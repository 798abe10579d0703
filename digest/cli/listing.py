"""`digest subscribers list`, `count` and `export`: many people at once, of a newsletter, of a segment, or all."""

import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from digest.cli.console import moment, out, print_json, settings_of, table_of
from digest.wiring import clock, open_store, people_in
from subscribers import people
from subscribers.census import Census, census
from subscribers.export import export, write
from subscribers.tables import SubscriptionState

STATES = click.Choice([state.value for state in SubscriptionState])
of_segment = click.option("--segment", default="", metavar="NAME", help="Only who is in this segment of digest.toml.")


@click.command("list")
@click.argument("newsletter", required=False, default="")
@click.option("--state", type=STATES, help="Only subscriptions in this state.")
@of_segment
@click.option("--find", "text", default="", metavar="WORDS", help="Only those with these words in their address or name.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), metavar="N", help="How many at most.")
@click.option("--after", default=0, type=click.IntRange(0), metavar="N", help="Leave out the first N, to see those that follow.")
@click.option("--json", "as_json", is_flag=True, help="For a script.")
@click.pass_context
def list_command(context: click.Context, newsletter: str, state: str | None, segment: str, text: str, limit: int, after: int, as_json: bool) -> None:
    """List readers, of one newsletter or all."""
    settings = settings_of(context)
    among = people_in(settings, segment, clock())
    with open_store(settings).begin() as connection:
        chosen = SubscriptionState(state) if state else None
        found = people.find(connection, text=text, newsletter=newsletter, state=chosen, among=among, after=after, limit=limit)
    if as_json:
        print_json([{name: getattr(one, name) for name in one.__dataclass_fields__ if not name.endswith("_token")} for one in found])
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in ("Address", "Name", "Newsletter", "State", "Since"):
        table.add_column(column, overflow="fold", no_wrap=column == "Since")
    for one in found:
        stands = one.state.value if one.mailable or one.state is not SubscriptionState.CONFIRMED else "suppressed"
        since = one.unsubscribed_at or one.confirmed_at or one.created_at
        table.add_row(escape(one.address), escape(one.name), one.newsletter, stands, moment(since, settings.publication.time_zone))
    out.print(table if found else "Nobody.")
    if len(found) == limit:
        out.print(f"[dim]There may be more: --after {after + limit}[/]")


@click.command("count")
@click.argument("newsletter", required=False, default="")
@of_segment
@click.option("--json", "as_json", is_flag=True, help="For a script.")
@click.pass_context
def count_command(context: click.Context, newsletter: str, segment: str, as_json: bool) -> None:
    """Count readers, of one newsletter or all, by state."""
    settings = settings_of(context)
    if newsletter:
        settings.newsletter(newsletter)
    among = people_in(settings, segment, clock())
    with open_store(settings).begin() as connection:
        found = census(connection, newsletter=newsletter, among=among)
    slugs = [newsletter] if newsletter else sorted({*settings.newsletters, *found})
    counts = {slug: found.get(slug, Census()) for slug in slugs}
    if as_json:
        print_json({"segment": segment or None, "newsletters": {slug: asdict(count) for slug, count in counts.items()}})
        return
    table = table_of(f"Readers in the segment {segment}" if segment else "Readers", "Newsletter")
    for column in ("Get mail", "Suppressed", "Pending", "Left"):
        table.add_column(column, justify="right")
    for slug, count in counts.items():
        table.add_row(slug, *(f"{number:,}" for number in (count.mailable, count.suppressed, count.pending, count.unsubscribed)))
    out.print(table if counts else "No newsletter is declared, and nobody has one.")


@click.command("export")
@click.argument("newsletter", required=False, default="")
@click.option("--all", "every", is_flag=True, help="Of every newsletter: one row a subscription.")
@of_segment
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there; default: standard output.")
@click.pass_context
def export_command(context: click.Context, newsletter: str, every: bool, segment: str, output: Path | None) -> None:
    """Export readers as CSV, with the proof of their consent."""
    if every == bool(newsletter):
        raise click.UsageError("Name a newsletter, or say --all.", context)
    settings = settings_of(context)
    if newsletter:
        settings.newsletter(newsletter)
    among = people_in(settings, segment, clock())
    with open_store(settings).begin() as connection:
        rows = export(connection, newsletter, among=among)
        if output is None:
            write(rows, sys.stdout)
            return
        with output.open("w", encoding="utf-8", newline="") as file:
            number = write(rows, file)
    out.print(f"Wrote {number:,} {'subscriptions' if every else 'readers'} to {output}")

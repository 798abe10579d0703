"""`digest why`: one reader, one edition, one answer."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from digest.cli.console import moment, out, print_json, settings_of, table_of
from digest.newsletter import Newsletter
from digest.slot_told import beginning_told, declared, slot_told
from digest.why.answer import Why, edition_asked, why
from digest.why.because import Delivery
from digest.why.contents import Reason
from digest.why.evidence import Evidence
from digest.wiring import clock, open_store, signing_keys
from digest.wish_words import words
from subscribers.address import parse_address

MOST = 12  # lines of what was left out: what is on a screen is read


@click.command("why")
@click.argument("address")
@click.argument("edition")
@click.option("--cadence", metavar="NAME", help="The newsletter's latest edition in this cadence; default: the one in which this reader gets it.")
@click.option("--json", "as_json", is_flag=True, help="The same, and all of it, for a script.")
@click.pass_context
def why_command(context: click.Context, address: str, edition: str, cadence: str | None, as_json: bool) -> None:
    """Tell why a reader did or did not get an edition, with these items, at this time.

    EDITION is a number, as `digest status` shows it, or a newsletter's name for its latest. The first line is the answer.
    """
    settings = settings_of(context)
    engine, keys, who = open_store(settings), signing_keys(settings), parse_address(address)
    with engine.begin() as connection:
        asked = edition_asked(connection, settings, edition, cadence, who, keys=keys)
    told = why(engine, settings, who, asked, keys=keys, now=clock())
    if as_json:
        print_json(_as_json(told))
        return
    zone, now = settings.publication.time_zone, clock()
    letter = declared(settings, asked.newsletter, asked.cadence)
    out.print(f"[bold]{escape(told.answer)}[/]\n", soft_wrap=True)
    out.print(_grid(_edition(told, letter, zone)))
    if told.evidence:
        out.print(_grid(_evidence(told.evidence, zone, now)))
        _items(told.evidence)
    out.print(f"\n[dim]Times without another zone are in {zone}.[/]")


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="bold", min_width=12)
    table.add_column(overflow="fold")
    for title, text in rows:
        table.add_row(title, escape(text))
    return table


def _edition(told: Why, letter: Newsletter | None, zone: str) -> Iterator[tuple[str, str]]:
    edition = told.edition
    queued = f", queued {moment(told.queued_at, zone)}" if told.queued_at else ""
    name = edition.newsletter if edition.newsletter == edition.cadence else f"{edition.newsletter}, {edition.cadence}"
    yield "Edition", f"{edition.id}: {name}, slot {slot_told(letter, edition.slot, zone)}; {edition.state}{queued}"
    if letter and (beginning := beginning_told(letter, edition.slot, zone)):
        yield "", beginning
    if edition.revision > 1:
        yield "", f"made anew {_times(edition.revision - 1)} since, without what was removed at its source"
    subject = told.evidence.subject if told.evidence and told.evidence.subject else edition.subject
    if subject:
        yield "Subject", subject


def _evidence(evidence: Evidence, zone: str, now: datetime) -> Iterator[tuple[str, str]]:
    yield "Subscription", _standing(evidence, zone, now)
    for record in evidence.history:
        yield "", f"{record.state} {moment(record.at, zone)}{f' ({record.how})' if record.how else ''}"
    yield "They want", words(evidence.wish)
    if evidence.delivery:
        yield from _handed_over(evidence.delivery, zone)
        yield "Time", f"{moment(evidence.arrival.at, evidence.arrival.zone)} ({evidence.arrival.zone})"
        for reason in evidence.arrival.reasons:
            yield "", reason
    if evidence.delivery and evidence.language:
        yield "Language", f"{evidence.language.frame}: {evidence.language.why}"


def _standing(evidence: Evidence, zone: str, now: datetime) -> str:
    parts = [evidence.held.state.value, evidence.cadence]
    if until := evidence.held.paused_until:
        parts.append(f"{'paused' if until > now else 'was paused'} until {moment(until, zone)}")
    if evidence.suppression:
        parts.append(f"suppressed since {moment(evidence.suppression.at, zone)} ({evidence.suppression.reason})")
    return ", ".join(parts)


def _handed_over(delivery: Delivery, zone: str) -> Iterator[tuple[str, str]]:
    yield "Delivery", f"{delivery.state}; not before {moment(delivery.due, zone)}"
    steps = {"begun": delivery.begun_at, "settled": delivery.settled_at}
    line = [f"{word} {moment(at, zone)}" for word, at in steps.items() if at]
    line += [f"tried {_times(delivery.tries)}"] if delivery.tries else []
    line += [f"through {delivery.relay}"] if delivery.relay else []
    if line:
        yield "", ", ".join(line)
    if delivery.words:
        yield "", f"“{delivery.words}”"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _items(evidence: Evidence) -> None:
    contents = evidence.contents
    if contents.items:
        out.print(_reasons("In it", contents.items))
    if contents.comments:
        out.print(f"[dim]and {contents.comments}[/]")
    if contents.left_out:
        out.print(_reasons("Left out", contents.left_out[:MOST]))
    if len(contents.left_out) > MOST:
        out.print(f"[dim]and {len(contents.left_out) - MOST:,} more: --json has them all[/]")


def _reasons(title: str, reasons: Iterable[Reason]) -> Table:
    table = table_of(title, "Article", "Section", "Why" if title == "In it" else "Why not")
    table.columns[0].ratio, table.columns[2].ratio = 5, 4
    for one in reasons:
        table.add_row(escape(one.title), escape(one.section), escape(one.why))
    return table


def _as_json(told: Why) -> dict[str, Any]:
    edition = {name: getattr(told.edition, name) for name in ("newsletter", "cadence", "slot", "state", "reason", "subject", "revision")}
    answer = {"answer": told.answer, "edition": {"number": told.edition.id, **edition, "queued_at": told.queued_at}}
    evidence = told.evidence
    if evidence is None:
        return {**answer, "reader": None}
    wish = {name: sorted(getattr(evidence.wish, name)) for name in ("sections", "authors", "muted_sections", "muted_authors")}
    reader = {
        "subscription": {
            "state": evidence.held.state,
            "cadence": evidence.cadence,
            "paused_until": evidence.held.paused_until,
            "suppression": asdict(evidence.suppression) if evidence.suppression else None,
            "history": [{"state": one.state, "at": one.at, "how": one.how} for one in evidence.history],
        },
        "wish": {"words": words(evidence.wish), **wish, "served": evidence.wish.served},
        "delivery": {**asdict(evidence.delivery), "plan": words(evidence.wish)} if evidence.delivery else None,
        "subject": evidence.subject,
        "time": asdict(evidence.arrival),
        "language": asdict(evidence.language) if evidence.language else None,
        "comments": evidence.contents.comments,
        "items": [asdict(one) for one in evidence.contents.items],
        "left_out": [asdict(one) for one in evidence.contents.left_out],
    }
    return {**answer, "reader": reader}

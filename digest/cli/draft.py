"""`digest draft`: what is in an edition, and why; what is out, and why not."""

from datetime import datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from digest.change_words import change_words
from digest.cli.console import MomentType, at_zone, moment, out, print_json, settings_of
from digest.cli.counted import plans_as_json, show_plans
from digest.content.values import Article, Comment, Snapshot
from digest.editions.change_record import to_json as change_to_json
from digest.editions.changes import Changes
from digest.editions.record import to_json
from digest.editions.values import Choice, Kind, PassedOver, Pick, Place, Term
from digest.item_names import Names, names
from digest.newsletter import Newsletter
from digest.plan_count import PlanCount, Readers, plan_count, readers_of
from digest.prepare import Chosen, composed
from digest.settings import Settings
from digest.wiring import clock, open_store
from digest.working import look_up, work_out

PLACES = {
    Place.LEAD: "Lead",
    Place.SECTION: "Section",
    Place.QUOTE: "Quoted",
    Place.TOP: "Top comment",
    Place.RECENT: "Recent",
    Place.NEXT: "Next",
    Place.EXTRA: "For followers",
    Place.MISSED: "Missed before",
    Place.RESERVE: "Reserve",
}


@click.command()
@click.argument("newsletter")
@click.option("--cadence", metavar="NAME", help="In this cadence; default: the newsletter's own.")
@click.option("--at", type=MomentType(), metavar="TIME", help="The slot to look at, like 2026-11-23T07:00; default: the newsletter's next one.")
@click.option("--all", "everything", is_flag=True, help="List everything that is out, not only the best of it.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for a script.")
@click.pass_context
def draft(context: click.Context, newsletter: str, cadence: str | None, at: datetime | None, everything: bool, as_json: bool) -> None:
    """Show what is in an edition, and why; what is out, and why not; and what readers get of it who chose for themselves.

    A draft is shown as the editors left it, with what they changed; an edition that is out, as it went out.
    Nothing is stored or sent: the same content, changes and TIME give the same edition.
    """
    settings = settings_of(context)
    letter = settings.newsletter(newsletter, cadence)
    slot = at_zone(at, letter.zone) if at else letter.slot_after(clock())
    with open_store(settings).begin() as connection:
        looked, readers = look_up(connection, letter, slot, slot), readers_of(connection, letter, slot)
        named = names(connection, looked.gathered.shown, changes=looked.changes.all)
    chosen = work_out(looked, settings).chosen
    plans = _plans(settings, chosen, readers)
    if as_json:
        print_json(_as_json(slot, chosen, plans))
        return
    _show(letter, chosen, everything=everything)
    _show_changes(letter, chosen.changes, named)
    if plans:
        show_plans(plans)


def _as_json(slot: datetime, chosen: Chosen, plans: PlanCount | None) -> dict[str, object]:
    made = chosen.changes.all
    changes = [{"number": one.number, "at": one.at, "who": one.who, "undone": one.undone, "change": change_to_json(one.change)} for one in made]
    return {"slot": slot, **to_json(chosen.choice), "changes": changes, "plans": plans_as_json(plans) if plans else None}


def _show_changes(letter: Newsletter, changes: Changes, named: Names) -> None:
    """Who changed what, one to a line; what was undone is marked."""
    for one in changes.all:
        undone = " [yellow](undone)[/]" if one.undone else ""
        out.print(f"• {one.number}. {escape(one.who)} {escape(change_words(one.change, named))}, {moment(one.at, letter.zone)}{undone}")


def _plans(settings: Settings, chosen: Chosen, readers: Readers) -> PlanCount | None:
    """None where there is no edition."""
    if not chosen.choice.enough:
        return None
    personal = chosen.gathered.demand.personal
    return plan_count(composed(chosen, settings, chosen.gathered.newsletter.language).pool if personal else None, readers)


def _show(letter: Newsletter, chosen: Chosen, *, everything: bool) -> None:
    choice = chosen.choice
    out.print(f"[bold]{escape(letter.title)}[/] · {escape(letter.cadence)} · slot {moment(chosen.gathered.slot, letter.zone)} ({letter.time_zone})")
    out.print(f"Window {moment(choice.window_start, letter.zone)} to {moment(choice.cutoff, letter.zone)}, {choice.new_articles} new articles")
    if not choice.enough:
        out.print("[yellow]No edition: too little to say.[/]")
    told = _Names(chosen.gathered.shown)
    _print_picks(choice, told)
    _print_passed_over(choice, told, everything=everything)
    for note in choice.notes:
        out.print(f"• {escape(note)}")


class _Names:
    """Articles and comments by id, in the few words a line of a table has room for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._articles: dict[int, Article] = {article.id: article for article in (*snapshot.articles, *snapshot.others)}
        self._comments: dict[int, Comment] = {comment.id: comment for comment in snapshot.comments}

    def of(self, kind: Kind, item_id: int) -> str:
        if kind is Kind.ARTICLE:
            article = self._articles.get(item_id)
            return escape(article.title) if article else f"article {item_id}"
        comment = self._comments.get(item_id)
        return f"{escape(comment.author_name)}: {escape(_first_words(comment.text))}" if comment else f"comment {item_id}"


def _first_words(text: str, most: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def _table(title: str, *columns: tuple[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name, options in columns:
        table.add_column(name, **options)
    return table


def _terms(terms: tuple[Term, ...]) -> str:
    shown = [term for term in terms if round(term.value, 2)]
    return escape(", ".join(f"{term.name} {term.value:+.2f}" + (f" ({term.note})" if term.note else "") for term in shown))


def _print_picks(choice: Choice, told: _Names) -> None:
    if not choice.picks:
        return
    table = _table(
        "\nIn", ("Place", {"no_wrap": True}), ("Score", {"justify": "right"}), ("What", {"ratio": 4}), ("Why", {"ratio": 5, "style": "dim"})
    )
    for pick in choice.picks:
        table.add_row(_place(pick), f"{pick.score:.2f}", told.of(pick.kind, pick.id), _why(pick))
    out.print(table)


def _place(pick: Pick) -> str:
    return escape(pick.section) if pick.place is Place.SECTION and pick.section else PLACES[pick.place]


def _why(pick: Pick) -> str:
    return "; ".join(part for part in (escape(pick.note), _terms(pick.terms)) if part)


def _print_passed_over(choice: Choice, told: _Names, *, everything: bool) -> None:
    rows = [row for row in choice.passed_over if everything or row.kind is Kind.ARTICLE or row.score is not None]
    rows.sort(key=lambda row: (row.kind is Kind.COMMENT, -(row.score if row.score is not None else -99.0), row.id))
    shown = rows if everything else rows[:20]
    if not shown:
        return
    table = _table("\nOut", ("What", {"ratio": 4}), ("Score", {"justify": "right"}), ("Why not", {"ratio": 5, "style": "dim"}))
    for row in shown:
        table.add_row(told.of(row.kind, row.id), _score(row), escape(row.why))
    out.print(table)
    hidden = len(choice.passed_over) - len(shown)
    if hidden:
        out.print(f"[dim]and {hidden} more: --all shows them[/]")


def _score(row: PassedOver) -> str:
    return "–" if row.score is None else f"{row.score:.2f}"

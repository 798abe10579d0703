"""What `digest draft` says of readers who chose for themselves: how many different editions that makes, and the commonest."""

from typing import Any

from rich.text import Text

from digest.cli.console import out, table_of
from digest.plan_count import PlanCount, PlanLine
from digest.wish_words import words


def show_plans(count: PlanCount) -> None:
    """One line where nobody chose anything; nothing where there is nobody."""
    if not count.wishes:
        if count.everybody:
            out.print(f"\n{readers(count.everybody).capitalize()}, and nobody follows or mutes anything: all get the same.")
        return
    kinds = f"{_number(count.wishes, 'wish', 'wishes')}, {_number(count.distinct, 'edition', 'different editions')}"
    others = "gets" if count.everybody == 1 else "get"
    out.print(f"\n[bold]Readers[/]  {readers(count.readers)} chose for themselves: {kinds}; {count.everybody:,} {others} what everybody gets.")
    if count.nothing_new:
        out.print(f"Nothing new for {readers(count.nothing_new)}: they get no mail.")
    table = table_of("", "Readers", "What they chose", "Articles", "Lead")
    table.title = None
    table.columns[0].justify = "right"
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for line in count.commonest:
        table.add_row(f"{line.readers:,}", _one_line(words(line.wish)), *_holds(line))
    out.print(table)
    if count.wishes > len(count.commonest):
        out.print(f"[dim]and {count.wishes - len(count.commonest):,} rarer ones[/]")


def plans_as_json(count: PlanCount) -> dict[str, Any]:
    return {
        "everybody": count.everybody,
        "personal": count.readers,
        "wishes": count.wishes,
        "distinct": count.distinct,
        "nothing_new": count.nothing_new,
        "commonest": [_line(line) for line in count.commonest],
    }


def readers(number: int) -> str:
    return _number(number, "reader", "readers")


def _number(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _holds(line: PlanLine) -> tuple[str, Text]:
    return (str(line.articles), _one_line(line.lead)) if line.articles else ("–", _one_line("nothing new: no mail", "yellow"))


def _one_line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _line(line: PlanLine) -> dict[str, Any]:
    names = ("sections", "authors", "muted_sections", "muted_authors")
    chosen = {name: sorted(getattr(line.wish, name)) for name in names}
    return {"readers": line.readers, "words": words(line.wish), **chosen, "served": line.wish.served, "articles": line.articles, "lead": line.lead}

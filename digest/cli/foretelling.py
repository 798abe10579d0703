"""What a list looks like before it is taken in: which program wrote it, which columns count, and what becomes of the first good row."""

from collections.abc import Iterator

from rich.markup import escape

from digest.cli.console import out
from subscribers.address import masked
from subscribers.lists.entry import Entry
from subscribers.lists.intake import Plan
from subscribers.lists.transfer import Glance


def foretell(seen: Glance, plan: Plan) -> None:
    layout = seen.layout
    if not (plan.dry_run or layout.format.title):
        return
    out.print(f"Recognised as an export of {layout.format.title}." if layout.format.title else "A plain list of people.")
    if layout.format.note:
        out.print(layout.format.note)
    if not plan.dry_run:
        return
    out.print(f"Columns used: {escape(', '.join(layout.used)) or 'the one with addresses'}.")
    if layout.passed_over:
        out.print(f"Passed over: {escape(', '.join(layout.passed_over))}. --keep COLUMN keeps one as an attribute, for segments.")
    if seen.example:
        out.print(f"For example line {seen.example.line}: {escape('; '.join(_told(seen.example, plan)))}.")


def foretold(seen: Glance, plan: Plan) -> dict[str, object]:
    """The same for a script."""
    layout = seen.layout
    columns = {"format": layout.format.name, "used": list(layout.used), "passed_over": list(layout.passed_over), "note": layout.format.note}
    return {**columns, "example": _example(seen.example, plan) if seen.example else None}


def _example(entry: Entry, plan: Plan) -> dict[str, object]:
    return {
        "line": entry.line,
        "becomes": entry.suppression or plan.becomes(entry),
        "address": masked(entry.person.address.address),
        "name": short(entry.person.name),
        "language": entry.person.language,
        "time_zone": entry.person.time_zone,
        "confirmed_at": entry.confirmed_at,
        "attributes": sorted(entry.attributes),
    }


def _told(entry: Entry, plan: Plan) -> Iterator[str]:
    reason = f"suppressed ({entry.suppression})" if entry.suppression else plan.becomes(entry).value
    yield f"{masked(entry.person.address.address)} becomes {reason}"
    if entry.person.name:
        yield f"name {short(entry.person.name)}"
    if entry.confirmed_at:
        yield f"confirmed on {entry.confirmed_at:%Y-%m-%d}"
    yield from filter(None, (entry.person.language, entry.person.time_zone))
    if entry.attributes:
        yield f"attributes {', '.join(sorted(entry.attributes))}"


def short(name: str) -> str:
    """The first letter of each word."""
    return " ".join(f"{word[0]}•••" for word in name.split())

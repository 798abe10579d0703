"""Lists brought along from elsewhere: a CSV file becomes subscriptions, a batch of rows at a time, in constant memory.

Nobody who left is revived and nobody suppressed is taken in, whatever the file says. Every batch is its own
transaction of at most nine statements, so a long import never holds a sending worker up; run again, it adds nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Engine

from subscribers.lists.cells import Cells
from subscribers.lists.csvfile import Problem, open_list
from subscribers.lists.entry import Entry, parse_entry
from subscribers.lists.intake import Plan, take_in
from subscribers.lists.layout import Layout
from subscribers.lists.seen import Seen
from subscribers.tables import SubscriptionState

BATCH = 1_000
LOOKED_AT = 1_000  # rows, for an example


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of the rows; the counts add up to `read`, but for the two that say of what state those `added` are."""

    read: int = 0
    added: int = 0
    pending: int = 0  # of those added
    unsubscribed: int = 0  # of those added: they stay away whatever list names them next
    ended: int = 0  # had a subscription that only a list had begun, and have left, says the file
    already: int = 0  # had a subscription before
    left: int = 0  # had left: not revived
    suppressed: int = 0
    barred: int = 0  # bounced or complained elsewhere: suppressed from now on
    duplicates: int = 0  # the same mailbox twice in the file
    wrong: int = 0  # told one by one to `on_problem`


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a file looks like before anything is done with it: its columns, and the first good row."""

    layout: Layout
    example: Entry | None


def glance(file: BinaryIO, plan: Plan) -> Glance:
    with open_list(file, file_name=plan.origin, wanted=plan.wanted) as listing:
        entries = (parse_entry(row) for row in islice(listing.rows, LOOKED_AT) if isinstance(row, Cells))
        return Glance(layout=listing.layout, example=next((one for one in entries if isinstance(one, Entry)), None))


def import_rows(
    engine: Engine,
    file: BinaryIO,
    plan: Plan,
    *,
    keys: Sequence[str],
    now: datetime,
    on_problem: Callable[[Problem], None],
    on_progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Takes in the people of a CSV file (any seekable binary file). `on_progress` gets the counts so far after every batch."""
    counts: Counter[str] = Counter()
    with open_list(file, file_name=plan.origin, wanted=plan.wanted) as listing, Seen() as seen:
        title = listing.layout.format.title
        plan = replace(plan, origin=f"{title} export {plan.origin}") if title else plan
        entries = _entries(listing.rows, seen, plan, counts, on_problem)
        while batch := list(islice(entries, BATCH)):
            with engine.begin() as connection:
                take_in(connection, batch, plan, counts, keys=keys, now=now)
            on_progress(_report(counts))
    return _report(counts)


def _report(counts: Counter[str]) -> Report:
    return Report(**{name: counts[name] for name in Report.__dataclass_fields__})


def _entries(rows: Iterable[Cells | Problem], seen: Seen, plan: Plan, counts: Counter[str], on_problem: Callable[[Problem], None]) -> Iterator[Entry]:
    for row in rows:
        counts["read"] += 1
        found = row if isinstance(row, Problem) else parse_entry(row)
        if isinstance(found, Problem):
            counts["wrong"] += 1
            on_problem(found)
        elif seen.add(found.person.address.key):
            yield found
        else:
            counts["duplicates"] += 1
            if found.suppression is not None or plan.becomes(found) is SubscriptionState.UNSUBSCRIBED:
                yield replace(found, again=True)

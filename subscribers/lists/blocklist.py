"""Lists of addresses that nobody may write to, brought along from elsewhere: a CSV file becomes suppressions, a batch at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Engine

from subscribers.lists.cells import Cells
from subscribers.lists.csvfile import Problem, open_list
from subscribers.lists.entry import Entry, parse_entry
from subscribers.lists.layout import Wanted
from subscribers.lists.seen import Seen
from subscribers.suppression import address_hash, suppress_all, suppressed_among
from subscribers.tables import SubscriptionState, SuppressionReason

BATCH = 1_000
KEPT = ("address", "state", "origin")  # a name or a time zone that does not fit keeps nobody off the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Barring:
    """What is done with a file. Without a `reason` each row's own stands: bounced, complained, or by hand where it does not say."""

    origin: str  # the file's name: each suppression names it with its line
    reason: SuppressionReason | None = None
    dry_run: bool = False
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """What became of the rows; the counts add up to `read`."""

    read: int = 0
    added: int = 0
    already: int = 0  # was on the list: its reason stands
    duplicates: int = 0
    wrong: int = 0  # told one by one to `on_problem`


def suppress_rows(
    engine: Engine, file: BinaryIO, barring: Barring, *, keys: Sequence[str], now: datetime, on_problem: Callable[[Problem], None]
) -> Barred:
    """Suppresses the addresses of a CSV file (any seekable binary file). Each batch is a transaction of at most two statements."""
    counts: Counter[str] = Counter()
    with open_list(file, file_name=barring.origin, wanted=barring.wanted) as listing, Seen() as seen:
        title = listing.layout.format.title
        origin = f"{title} export {barring.origin}" if title else barring.origin
        rows = _entries(listing.rows, barring, counts, seen, on_problem)
        while batch := list(islice(rows, BATCH)):
            people = {address_hash(entry.person.address, keys): entry for entry in batch}
            with engine.begin() as connection:
                fresh = people.keys() - suppressed_among(connection, people)
                if not barring.dry_run:
                    told = [(digest, people[digest].suppression or SuppressionReason.BY_HAND, people[digest]) for digest in fresh]
                    suppress_all(connection, ((digest, reason, f"{origin}, line {entry.line}") for digest, reason, entry in told), now=now)
            counts["added"] += len(fresh)
            counts["already"] += len(people) - len(fresh)
    return Barred(**{name: counts[name] for name in Barred.__dataclass_fields__})


def _entries(
    rows: Iterable[Cells | Problem], barring: Barring, counts: Counter[str], seen: Seen, on_problem: Callable[[Problem], None]
) -> Iterator[Entry]:
    for row in rows:
        counts["read"] += 1
        found = row if isinstance(row, Problem) else _entry(row, barring)
        if isinstance(found, Problem):
            counts["wrong"] += 1
            on_problem(found)
        elif seen.add(found.person.address.key):
            yield found
        else:
            counts["duplicates"] += 1


def _entry(row: Cells, barring: Barring) -> Entry | Problem:
    wanted = KEPT[:1] if barring.reason else KEPT
    found = parse_entry(Cells(line=row.line, cells={name: row.cells.get(name, "") for name in wanted}))
    if isinstance(found, Problem) or barring.reason:
        return found if isinstance(found, Problem) else replace(found, suppression=barring.reason)
    if found.state in (SubscriptionState.CONFIRMED, SubscriptionState.PENDING):
        return Problem(line=row.line, text=f"it is {found.state} there: say --reason to suppress it all the same")
    return found

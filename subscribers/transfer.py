"""Lists brought along from elsewhere: a CSV file becomes subscriptions, a batch of rows at a time, in constant memory.

Nobody who left is revived and nobody suppressed is taken in, whatever the file says. Every batch is its own
transaction of at most six statements, so a long import never holds a sending worker up; run again, it adds nothing.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import BinaryIO

from sqlalchemy import Engine

from subscribers.csvfile import Problem, read_rows
from subscribers.entry import Entry, parse_entry
from subscribers.intake import Plan, take_in

BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of the rows; the counts add up to `read`."""

    read: int = 0
    added: int = 0
    already: int = 0  # had a subscription before
    left: int = 0  # had left: not revived
    suppressed: int = 0
    duplicates: int = 0  # the same mailbox twice in the file
    wrong: int = 0  # told one by one to `on_problem`


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
    entries = _entries(file, counts, on_problem)
    while batch := list(islice(entries, BATCH)):
        with engine.begin() as connection:
            take_in(connection, batch, plan, counts, keys=keys, now=now)
        on_progress(Report(**counts))
    return Report(**counts)


def _entries(file: BinaryIO, counts: Counter[str], on_problem: Callable[[Problem], None]) -> Iterator[Entry]:
    with _Seen() as seen:
        for row in read_rows(file):
            counts["read"] += 1
            found = row if isinstance(row, Problem) else parse_entry(row)
            if isinstance(found, Problem):
                counts["wrong"] += 1
                on_problem(found)
            elif not seen.add(found.person.address.key):
                counts["duplicates"] += 1
            else:
                yield found


class _Seen:
    """Which addresses the file has had: on disk, because a set of a million would not be constant memory."""

    def __enter__(self) -> "_Seen":
        self._database = sqlite3.connect("")  # an unnamed file that goes with the connection
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._database.close()

    def add(self, key: str) -> bool:
        """False when it was there."""
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1

"""The command `digest`, in a process that ends itself, as by `kill -9`, the n-th time that the database is about to do a thing.

python -m tests.journeys.dying marking 5 work
"""

import os
import re
import signal
import sys

from sqlalchemy import Engine, event

from digest.cli import main

QUEUE = re.compile(r"INSERT INTO deliveries")
CLAIM = re.compile(r"UPDATE deliveries SET state=\S+ lease=\S+\s+WHERE")
MARK = re.compile(r"UPDATE deliveries SET begun_at=[^N]")
SETTLE = re.compile(r"UPDATE deliveries SET state=\S+ attempts=\([^)]*\), relay=")

# name → the statement, and whether the process ends before it, or before the commit of its transaction.
STEPS = {
    "queueing": (QUEUE, True),
    "claiming": (CLAIM, True),
    "claimed": (MARK, False),
    "marking": (MARK, True),
    "answered": (SETTLE, False),
    "settling": (SETTLE, True),
}


class Fuse:
    def __init__(self, step: str, number: int) -> None:
        self._statement, self._at_commit = STEPS[step]
        self._left = number
        self._seen = False  # in this transaction

    def statement(self, connection: object, cursor: object, statement: str, *more: object) -> None:
        if self._statement.search(statement):
            if self._at_commit:
                self._seen = True
            else:
                self._burn()

    def commit(self, connection: object) -> None:
        if self._seen:
            self._seen = False
            self._burn()

    def _burn(self) -> None:
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    fuse = Fuse(sys.argv[1], int(sys.argv[2]))
    event.listen(Engine, "before_cursor_execute", fuse.statement)
    event.listen(Engine, "commit", fuse.commit)
    sys.argv[1:3] = []
    main()

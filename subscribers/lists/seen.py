"""Which addresses a file has had: on disk, because a set of a million would not be constant memory."""

import hashlib
import sqlite3
from types import TracebackType


class Seen:
    def __enter__(self) -> "Seen":
        self._database = sqlite3.connect("")  # an unnamed file that goes with the connection
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._database.close()

    def add(self, key: str) -> bool:
        """False when it was there."""
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1

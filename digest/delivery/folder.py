"""One .eml file per delivery: for looking at, and for handing to another program. The same delivery again is the same file."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from digest.delivery.steps import Steps, at_once
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.errors import TransportDown

NAME_CHARACTERS = 200  # file systems take 255 bytes


class FolderTransport:
    """Writes into `folder`, which is made when needed. `durable` waits for the disk, for when the files are the only copy."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._folder = folder
        self._durable = durable

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(self._folder / file_name(envelope.name), envelope.data)
        except OSError as error:
            raise TransportDown(f"The folder {self._folder} cannot be written to: {error.strerror}.") from error
        return at_once(Outcome(kind=OutcomeKind.ACCEPTED, text="written"))

    def leave(self) -> Steps[None]:
        return at_once(None)

    def close(self) -> None:
        return None

    def _write(self, path: Path, data: bytes) -> None:
        """Whole or not at all: a reader of the folder never sees half a message."""
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def file_name(name: str) -> str:
    """Two names never make one file, and no name leads out of the folder."""
    safe = quote(name, safe=" +=@").replace("~", "%7E")
    return f"{safe if len(safe) <= NAME_CHARACTERS else hashlib.sha256(name.encode()).hexdigest()}.eml"

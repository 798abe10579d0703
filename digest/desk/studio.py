"""What the desk works with: the store, the clock, and the settings as digest.toml has them now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from sqlalchemy import Engine
from starlette.requests import Request

from digest.database import reading
from digest.desk.mail.guests import Guests
from digest.desk.shelf import Shelf
from digest.desk.themes.attempts import Attempts
from digest.errors import SettingsError
from digest.settings import Settings, read
from digest.wiring import signing_keys

SHELF = 48  # mails and choices of the editions that are looked at: some hundred kilobytes each
Stamp = tuple[int, int, int]  # of a file: a changed one has another


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of digest.toml, and when the file was like that. `mistake`: why the file as it is now was not taken; empty where it was."""

    settings: Settings
    keys: tuple[str, ...]
    stamp: Stamp
    mistake: str = ""


class Studio:
    """`file` is the digest.toml, `environment` what overrides it. Raises `SettingsError` where the file is wrong from the beginning."""

    def __init__(self, *, engine: Engine, file: Path, environment: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.file = file
        self.environment = environment
        self.clock = clock
        self.closing = Event()  # set when the desk stops: what listens for news goes away by itself
        self.shelf = Shelf(SHELF)
        self.guests = Guests()
        self.attempts = Attempts()
        self._read = self._look(_stamp(file))

    @property
    def reads(self) -> Engine:
        """For what changes nothing: it waits for no writer."""
        return reading(self.engine)

    @property
    def settings(self) -> Settings:
        return self._read.settings

    @property
    def mistake(self) -> str:
        """Why the digest.toml of now is not the one in use: a sentence for the editor. Empty where it is."""
        return self._read.mistake

    @property
    def keys(self) -> list[str]:
        """The signing keys, newest first."""
        return list(self._read.keys)

    @property
    def read_at(self) -> Stamp:
        """Of digest.toml when it was last looked at: whatever was made from other settings has another."""
        return self._read.stamp

    def refresh(self) -> None:
        """Takes over a digest.toml that was changed. One that cannot be used leaves all as it was, and says why in `mistake`."""
        found, known = _stamp(self.file), self._read
        if found == known.stamp:
            return
        try:
            self._read = self._look(found)
        except SettingsError as error:
            self._read = _Read(settings=known.settings, keys=known.keys, stamp=found, mistake=str(error))

    def _look(self, stamp: Stamp) -> _Read:
        settings = read(self.file, self.environment)
        return _Read(settings=settings, keys=tuple(signing_keys(settings)), stamp=stamp)


def _stamp(file: Path) -> Stamp:
    """Size and inode too: a file that is written anew within a tick of the clock keeps its time."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino


def studio_of(request: Request) -> Studio:
    """The studio of the application that answers this request, with digest.toml as it is now."""
    studio: Studio = request.app.state.studio
    studio.refresh()
    return studio

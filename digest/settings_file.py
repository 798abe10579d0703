"""`digest.toml` on disk: read as it is, and replaced as a whole by a changed one that was found good before."""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path as FilePath
from tempfile import NamedTemporaryFile
from threading import Lock

from digest.errors import FileChanged, SettingsError
from digest.set_values import Path, Value, set_values
from digest.settings import PREFIX, Settings, overlay, parse

MARK = "\ufeff"  # some editors of Windows begin a file with it
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The file's text, and what tells it from any other."""

    text: str
    seen: str


def written(path: FilePath) -> Written:
    """The file as it is now. Raises `SettingsError` where it cannot be read."""
    try:
        found = path.read_bytes()
        return Written(text=found.decode("utf-8"), seen=fingerprint(found))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error


def keep(path: FilePath, values: Mapping[Path, Value], *, seen: str, environment: Mapping[str, str]) -> Settings:
    """Writes these values and gives the settings as they are then. Raises `FileChanged` where the file is not the one that was `seen`, and
    `SettingsError` where the values would make it a wrong one, or it cannot be written: then it stays as it was."""
    there = path.resolve()  # a link stays a link
    with _ONE_AT_A_TIME:
        found = written(there)
        if found.seen != seen:
            raise FileChanged(path.name)
        mark, text = (MARK, found.text[1:]) if found.text.startswith(MARK) else ("", found.text)
        new = set_values(text, values)
        settings = parse(overlay(tomllib.loads(new), environment), folder=path.parent, name=path.name)
        replace_file(there, (mark + new).encode(), seen=seen)
        return settings


def replace_file(path: FilePath, content: bytes, *, seen: str) -> None:
    """The file with new content: whoever reads it, and a machine that dies meanwhile, has the old or the new one whole. Raises `FileChanged` and
    `SettingsError`."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            new = FilePath(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            new.chmod(path.stat().st_mode & 0o7777)
            if fingerprint(path.read_bytes()) != seen:
                raise FileChanged(path.name)
            new.replace(path)
        finally:
            with suppress(FileNotFoundError):
                new.unlink()
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be written: {error.strerror}.") from error


def fingerprint(content: bytes) -> str:
    """The same for the same bytes, and for no others."""
    return sha256(content).hexdigest()


def set_outside(path: Path, environment: Mapping[str, str]) -> str:
    """The name of the environment's variable that has the last word on this value; empty where there is none."""
    wanted = "__".join(part.replace("-", "_") for part in path)
    return next((name for name in sorted(environment) if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() == wanted), "")

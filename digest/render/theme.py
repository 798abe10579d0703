"""Where a theme's files lie: in the publication's own folder of themes, in the program's, and in the theme that lends what is missing."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from digest.errors import TemplateError
from digest.render.folders import templates_folder

BASE = "classic"  # the theme that lends another one the files it does not have
MOST_FILES = 500
MOST_BYTES = 500_000  # of one file: a page of 100 KB is too long for mail programs already

Sources = Mapping[str, tuple[str, str]]  # by name: a template's text, and the file it is from


def theirs(theme: str, own: Path | None) -> bool:
    """Whether any of the theme's files may be the publication's own: then it is drawn in a process of its own."""
    return own is not None and (own / theme).is_dir()


def folders_of(theme: str, own: Path | None, templates: Path | None = None) -> tuple[Path, ...]:
    """The folders a theme is made of, the first one that has a file wins. `TemplateError`: there is no such theme."""
    ours = (templates or templates_folder()) / "editions"
    places = [folder / theme for folder in (own, ours) if folder is not None]
    found = [place for place in places if place.is_dir()]
    if not found:
        raise TemplateError(f"There is no theme “{theme}”: {places[0]} is no folder. The theme that is always there is “{BASE}”.")
    return tuple(dict.fromkeys((*found, ours / BASE)))


def read_sources(folders: Iterable[Path]) -> Sources:
    """The text of every template in these folders; the first one that has a file wins. What is no text, or hidden, is none."""
    found: dict[str, tuple[str, str]] = {}
    for folder in folders:
        for path in files_in(folder):
            name = path.relative_to(folder).as_posix()
            if name not in found and (text := _text(path)) is not None:
                found[name] = text, str(path)
    return found


def files_in(folder: Path) -> Iterator[Path]:
    """The files of one theme's folder that may be templates. `TemplateError`: there are more than any theme has."""
    number = 0
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            number += 1
            if number > MOST_FILES:
                raise TemplateError(f"{folder} has more than {MOST_FILES} files: a theme has some thirty. Does a link lead round in a circle?")
            yield Path(place, name)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size <= MOST_BYTES else None
    except (OSError, UnicodeDecodeError):
        return None

"""A publication's own theme files: written whole or not at all, and never over what somebody else wrote meanwhile."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock

from digest.errors import FileChanged, TemplateError
from digest.render.theme import BASE, MOST_BYTES
from digest.settings import Settings
from digest.themes.files import FILE, NEW, files_of, named, own_folder, themes

_ONE_AT_A_TIME = Lock()


def begin(settings: Settings, theme: str, like: str = BASE) -> tuple[Path, ...]:
    """A new theme of the publication's own, with a copy of each file that makes `like` what it is; the others are lent. The files, as written."""
    folder = own_folder(settings) / named(theme)
    if folder.exists() or theme in (one.name for one in themes(settings)):
        raise TemplateError(f"There is a theme “{theme}” already: take another name.")
    copied = [file for file in files_of(settings, like) if file.lender in ("", like)]
    for file in copied:
        _write(folder / file.name, file.text.encode())
    return tuple(folder / file.name for file in copied)


def keep(settings: Settings, theme: str, name: str, text: str, *, seen: str) -> None:
    """Writes a file of the publication's own. `seen` is that of the file it was made from, lent or own: `FileChanged` where it is another one by
    now. `TemplateError`: it may have no such name, or is too long."""
    content = text.replace("\r\n", "\n").encode()
    path = _path(settings, theme, name)
    if len(content) > MOST_BYTES:
        raise TemplateError(f"“{name}” would have {len(content):,} bytes; a template may have {MOST_BYTES:,}.")
    with _ONE_AT_A_TIME:
        _unchanged(settings, theme, name, seen)
        _write(path, content)


def give_up(settings: Settings, theme: str, name: str, *, seen: str) -> None:
    """Takes away a file of the publication's own: the theme is lent the program's again. Errors as of `keep`."""
    path = _path(settings, theme, name)
    with _ONE_AT_A_TIME:
        _unchanged(settings, theme, name, seen)
        with suppress(FileNotFoundError):
            path.unlink()


def _unchanged(settings: Settings, theme: str, name: str, seen: str) -> None:
    now = next((file.seen for file in files_of(settings, theme) if file.name == name), NEW)
    if now != seen:
        raise FileChanged(f"{theme}/{name}")


def _path(settings: Settings, theme: str, name: str) -> Path:
    """Where such a file of the publication's own lies: never outside the folder of themes, whatever links there are."""
    if not FILE.fullmatch(name):
        raise TemplateError(
            f"“{name}” is no name for a template: small letters, digits, “-” and “_”, with .html, .txt or .css, in one folder at most."
        )
    own = own_folder(settings)
    path = own / named(theme) / name
    if not path.parent.resolve().is_relative_to(own.resolve()):
        raise TemplateError(f"{path.parent} leads out of the folder of themes: what is there is not written from here.")
    return path


def _write(path: Path, content: bytes) -> None:
    """Whoever reads it has the old text or the new one, whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new = Path(file.name)
        try:
            new.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
            new.replace(path)
        finally:
            with suppress(FileNotFoundError):
                new.unlink()
    except OSError as error:
        raise TemplateError(f"{path} cannot be written: {error.strerror}.") from error

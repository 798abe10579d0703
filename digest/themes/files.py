"""Themes on disk: which there are, and what each is made of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from digest.errors import TemplateError
from digest.newsletter import BLOCKS
from digest.render.folders import templates_folder
from digest.render.theme import files_in, folders_of
from digest.settings import Settings

RESERVED = frozenset({"letters", "pages"})  # folders beside the themes: the publication's own letters and pages (docs/letters.md, docs/pages.md)

NEW = ""  # what was seen of a file that is not there

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")  # as `theme` of a newsletter
FILE = re.compile(r"(?:[a-z0-9_-]+/)?[a-z0-9_-]+\.(?:html|txt|css)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """`own`: the publication has files of it. `ours`: it came with the program. `newsletters` that are drawn in it, by their slugs."""

    name: str
    own: bool
    ours: bool
    newsletters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeFile:
    """A file as the theme uses it. `lender` is the theme of the program's it is from, empty where it is the publication's own; `seen` tells this text
    from any other. `below` is the theme whose file of that name this one goes before. `used` is false of one that no template asks for."""

    name: str
    text: str
    lender: str
    seen: str
    below: str = ""
    used: bool = True

    @property
    def own(self) -> bool:
        return not self.lender


def own_folder(settings: Settings) -> Path:
    return settings.path(settings.render.themes)


def themes(settings: Settings) -> tuple[Theme, ...]:
    """All there are, by name."""
    ours, own = _folders_in(templates_folder() / "editions"), _folders_in(own_folder(settings)) - RESERVED
    drawn = {slug: letter.theme for slug, letter in settings.newsletters.items()}
    return tuple(
        Theme(name=name, own=name in own, ours=name in ours, newsletters=tuple(slug for slug, theme in drawn.items() if theme == name))
        for name in sorted(ours | own)
    )


def files_of(settings: Settings, theme: str) -> tuple[ThemeFile, ...]:
    """Every file that the theme can use, its own and those it is lent, by name. `TemplateError`: there is no such theme."""
    found: dict[str, ThemeFile] = {}
    for folder in folders_of(named(theme), own_folder(settings)):
        lender = "" if folder.parent == own_folder(settings) else folder.name
        for path in files_in(folder):
            name = path.relative_to(folder).as_posix()
            if name in found and not found[name].below:
                found[name] = replace(found[name], below=lender)
            elif name not in found and FILE.fullmatch(name):
                content = path.read_bytes()
                found[name] = ThemeFile(name=name, text=content.decode("utf-8", "replace"), lender=lender, seen=fingerprint(content))
    return tuple(sorted(_with_use(found), key=lambda file: file.name))


def file_of(settings: Settings, theme: str, name: str) -> ThemeFile:
    """One of them. `TemplateError`: there is none of that name."""
    for file in files_of(settings, theme):
        if file.name == name:
            return file
    raise TemplateError(f"The theme “{theme}” has no file “{name}”.")


def named(theme: str) -> str:
    """The name, if a theme may have it; else a `TemplateError`."""
    if not _NAME.fullmatch(theme) or theme in RESERVED:
        raise TemplateError(f"“{theme}” is no name for a theme: small letters and digits, or “-”, and neither “letters” nor “pages”.")
    return theme


def _folders_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir() and _NAME.fullmatch(path.name)} if folder.is_dir() else set()


def _with_use(found: Mapping[str, ThemeFile]) -> Iterator[ThemeFile]:
    texts = "\n".join(file.text for file in found.values())
    asked = {"body.html", "body.txt", *(f"blocks/{block}.{kind}" for block in BLOCKS for kind in ("html", "txt"))}
    return (replace(file, used=name in asked or f'"{name}"' in texts or f"'{name}'" in texts) for name, file in found.items())


def fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()

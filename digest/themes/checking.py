"""A theme drawn on a specimen in every language there is, and what is to be mended in it."""

from dataclasses import dataclass

from digest.newsletter import BLOCKS, Newsletter
from digest.render.check import check_theme
from digest.render.lint import Finding, Level
from digest.render.translation import languages
from digest.settings import Settings
from digest.themes.files import files_of, own_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding, and the languages in which it is one."""

    finding: Finding
    languages: tuple[str, ...]


def look_over(settings: Settings, theme: str) -> tuple[Found, ...]:
    """All that is to be mended; nothing when the theme is fit to be sent. `TemplateError`: it cannot be drawn."""
    unused = [file.name for file in files_of(settings, theme) if file.own and not file.used]
    found: dict[Finding, list[str]] = {_unused(name): [] for name in unused}
    own = own_folder(settings)
    for language in languages():
        letter = _letter(settings, theme, language)
        for finding in check_theme(settings.publication, letter, settings.render.inliner, own):
            found.setdefault(finding, []).append(language)
    return tuple(Found(finding=finding, languages=tuple(spoken)) for finding, spoken in found.items())


def _letter(settings: Settings, theme: str, language: str) -> Newsletter:
    """The newsletter that is drawn in it, or else the first, with every block there is."""
    declared = sorted(settings.newsletters.values(), key=lambda letter: letter.theme != theme)
    letter = declared[0] if declared else Newsletter(slug="specimen", title=settings.publication.name, from_address="news@specimen.example")
    return letter.model_copy(update={"theme": theme, "language": language, "blocks": BLOCKS})


def _unused(name: str) -> Finding:
    return Finding(
        where=name,
        what=f"No template asks for {name}.",
        level=Level.NOTE,
        why="A file goes before the program's only under the very same name.",
        mend="Look whether its name is misspelled; else delete it.",
    )

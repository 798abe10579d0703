"""The program's own texts in the readers' languages (docs/languages.md): which languages there are, and which one to take."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from digest.mark import mark
from digest.render.folders import templates_folder
from digest.render.language import direction

__all__ = ["SOURCE", "direction", "languages", "mark", "own_texts", "pick", "translations"]

SOURCE = "en"  # the language the texts are written in: it needs no catalog


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages there are, as BCP 47 tags; the source first."""
    return (SOURCE, *sorted(path.stem for path in (templates_folder() / "languages").glob("*.po")))


def translations(language: str) -> NullTranslations:
    """The texts in `language`, or in the nearest there is (`de` for `de-AT`); where there is none, every text stays as it is written."""
    return own_texts(language) or _catalog(SOURCE)


def own_texts(language: str) -> NullTranslations | None:
    """The same, but None where there is none, for what is better left unsaid than said in English."""
    nearest = pick([language], languages(), "")
    return _catalog(nearest) if nearest else None


def pick(wanted: Iterable[str], offered: Iterable[str], default: str) -> str:
    """The first of the `wanted` tags that is `offered`, whole or by its beginning (RFC 4647, 3.4), as it is spelled there; else `default`.

    Where nobody offers `de-AT` or `de`, another kind of German is nearer than the default.
    """
    spelled = {_plain(tag): tag for tag in reversed(tuple(offered))}
    kin = {_plain(tag).partition("-")[0]: tag for tag in reversed(tuple(spelled.values()))}
    for tag in map(_plain, wanted):
        for shorter in _shorter(tag):
            if shorter in spelled:
                return spelled[shorter]
        if (primary := tag.partition("-")[0]) in kin:
            return kin[primary]
    return default


def _plain(tag: str) -> str:
    return tag.strip().replace("_", "-").casefold()


def _shorter(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


@lru_cache
def _catalog(language: str) -> NullTranslations:
    """Compiled in memory: there is no file beside the catalog that could be older than it."""
    if language == SOURCE:
        return NullTranslations()
    with (templates_folder() / "languages" / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language.replace("-", "_"), abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)

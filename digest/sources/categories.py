"""The categories and tags of an article, and which of them is its section. Pure."""

from collections.abc import Iterable

from digest.content.sanitise import one_line, title_text
from digest.settings import Source

LENGTH = 200  # of the store's column
# WordPress' category, by name or by slug, of what nobody put anywhere. The slug stays when a site translates the name.
NOWHERE = "uncategorized"


def names_of(terms: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The names of (name, slug) pairs as plain text, each once and in their order; WordPress's own for “none” is none."""
    filed = (name for name, slug in terms if slug.strip().casefold() != NOWHERE)
    names = (title_text(name)[:LENGTH] for name in filed)
    return tuple(dict.fromkeys(name for name in names if name and name.casefold() != NOWHERE))


def section_of(categories: tuple[str, ...], source: Source) -> str:
    """The first category, else the source's own section; empty where it has none."""
    return categories[0] if categories else one_line(source.section)

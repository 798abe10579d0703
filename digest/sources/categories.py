"""The categories and tags of an article, and which of them is its section. Pure."""

from collections.abc import Iterable

from digest.content.sanitise import one_line, title_text
from digest.settings import Source

LENGTH = 200  # of the store's column
# How WordPress calls, in some of its languages, the category of what nobody put anywhere. Not told by its slug: that stays “uncategorized” when a
# site gives the category a name and makes it a real one.
NOWHERE = frozenset(
    {
        "uncategorized", "uncategorised", "allgemein", "non classé", "sin categoría", "sense categoria", "senza categoria", "sem categoria",
        "geen categorie", "niet gecategoriseerd", "bez kategorii", "nezařazené", "okategoriserade", "ukategorisert", "ikke kategoriseret",
        "yleinen", "без рубрики", "未分類", "未分类", "미분류", "غير مصنف",
    }
)  # fmt: skip


def names_of(names: Iterable[str]) -> tuple[str, ...]:
    """Categories' names as plain text, each once and in their order; WordPress's own for “none” is none."""
    plain = (title_text(name)[:LENGTH] for name in names)
    return tuple(dict.fromkeys(name for name in plain if name and name.casefold() not in NOWHERE))


def section_of(categories: tuple[str, ...], source: Source) -> str:
    """The first category, else the source's own section; empty where it has none."""
    return categories[0] if categories else one_line(source.section)

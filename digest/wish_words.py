"""What a reader chose, in plain words for whoever edits or supports a newsletter. Pure."""

from collections.abc import Collection, Iterator

from subscribers.wish import Served, Wish


def words(wish: Wish) -> str:
    """“follow Sea and Sky, and what Ada writes; without Town; came from daily”; for whoever chose nothing “everything”."""
    return "; ".join(_parts(wish)) or "everything"


def _parts(wish: Wish) -> Iterator[str]:
    if wish.sections or wish.authors:
        yield f"follow {_both(wish.sections, wish.authors)}"
    if wish.muted_sections or wish.muted_authors:
        yield f"without {_both(wish.muted_sections, wish.muted_authors)}"
    stood = Served.parse(wish.served)
    if stood is not None:
        yield f"came from {stood.cadence}"


def _both(sections: Collection[str], authors: Collection[str]) -> str:
    by = f"what {listed(authors)} {'writes' if len(authors) == 1 else 'write'}" if authors else ""
    return ", and ".join(part for part in (listed(sections), by) if part)


def listed(names: Collection[str]) -> str:
    """“Sea, Sky and Town”, in the order of the alphabet."""
    first, *others = sorted(names, key=str.casefold) or [""]
    *middle, last = others or [""]
    return " and ".join(part for part in (", ".join((first, *middle)), last) if part)

"""A reader who does not exist: with a choice, a language and a time zone to look at. Every name must be one that there is."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from zoneinfo import available_timezones

from sqlalchemy import Connection, select

from digest.content.tables import ArticleRow, AuthorRow
from digest.content.values import ArticleState
from digest.delivery.values import Claimed
from digest.editions.pool import folded
from digest.errors import DigestError
from digest.newsletter import Newsletter
from digest.personal import SAMPLE
from subscribers.wish import Wish

SHOWN = 12  # of a publication's many names, the nearest


def invented(
    connection: Connection,
    newsletter: Newsletter,
    *,
    sections: Iterable[str] = (),
    authors: Iterable[str] = (),
    mute: Iterable[str] = (),
    language: str = "",
    zone: str = "",
) -> Claimed:
    """Somebody who follows these and mutes those, sections or authors. Each text may be several names with commas between. Raises `DigestError` for a
    name that is not known, and says which are."""
    its_sections, its_authors = known_sections(connection, newsletter), known_authors(connection, newsletter)
    muted = list(_names(mute, {**its_authors, **its_sections}, "section or author"))
    wish = Wish(
        sections=frozenset(_names(sections, its_sections, "section")),
        authors=frozenset(_names(authors, its_authors, "author")),
        muted_sections=frozenset(name for name in muted if folded(name) in its_sections),
        muted_authors=frozenset(name for name in muted if folded(name) not in its_sections),
    )
    return SAMPLE._replace(plan=wish.key, language=language, time_zone=known_zone(zone))


def known_sections(connection: Connection, newsletter: Newsletter) -> dict[str, str]:
    """Those it declares, or has articles in, by their folded names."""
    query = select(ArticleRow.section).distinct().where(ArticleRow.state == ArticleState.PUBLISHED, ArticleRow.section != "")
    if newsletter.sources:
        query = query.where(ArticleRow.source.in_(newsletter.sources))
    hidden = set(map(folded, newsletter.exclude_sections))
    found = _by_folded((*sorted(connection.scalars(query)), *newsletter.sign_up.sections, *newsletter.sections))
    return {name: spelt for name, spelt in found.items() if name not in hidden}


def known_authors(connection: Connection, newsletter: Newsletter) -> dict[str, str]:
    """Those it declares, or who wrote an article, by their folded names."""
    query = select(AuthorRow.name).distinct().join(ArticleRow, ArticleRow.author_id == AuthorRow.id).where(ArticleRow.state == ArticleState.PUBLISHED)
    if newsletter.sources:
        query = query.where(ArticleRow.source.in_(newsletter.sources))
    return _by_folded((*sorted(connection.scalars(query)), *newsletter.sign_up.authors))


def known_zone(name: str) -> str:
    if not name:
        return name
    zones = {folded(zone): zone for zone in available_timezones()}
    if folded(name) not in zones:
        near = get_close_matches(folded(name), zones, n=3) or [zone for zone in zones if zone.rpartition("/")[2] == folded(name).replace(" ", "_")]
        raise DigestError(f"There is no time zone “{name}”{_did_you_mean([zones[one] for one in near]) or ': write it like Europe/Berlin.'}")
    return zones[folded(name)]


def _by_folded(names: Iterable[str]) -> dict[str, str]:
    return {folded(name): name for name in names}


def _names(texts: Iterable[str], known: Mapping[str, str], kind: str) -> Iterator[str]:
    for text in texts:
        parts = [text] if folded(text) in known else [part for part in text.split(",") if part.strip()]
        for part in parts:
            if folded(part) not in known:
                raise DigestError(_unknown(part.strip(), known, kind))
            yield known[folded(part)]


def _unknown(name: str, known: Mapping[str, str], kind: str) -> str:
    near = [known[one] for one in get_close_matches(folded(name), known, n=SHOWN if len(known) > SHOWN else 1)]
    there = sorted(known.values(), key=str.casefold) if len(known) <= SHOWN else []
    listed = f" There are: {', '.join(there)}." if there else f" There are {len(known)}." if known else " None is known: run `digest sync` first."
    return f"There is no {kind} “{name}”{_did_you_mean(near) or '.'}{listed}"


def _did_you_mean(names: Collection[str]) -> str:
    return f": did you mean {' or '.join(f'“{name}”' for name in names)}?" if names else ""

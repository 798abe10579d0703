"""What of a pool is in any reader's selection: only that is drawn, however much there was to choose from. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from digest.editions.plan import Planner
from digest.editions.pool import Item, Pool
from digest.editions.selection import present
from digest.editions.values import Edition
from subscribers.wish import EVERYTHING, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """By article ids: what stands in any selection, and what leads one."""

    stories: frozenset[int]
    leads: frozenset[int]

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(stories=self.stories | other.stories, leads=self.leads | other.leads)


NOTHING = Reach(stories=frozenset(), leads=frozenset())


class Reacher:
    """Looks at wishes as if all of the pool were drawn."""

    def __init__(self, pool: Pool) -> None:
        self._planner = Planner(replace(pool, items=tuple(replace(item, drawn=True, leads=True) for item in pool.items)))

    def of(self, wish: Wish) -> Reach | None:
        """None where nothing is new for its readers."""
        asked_for, plan = self._planner.planned(wish)
        if plan is None:
            return None
        lead = frozenset() if plan.lead is None else frozenset({plan.lead})
        return Reach(stories=frozenset({*plan.ranked, *asked_for}), leads=lead)


def reach(pool: Pool, wishes: Iterable[Wish]) -> Reach:
    """Of these wishes, and of whoever wants what everybody gets."""
    reacher = Reacher(pool)
    stories: set[int] = set()
    leads: set[int] = set()
    for wish in (EVERYTHING, *wishes):
        its = reacher.of(wish) or NOTHING
        stories |= its.stories
        leads |= its.leads
    return Reach(stories=frozenset(stories), leads=frozenset(leads))


def drawn(pool: Pool) -> Reach:
    """What is drawn of it."""
    return Reach(
        stories=frozenset(item.id for item in pool.items if item.drawn), leads=frozenset(item.id for item in pool.items if item.drawn and item.leads)
    )


def reduced(edition: Edition, its: Reach) -> Edition:
    """An edition with a pool, of which only so much is drawn; the pool goes on knowing all."""
    if edition.pool is None:
        return edition
    kept = [(link, count) for link, count in zip(edition.join, edition.join_counts, strict=True) if link.article_id in its.stories]
    sections = (
        replace(section, stories=tuple(story for story in section.stories if story.article_id in its.stories)) for section in edition.sections
    )
    less = replace(
        edition,
        leads=tuple(story for story in edition.leads if story.article_id in its.leads),
        sections=tuple(section for section in sections if section.stories),
        join=tuple(link for link, _ in kept),
        join_counts=tuple(count for _, count in kept),
        pool=replace(edition.pool, items=tuple(_flagged(item, its) for item in edition.pool.items)),
    )
    return replace(less, blocks=present(less, edition.blocks))


def _flagged(item: Item, its: Reach) -> Item:
    return replace(item, drawn=item.id in its.stories, leads=item.id in its.leads)

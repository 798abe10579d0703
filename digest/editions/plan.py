"""What of an edition's pool is for one reader: by what they follow and mute, and by what they had in another cadence. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from digest.editions.pool import Had, Item, Plan, Pool, Said, folded
from subscribers.wish import Wish

NOTHING_HAD = Had()


def plan(pool: Pool, wish: Wish) -> Plan | None:
    """One reader's selection; None where nothing in the pool is new for them. For many wishes of one pool see `Planner`."""
    return Planner(pool).plan(wish)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """What is open to the readers of one `served`: the ids of what they may get, and the site's ranking as it is for them."""

    had: Had
    open: frozenset[int]
    ranking: tuple[Item, ...]


class Planner:
    """Makes the plans of one pool, of what is drawn of it. Whatever all wishes share is put in order once: an edition may have 60,000 of them."""

    def __init__(self, pool: Pool) -> None:
        items = [item for item in pool.items if item.drawn]
        self._pool = pool
        self._page = {item.id: place for place, item in enumerate(items)}
        self._leads = frozenset(item.id for item in items if item.leads)
        self._join = {article_id: place for place, article_id in enumerate(pool.join)}
        self._best = sorted(items, key=lambda item: (-item.score, item.id))
        self._sections: dict[str, list[int]] = defaultdict(list)
        self._authors: dict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(self._best):
            self._sections[item.section].append(place)
            self._authors[item.author].append(place)
        self._ranking = sorted((item for item in items if item.rank is not None), key=lambda item: (item.rank, item.id))
        self._top, self._recent = (tuple(said.id for said in some) for some in (pool.top, pool.recent))
        self._pinned = tuple(item for item in (*self._ranking, *(item for item in self._best if item.rank is None)) if item.pinned)
        self._offers = {served: self._offer(had) for served, had in {"": NOTHING_HAD, **pool.served}.items()}

    def plan(self, wish: Wish) -> Plan | None:
        """The pins, then what the reader asked for, the best first, then the site's best while it is too little; None where the reader asked for
        nothing that is there. A pin counts as asked for where they would have got it without one."""
        return self.planned(wish)[1]

    def planned(self, wish: Wish) -> tuple[list[int], Plan | None]:
        """The ids of what the reader asked for, as much of it as a mail may hold, and their plan: a pin may take the place of some of it."""
        offer = self._offers.get(wish.served) or self._offers[""]
        muted = _Muted(sections=_names(wish.muted_sections), authors=_names(wish.muted_authors))
        wanted = _first(max(1, self._pool.articles), self._wanted(wish, offer), offer, muted)
        if not wanted:
            return [], None
        most = self._pool.articles
        chosen = self._led(wanted)[:most]
        short = min(self._pool.filler, most) - len(chosen)
        ranked = [item.id for item in chosen]
        filled = [item.id for item in _first(short, (item for item in offer.ranking if item.id not in ranked), offer, muted)] if short > 0 else []
        return [item.id for item in wanted], self._laid_out([*ranked, *filled], frozenset(filled), offer, muted)

    def _led(self, wanted: list[Item]) -> list[Item]:
        """What must lead before all, else the best of what the reader asked for; then the pins; then the rest of what they asked for."""
        others = [item for item in wanted if not item.pinned] if self._pinned else wanted
        room = self._pool.articles - len(self._pinned)
        best = wanted[0] if room > 0 or not self._pinned else self._pinned[0]
        lead = next((item for item in (*self._pinned, *others[: max(room, 0)]) if item.first), best)
        return [lead, *(item for item in (*self._pinned, *others) if item is not lead)] if self._pinned or lead is not wanted[0] else wanted

    def _offer(self, had: Had) -> _Offer:
        ids = (item.id for item in self._best if item.id not in had.articles and (not item.missed or item.id in had.missed))
        missed = [item for item in self._best if item.rank is None and item.missed and item.id in had.missed]
        return _Offer(had=had, open=frozenset(ids), ranking=tuple(_joined(self._ranking, missed)))

    def _lead(self, ranked: Sequence[int]) -> int | None:
        """The best of them. A wish that nobody had when the edition was drawn may have a best one that leads nobody's mail: then the next."""
        return next((number for number in ranked if number in self._leads), None)

    def _wanted(self, wish: Wish, offer: _Offer) -> Iterable[Item]:
        if not wish.sections and not wish.authors:
            return offer.ranking
        places: set[int] = set()
        for name in wish.sections:
            places.update(self._sections.get(folded(name), ()))
        for name in wish.authors:
            places.update(self._authors.get(folded(name), ()))
        return map(self._best.__getitem__, sorted(places))

    def _laid_out(self, ranked: Sequence[int], filled: frozenset[int], offer: _Offer, muted: "_Muted") -> Plan:
        pool = self._pool
        lead = self._lead(ranked) if pool.leads else None
        talked = sorted(map(self._join.__getitem__, filter(self._join.__contains__, ranked)))
        stories = sorted(ranked, key=self._page.__getitem__)
        if lead is not None:
            stories.remove(lead)
        return Plan(
            lead=lead,
            stories=tuple(stories),
            ranked=tuple(ranked),
            top=_said(pool.top, self._top, offer.had.comments, muted),
            recent=_said(pool.recent, self._recent, offer.had.comments, muted),
            join=tuple(map(pool.join.__getitem__, talked[: pool.join_links])),
            filled=filled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Muted:
    sections: frozenset[str]
    authors: frozenset[str]


def _names(names: Collection[str]) -> frozenset[str]:
    return frozenset(map(folded, names)) if names else frozenset()


def _first(number: int, items: Iterable[Item], offer: _Offer, muted: _Muted) -> list[Item]:
    """The first so many of `items` that this reader may get."""
    allowed, sections, authors = offer.open, muted.sections, muted.authors
    kept = (item for item in items if item.id in allowed and item.section not in sections and item.author not in authors)
    return list(islice(kept, number))


def _said(comments: Sequence[Said], ids: tuple[int, ...], had: frozenset[int], muted: _Muted) -> tuple[int, ...]:
    """The `ids` of those that this reader may get."""
    sections, authors = muted.sections, muted.authors
    if not (had or sections or authors):
        return ids
    return tuple(one.id for one in comments if one.pinned or (one.id not in had and one.section not in sections and one.author not in authors))


def _joined(ranking: Sequence[Item], missed: Sequence[Item]) -> Iterator[Item]:
    """Each missed one before the first of the ranking that scored less; both are the best first."""
    waiting = list(reversed(missed))
    for item in ranking:
        while waiting and waiting[-1].score > item.score:
            yield waiting.pop()
        yield item
    yield from reversed(waiting)

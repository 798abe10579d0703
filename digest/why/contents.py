"""Why each item of an edition is in a reader's mail, and why what they might have looked for is not. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from digest.editions.plan import Planner
from digest.editions.pool import Had, Item, Plan, Pool, folded
from digest.editions.values import Choice, Kind, Place
from subscribers.wish import EVERYTHING, Served, Wish

REMOVED = "removed at its source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article as the store has it now. `published`: whether it may still be shown."""

    title: str
    section: str
    author: str
    published: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """An article, and why it is in the mail, or why not."""

    article_id: int
    title: str
    section: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """In the order of their worth. Of what all get the same, only what was removed is told as left out."""

    items: tuple[Reason, ...] = ()
    left_out: tuple[Reason, ...] = ()
    comments: str = ""  # what of the blocks of comments


def plain(choice: Choice, articles: Mapping[int, Told]) -> Contents:
    """Of an edition that is the same for everybody."""
    shown = [pick for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place in (Place.LEAD, Place.SECTION)]
    items = (_reason(pick.id, articles, f"in everybody’s edition{f', {pick.note}' if pick.note else ''}") for pick in shown)
    top, recent = (sum(pick.place is place for pick in choice.picks) for place in (Place.TOP, Place.RECENT))
    return Contents(
        items=tuple(items), left_out=tuple(_removed(articles, {pick.id for pick in shown}, None)), comments=_comments(top, top, recent, recent)
    )


class Personal:
    """Of an edition that readers get as they chose. `plan` is the reader's, as it fits into a mail; None: there was nothing new for them."""

    def __init__(self, pool: Pool, wish: Wish, plan: Plan | None, choice: Choice, articles: Mapping[int, Told]) -> None:
        self._pool, self._wish, self._choice, self._articles = pool, wish, choice, articles
        planner = Planner(pool)
        everybody = planner.plan(EVERYTHING)
        whole = planner.plan(wish)
        self._everybody = frozenset(everybody.ranked if everybody else ())
        self._whole = frozenset(whole.ranked if whole else ())
        self._plan = plan
        self._ranked = plan.ranked if plan else ()
        self._had = pool.served.get(wish.served, Had())
        stood = Served.parse(wish.served)
        self._before = stood.cadence if stood else ""
        self._sections = {folded(name): name for name in wish.sections}
        self._authors = {folded(name): name for name in wish.authors}

    def contents(self) -> Contents:
        items = {item.id: item for item in self._pool.items}
        shown = tuple(self._in(items[number]) for number in self._ranked)
        plan, pool = self._plan, self._pool
        comments = _comments(len(plan.top), len(pool.top), len(plan.recent), len(pool.recent)) if plan else ""
        return Contents(items=shown, left_out=tuple(self._left_out()), comments=comments)

    def _in(self, item: Item) -> Reason:
        why = self._why_in(item)
        return _reason(item.id, self._articles, why if self._published(item.id) else f"{why}; {REMOVED} since", title=item.title)

    def _why_in(self, item: Item) -> str:
        if item.pinned:
            return "pinned by an editor: everybody gets it"
        if self._plan and item.id in self._plan.filled:
            return "filled up: too little of what they follow"
        if followed := self._followed(item.section, item.author):
            return followed
        if item.missed:
            return f"went by here while they were in {self._before}"
        return "in everybody’s edition" if item.id in self._everybody else "next best, in place of what they do without"

    def _followed(self, section: str, author: str) -> str:
        if section in self._sections:
            return f"they follow {self._sections[section]}"
        return f"they follow {self._authors[author]}, who wrote it" if author in self._authors else ""

    def _left_out(self) -> Iterator[Reason]:
        missing = [item for item in self._pool.items if item.id not in self._ranked and self._looked_for(item)]
        for item in sorted(missing, key=lambda item: (-item.score, item.id)):
            yield _reason(item.id, self._articles, self._why_not(item), title=item.title)
        in_pool = {item.id for item in self._pool.items}
        for passed in self._choice.passed_over:
            told = self._articles.get(passed.id) if passed.kind is Kind.ARTICLE else None
            if told and told.published and passed.id not in in_pool and self._followed(folded(told.section), folded(told.author)):
                yield _reason(passed.id, self._articles, f"not chosen for anybody: {passed.why}")
        yield from _removed(self._articles, in_pool, self._followed if self._sections or self._authors else None)

    def _looked_for(self, item: Item) -> bool:
        """Whether they would have expected it: it is what they follow, or what everybody gets who follows nothing."""
        if item.missed and item.id not in self._had.missed:
            return False
        if self._sections or self._authors:
            return bool(self._followed(item.section, item.author))
        return item.id in self._everybody or item.missed

    def _why_not(self, item: Item) -> str:
        muted_section = next((name for name in self._wish.muted_sections if folded(name) == item.section), "")
        muted_author = next((name for name in self._wish.muted_authors if folded(name) == item.author), "")
        if muted_section or muted_author:
            return f"they mute {muted_section or muted_author}"
        if item.id in self._had.articles:
            return f"they had their chance of it in {self._before}"
        if item.id in self._whole:
            return "too much for one mail: the lowest are left out"
        return f"beyond the limit: a mail holds {self._pool.articles} articles"

    def _published(self, article_id: int) -> bool:
        told = self._articles.get(article_id)
        return told is None or told.published


def ids(pool: Pool | None, choice: Choice) -> set[int]:
    """The articles that may be told of."""
    picked = {pick.id for pick in choice.picks if pick.kind is Kind.ARTICLE}
    passed_over = {passed.id for passed in choice.passed_over if passed.kind is Kind.ARTICLE}
    return {*picked, *passed_over, *choice.considered, *(item.id for item in (pool.items if pool else ()))}


def _removed(articles: Mapping[int, Told], besides: Collection[int], among: Callable[[str, str], object] | None) -> Iterator[Reason]:
    """Of those that nobody may see any more the ones that are not told of yet; `among`: by section and author."""
    for number, told in sorted(articles.items(), key=lambda pair: pair[0]):
        if number not in besides and not told.published and (among is None or among(folded(told.section), folded(told.author))):
            yield _reason(number, articles, REMOVED)


def _comments(top: int, of_top: int, recent: int, of_recent: int) -> str:
    """“3 top comments, 2 of 4 recent ones”: where some are missing, the reader mutes or had them, or they were too much for a mail."""
    parts = ((top, of_top, "top comments"), (recent, of_recent, "recent ones"))
    return ", ".join(f"{shown} {what}" if shown == whole else f"{shown} of {whole} {what}" for shown, whole, what in parts if whole)


def _reason(number: int, articles: Mapping[int, Told], why: str, *, title: str = "") -> Reason:
    told = articles.get(number)
    return Reason(article_id=number, title=told.title if told else title or f"article {number}", section=told.section if told else "", why=why)

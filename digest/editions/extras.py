"""Which articles an edition keeps for readers of their own choice, beside those that everybody gets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from digest.editions.article_score import ScoredArticle
from digest.editions.demand import Demand
from digest.editions.pool import folded
from digest.rules import Limits

# Whoever mutes a section or had some of it already: so many times as much of the ranking as an edition shows is at hand for them.
FURTHER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """`followed` only for those who follow its section or author, `missed` only for those who came from another cadence; both the best first."""

    followed: tuple[ScoredArticle, ...] = ()
    missed: tuple[ScoredArticle, ...] = ()


def further(demand: Demand, limits: Limits) -> int:
    """How many more articles the ranking has than everybody gets: the reserves, or enough for those who do without some of the best."""
    return max(limits.reserves, (FURTHER - 1) * limits.articles if demand.reaches_on else 0)


def extras(scored: Sequence[ScoredArticle], missed: Sequence[ScoredArticle], demand: Demand, limits: Limits, *, besides: Collection[int]) -> Extras:
    """Of each followed section and author as many as an edition shows and keeps in reserve, whatever of it a reader had before; of what went by the
    same, and the best of all. `besides` are in already."""
    articles = limits.articles
    news, gone_by = sorted(scored, key=best_first), sorted(missed, key=best_first)
    had = (frozenset[int](), *(had.articles for had in demand.served.values()))
    followed = _first_of_each(_followed(news, demand), had, articles + limits.reserves)
    owed: set[int] = set()
    for served in demand.served.values():
        theirs = [one for one in gone_by if one.article.id in served.missed]
        owed |= {one.article.id for one in theirs[: FURTHER * articles]} | _first_of_each(_followed(theirs, demand), [frozenset()], articles)
    return Extras(
        followed=tuple(one for one in news if one.article.id in followed and one.article.id not in besides),
        missed=tuple(one for one in gone_by if one.article.id in owed),
    )


def best_first(one: ScoredArticle) -> tuple[float, int]:
    return (-one.score, one.article.id)


def _followed(ranked: Iterable[ScoredArticle], demand: Demand) -> list[list[ScoredArticle]]:
    """A list for each followed section and for each followed author, in the order given."""
    sections: defaultdict[str, list[ScoredArticle]] = defaultdict(list)
    authors: defaultdict[str, list[ScoredArticle]] = defaultdict(list)
    for one in ranked:
        sections[folded(one.article.section)].append(one)
        if one.article.author is not None:
            authors[folded(one.article.author.name)].append(one)
    return [sections[name] for name in sorted(demand.sections & sections.keys())] + [
        authors[name] for name in sorted(demand.authors & authors.keys())
    ]


def _first_of_each(groups: Iterable[Sequence[ScoredArticle]], had: Iterable[frozenset[int]], number: int) -> set[int]:
    """The ids of the first so many in each group, for each kind of readers without what these had."""
    readers = list(had)
    found: set[int] = set()
    for group in groups:
        for theirs in readers:
            found.update(islice((one.article.id for one in group if one.article.id not in theirs), number))
    return found

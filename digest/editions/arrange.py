"""Which articles, in which order: greedy, the best first, each new one paid less the more it is like those chosen (docs/choosing.md)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median

from digest.content.values import Article
from digest.editions.article_score import ScoredArticle
from digest.editions.canonical import host
from digest.editions.similar import Print, likeness
from digest.newsletter import Newsletter

# Limits are given up in this order when they leave holes; gates never are.
RELAXED: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"domain"}),
    frozenset({"domain", "author"}),
    frozenset({"domain", "author", "section"}),
)
PINNED = "pinned"
WORTH_ITS_SECTION = 0.5  # of the median score: below it a section of its own is no favour


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An article in its place; `note` says what is special about it."""

    scored: ScoredArticle
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """`left` says of every article that is not in why."""

    placed: tuple[Placed, ...]
    reserves: tuple[ScoredArticle, ...]
    left: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def arrange(
    scored: Sequence[ScoredArticle],
    prints: Mapping[int, Print],
    newsletter: Newsletter,
    *,
    rotate: bool,
    pin: int | None = None,
    site_host: str = "",
    reserves: int | None = None,
) -> Arrangement:
    """The edition's articles in order, then those that step in if one falls: as many as `reserves`, or as the newsletter's limit.

    `rotate`: there is no signal, so sections take turns, the newest first. `pin` leads. Limits per section, author and outside domain hold, or the
    notes say which was relaxed.
    """
    table = _Table(scored, prints, newsletter, site_host)
    placed: list[Placed] = []
    if pin is not None and (pinned := table.take(pin)):
        placed.append(Placed(scored=pinned, note=PINNED))
    while len(placed) < newsletter.limits.articles and table.remaining:
        pool, broken = table.pool(newsletter.limits.articles - len(placed))
        best = table.best(pool, rotate=rotate)
        taken = broken[best.article.id]
        table.take(best.article.id)
        placed.append(Placed(scored=best, note=", ".join(f"limit per {name} relaxed" for name in sorted(taken))))
    left = table.reasons(placed)
    notes = (*_relaxations(placed), *(f"No article of the section “{section}” fitted within the limits." for section in table.unmet()))
    spare: list[ScoredArticle] = []
    while len(spare) < (newsletter.limits.reserves if reserves is None else reserves) and table.remaining:
        reserve = table.best(table.pool(0)[0], rotate=rotate)
        table.take(reserve.article.id)
        spare.append(reserve)
    return Arrangement(placed=tuple(placed), reserves=tuple(spare), left=left, notes=notes)


class _Table:
    """What is still to be had, and how far the limits are used up."""

    def __init__(self, scored: Sequence[ScoredArticle], prints: Mapping[int, Print], newsletter: Newsletter, site_host: str) -> None:
        rules = newsletter.articles
        self.remaining = {one.article.id: one for one in sorted(scored, key=lambda one: one.article.id)}
        self._prints = prints
        self._newsletter = newsletter
        self._site = host(f"//{site_host}") if "//" not in site_host else host(site_host)
        self._places = {one.article.id: self._used_up(one.article) for one in scored}
        self._tags = {one.article.id: frozenset(tag.casefold() for tag in one.article.tags) for one in scored}
        self._alike = dict.fromkeys(self.remaining, 0.0)
        self._used: Counter[tuple[str, object]] = Counter()
        size = min(newsletter.limits.articles, len(scored))
        self._most = {"section": ceil(size * rules.per_section_share), "author": rules.per_author, "domain": rules.per_domain}
        self._floor = WORTH_ITS_SECTION * median(one.score for one in scored) if scored else 0.0
        worthy = {_section(one.article) for one in scored if one.score >= self._floor}
        self._wanted = [section for section in newsletter.sections if section.casefold().strip() in worthy]

    def take(self, article_id: int) -> ScoredArticle | None:
        taken = self.remaining.pop(article_id, None)
        if taken is not None:
            self._used.update(self._places[article_id])
            for other in self.remaining:
                alike = likeness(self._prints[article_id], self._prints[other], self._newsletter.articles, self._tags)
                self._alike[other] = max(self._alike[other], alike)
        return taken

    def pool(self, places: int) -> tuple[list[ScoredArticle], dict[int, frozenset[str]]]:
        """Whoever may have the next place, with what limits each breaks: as few as possible. Once there are no more `places` than wanted
        sections without an article, only theirs."""
        broken = {number: self._broken(number) for number in self.remaining}
        relaxed = next(limits for limits in RELAXED if any(names <= limits for names in broken.values()))
        allowed = [one for one in self.remaining.values() if broken[one.article.id] <= relaxed]
        unmet = {section.casefold().strip() for section in self.unmet()}
        if unmet and len(unmet) >= places > 0:
            owed = [one for one in allowed if _section(one.article) in unmet and one.score >= self._floor]
            allowed = owed or allowed
        return allowed, broken

    def best(self, pool: Iterable[ScoredArticle], *, rotate: bool) -> ScoredArticle:
        def order(one: ScoredArticle) -> tuple[float, float, int]:
            turn = self._used[("section", _section(one.article))] if rotate else 0
            return (turn, -(one.score if rotate else self._worth(one)), one.article.id)

        return min(pool, key=order)

    def unmet(self) -> list[str]:
        """The newsletter's own sections that have something worth showing and no article yet."""
        return [section for section in self._wanted if not self._used[("section", section.casefold().strip())]]

    def reasons(self, placed: Sequence[Placed]) -> dict[int, str]:
        """Why each of the rest is not in."""
        last = min((one.scored.score for one in placed if one.note != PINNED), default=0.0)
        return {article_id: self._reason(one, last) for article_id, one in self.remaining.items()}

    def _reason(self, one: ScoredArticle, last: float) -> str:
        if one.score < last:
            return f"scored {one.score:.2f}, the lowest one in {last:.2f}"
        if broken := sorted(self._broken(one.article.id)):
            return f"scored {one.score:.2f}, but its {broken[0]} has its {self._most[broken[0]]} already"
        return f"scored {one.score:.2f}, but is too like others that are in"

    def _worth(self, one: ScoredArticle) -> float:
        share = self._newsletter.articles.relevance
        return share * one.score - (1 - share) * self._alike[one.article.id]

    def _broken(self, article_id: int) -> frozenset[str]:
        """The limits it would go beyond. To be without a section is no section."""
        return frozenset(name for name, place in self._places[article_id] if place != "" and self._used[(name, place)] >= self._most[name])

    def _used_up(self, article: Article) -> list[tuple[str, object]]:
        """What of the limits an article uses up. Only outside domains are limited, and only where the site's own host is known."""
        places: list[tuple[str, object]] = [("section", _section(article))]
        if article.author is not None:
            places.append(("author", article.author.id))
        domain = host(article.url)
        if self._site and domain != self._site and not domain.endswith(f".{self._site}"):
            places.append(("domain", domain))
        return places


def _section(article: Article) -> str:
    return article.section.casefold().strip()


def _relaxations(placed: Sequence[Placed]) -> list[str]:
    counts = Counter(note for one in placed for note in one.note.split(", ") if note.startswith("limit per "))
    return [
        f"The {name.removesuffix(' relaxed')} was relaxed for {number} article{'s' if number > 1 else ''}: without it places would have stayed empty."
        for name, number in sorted(counts.items())
    ]

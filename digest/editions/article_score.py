"""How much an article deserves a place: A of docs/choosing.md, every part of it named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp2, log2
from statistics import median

from digest.content.values import Article, Image
from digest.editions.canonical import canonical
from digest.editions.talk import Talk
from digest.editions.values import Term
from digest.rules import ArticleRules

SMALL_PICTURE = 200  # pixels: below it is an icon or a counter
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that may go in. `quotable`: a comment of its may be shown with it. `delivers_comments`: its source hands comments over."""

    article: Article
    talk: Talk
    quotable: bool
    delivers_comments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredArticle:
    """`score` is the sum of the terms."""

    candidate: Candidate
    score: float
    terms: tuple[Term, ...]

    @property
    def article(self) -> Article:
        return self.candidate.article


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What readers did with an article, in figures; a signal nobody has is 0."""

    comments: float
    people: float
    votes: float
    views: float

    @property
    def engagement(self) -> float:
        """E: every signal on a logarithmic scale, so that the tenth comment counts less than the second."""
        seen = 0.5 * log2(1 + self.views / 100)
        return log2(1 + self.comments) + 2 * log2(1 + self.people) + log2(1 + self.votes) + seen

    @property
    def note(self) -> str:
        figures = [(self.comments, "comments"), (self.people, "people"), (self.votes, "votes"), (self.views, "views")]
        return ", ".join(f"{figure:g} {name}" for figure, name in figures if figure) or "no talk yet"


def score_articles(
    candidates: Sequence[Candidate], rules: ArticleRules, *, window_start: datetime, cutoff: datetime, besides: Sequence[Candidate] = ()
) -> tuple[list[ScoredArticle], bool]:
    """All candidates with their scores, and whether readers gave any signal at all. Where they gave none, the newest is the best.

    `besides` come after them: measured by the candidates' scale, and no part of it.
    """
    signals = _signals(candidates, besides)
    window = max(1.0, (cutoff - window_start) / _HOUR)
    everybody = [*candidates, *besides]
    ages = [max(0.0, (cutoff - candidate.article.published_at) / _HOUR) for candidate in everybody]
    any_signal = any(signal.engagement > 0 for signal in signals[: len(candidates)])
    corrected = [_corrected(signal, age, window, rules.decay) for signal, age in zip(signals, ages, strict=True)]
    best = max(corrected[: len(candidates)], default=1.0)
    boosts = {canonical(url): boost for url, boost in rules.boosts.items()}
    scored = []
    for candidate, signal, age, share in zip(everybody, signals, ages, corrected, strict=True):
        fresh = exp2(-age / (window / 2))
        terms = [Term(name="freshness", value=(rules.freshness if any_signal else 1.0) * fresh, note=f"{age:.0f} hours old")]
        if any_signal:
            terms.insert(0, Term(name="talk", value=share / best, note=signal.note))
            terms.extend(_extras(candidate, rules))
        if boosts and (boost := boosts.get(canonical(candidate.article.url), 0.0)):
            terms.append(Term(name="editor’s boost", value=min(1.0, max(-1.0, boost))))
        scored.append(ScoredArticle(candidate=candidate, score=sum(term.value for term in terms), terms=tuple(terms)))
    return scored, any_signal


def usable(image: Image | None) -> bool:
    """A picture worth showing: on the web, and no icon as far as its size is known."""
    if image is None or not image.url.startswith(("https://", "http://")):
        return False
    return not 0 < image.width < SMALL_PICTURE and not 0 < image.height < SMALL_PICTURE / 2


def _corrected(signals: Signals, age: float, window: float, decay: float) -> float:
    """Ê: mildly corrected for age. Strong decay is for pages that are re-read all day; in one window it made picks worse."""
    correction: float = ((age + 12) / (window + 12)) ** decay
    return (signals.engagement + 0.3) / correction


def _extras(candidate: Candidate, rules: ArticleRules) -> list[Term]:
    terms = []
    if rules.image and usable(candidate.article.image):
        terms.append(Term(name="image", value=rules.image))
    if rules.comment and candidate.quotable:
        terms.append(Term(name="comment", value=rules.comment, note="has a comment worth quoting"))
    return terms


def _signals(candidates: Sequence[Candidate], besides: Sequence[Candidate]) -> list[Signals]:
    columns = zip(*(_column(signal, candidates, besides) for signal in _SIGNALS), strict=True)
    return [Signals(comments=comments, people=people, votes=votes, views=views) for comments, people, votes, views in columns]


def _column(signal: Callable[[Candidate], float | None], candidates: Sequence[Candidate], besides: Sequence[Candidate]) -> list[float]:
    """One signal of them all. One that is missing is taken for the median where at least half of the candidates have it (a 0 would punish them for
    their source), else for 0."""
    values = [signal(candidate) for candidate in candidates]
    known = [value for value in values if value is not None]
    missing = median(known) if known and 2 * len(known) >= len(values) else 0.0
    return [missing if value is None else value for value in (*values, *(signal(candidate) for candidate in besides))]


def _comments(candidate: Candidate) -> float | None:
    return len(candidate.talk.comments) if candidate.delivers_comments else candidate.article.comment_count


def _people(candidate: Candidate) -> float | None:
    return candidate.talk.people if candidate.delivers_comments else None


def _votes(candidate: Candidate) -> float | None:
    return None if candidate.article.votes is None else max(0, candidate.article.votes)


def _views(candidate: Candidate) -> float | None:
    return None if candidate.article.views is None else max(0, candidate.article.views)


_SIGNALS: tuple[Callable[[Candidate], float | None], ...] = (_comments, _people, _votes, _views)

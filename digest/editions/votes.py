"""What readers' votes say of a comment, made fair to those that came late (docs/choosing.md)."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, log1p, sqrt

from digest.content.values import Comment
from digest.editions.talk import Talk

Z = 1.2816  # 80 % two-sided: with likes only, 5 of 5 come to .75
LEAST_EXPOSURE = 0.15
LEAST_REFERENCE = 5.0  # below this rate votes are too few to fill the scale
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What votes are measured against in one edition: `reference` is the rate worth a full score, `downvoting` the sources whose
    readers vote comments down. `rates` has what it was found from: by article the rate of each of its talk's comments."""

    reference: float = LEAST_REFERENCE
    downvoting: frozenset[str] = frozenset()
    rates: Mapping[int, "array[float]"] = field(default_factory=dict, compare=False, repr=False)


def exposure(comment: Comment, published_at: datetime, cutoff: datetime) -> float:
    """How much of its article's time a comment was there to be voted on, .15 … 1, on a scale of logarithms: most votes come early."""
    return _share(comment.posted_at, _grown(published_at, cutoff), cutoff)


def _share(posted_at: datetime, whole: float, cutoff: datetime) -> float:
    share = _grown(posted_at, cutoff) / whole if whole else 1.0
    return LEAST_EXPOSURE if share < LEAST_EXPOSURE else 1.0 if share > 1.0 else share


def _grown(since: datetime, until: datetime) -> float:
    return log1p((until - since) / _HOUR) if since < until else 0.0


def rate(comment: Comment, published_at: datetime, cutoff: datetime) -> float:
    """Net votes by exposure; half a unit is added so that a first vote on a new comment does not win by itself."""
    net = net_votes(comment)
    return net / (exposure(comment, published_at, cutoff) + 0.5) if net > 0 else 0.0


def rates(talk: Talk, cutoff: datetime) -> Iterator[float]:
    """The `rate` of each of its comments in order, its article's time taken once."""
    whole = _grown(talk.article.published_at, cutoff)
    for comment in talk.comments:
        net = (comment.votes_up or 0) - (comment.votes_down or 0)
        yield net / (_share(comment.posted_at, whole, cutoff) + 0.5) if net > 0 else 0.0


def net_votes(comment: Comment) -> int:
    return (comment.votes_up or 0) - (comment.votes_down or 0)


def wilson(up: int, down: int) -> float:
    """The lower bound of the share of votes that are for it; 0 without votes."""
    total = up + down
    if total <= 0:
        return 0.0
    share = up / total
    spread = Z * sqrt((share * (1 - share) + Z * Z / (4 * total)) / total)
    return max(0.0, (share + Z * Z / (2 * total) - spread) / (1 + Z * Z / total))


def scale(talks: Iterable[Talk], cutoff: datetime, besides: Iterable[Talk] = ()) -> Scale:
    """The scale of all talk at hand; `besides` is measured by it and no part of it.

    The reference is an observed rate (nearest rank), never one between two: else a comment's own new vote could move it and cost another its place.
    """
    by_article: dict[int, array[float]] = {}
    downvoting: set[str] = set()
    for talk in talks:
        by_article[talk.article.id] = array("d", rates(talk, cutoff))
        downvoting.update(comment.source for comment in talk.comments if comment.votes_down)
    observed = [rate for found in by_article.values() for rate in found]
    by_article.update((talk.article.id, array("d", rates(talk, cutoff))) for talk in besides)
    return Scale(reference=max(LEAST_REFERENCE, percentile(observed, 0.95)), downvoting=frozenset(downvoting), rates=by_article)


def percentile(values: Sequence[float], share: float) -> float:
    """The value at or below which `share` of all values lie; 0 when there are none."""
    return sorted(values)[ceil(share * len(values)) - 1] if values else 0.0


def votes_score(comment: Comment, published_at: datetime, cutoff: datetime, measure: Scale) -> float:
    """V, 0 … 1."""
    earned = rate(comment, published_at, cutoff)
    liked = min(1.0, log1p(earned) / log1p(measure.reference)) if earned else 0.0
    if comment.source not in measure.downvoting:
        return liked
    return 0.6 * wilson(max(0, comment.votes_up or 0), max(0, comment.votes_down or 0)) + 0.4 * liked


def votes_scores(talk: Talk, measure: Scale) -> Iterator[float]:
    """V of each of its comments in order, as `votes_score` gives it but for rounding: from the rates that `measure` was found from."""
    full = log1p(measure.reference)
    for comment, earned in zip(talk.comments, measure.rates[talk.article.id], strict=True):
        liked = 1.0 if earned >= measure.reference else log1p(earned) / full
        if comment.source in measure.downvoting:
            yield 0.6 * wilson(max(0, comment.votes_up or 0), max(0, comment.votes_down or 0)) + 0.4 * liked
        else:
            yield liked

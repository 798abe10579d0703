"""The blocks of the week: its top comments, and the newest ones."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import nlargest

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment, quotable
from digest.editions.quotes import plain
from digest.editions.scores import Scores
from digest.editions.talk import Talk
from digest.editions.voices import Voices

RELEVANCE = 0.8  # λ: 1 = score alone, 0 = variety alone
SAME_ARTICLE = 0.5  # how alike two comments on one article are
NEWEST = 100  # are put in order first: more are looked at only where so many may not be shown


class TopComments:
    """The best comments of the week that may still be shown; each further one on the same article is paid less."""

    def __init__(self, talks: Iterable[Talk], in_week: Callable[[Comment], bool], scores: Scores, voices: Voices) -> None:
        self._ranked = scores.best_first(talks, in_week)
        self._waiting: list[ScoredComment] = []  # drawn from the ranked ones, not taken so far
        self._rules = scores.rules
        self._voices = voices
        self._articles: Counter[int] = Counter()

    def take(self, number: int) -> list[ScoredComment]:
        """The next ones, at most so many."""
        taken: list[ScoredComment] = []
        while len(taken) < number and (best := self._best()):
            self._waiting.remove(best)
            self._voices.add(best)
            self._articles[best.comment.article_id] += 1
            taken.append(best)
        return taken

    def _best(self) -> ScoredComment | None:
        """The best by score less likeness, editors' picks before all others. Likeness only takes away, so the search ends early."""
        best: ScoredComment | None = None
        worth = 0.0
        for one in self._in_order():
            if best is not None and (RELEVANCE * one.score < worth or best.comment.featured > one.comment.featured):
                break
            own = RELEVANCE * one.score - (1 - RELEVANCE) * SAME_ARTICLE * bool(self._articles[one.comment.article_id])
            if (best is None or own > worth) and not self._voices.objects(one):
                best, worth = one, own
        return best

    def _in_order(self) -> Iterator[ScoredComment]:
        yield from tuple(self._waiting)
        for one in self._ranked:
            if quotable(one, self._rules):
                self._waiting.append(one)
                yield one
            else:
                self._voices.passed.setdefault(one.comment.id, plain(one, self._rules))


def recent_comments(comments: Iterable[Comment], number: int, scores: Scores, voices: Voices) -> list[ScoredComment]:
    """The newest comments that may still be shown, one a person, insults left out."""
    chosen: list[ScoredComment] = []
    for comment in _newest_first(list(comments)):
        if len(chosen) == number:
            break
        one = scores.of(comment)
        if one.insulting:
            voices.passed[comment.id] = "holds an insult"
        elif not voices.objects(one):
            voices.add(one)
            chosen.append(one)
    return chosen


def _newest_first(comments: list[Comment]) -> Iterator[Comment]:
    """The lower id first among comments of one moment."""
    latest = nlargest(NEWEST, (comment.posted_at for comment in comments))
    yield from sorted((comment for comment in comments if comment.posted_at >= latest[-1]), key=_newness, reverse=True)
    yield from sorted((comment for comment in comments if comment.posted_at < latest[-1]), key=_newness, reverse=True)


def _newness(comment: Comment) -> tuple[datetime, int]:
    return (comment.posted_at, -comment.id)

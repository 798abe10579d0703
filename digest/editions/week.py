"""The blocks of the week: its top comments, and the newest ones."""

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import attrgetter

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment, quotable
from digest.editions.quotes import plain
from digest.editions.scores import Scores
from digest.editions.voices import Voices

RELEVANCE = 0.8  # λ: 1 = score alone, 0 = variety alone
SAME_ARTICLE = 0.5  # how alike two comments on one article are


class TopComments:
    """The best of some comments that may still be shown; each further one on the same article is paid less."""

    def __init__(self, comments: Iterable[Comment], scores: Scores, voices: Voices) -> None:
        self._ranked = scores.best_first(comments)
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
    # Sorting keeps the order of equals: the lower id stands first among comments of one moment.
    for comment in sorted(sorted(comments, key=attrgetter("id")), key=attrgetter("posted_at"), reverse=True):
        if len(chosen) == number:
            break
        one = scores.of(comment)
        if one.insulting:
            voices.passed[comment.id] = "holds an insult"
        elif not voices.objects(one):
            voices.add(one)
            chosen.append(one)
    return chosen

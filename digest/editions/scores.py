"""The scores of an edition's comments, each worked out when it is first asked for.

Of 100,000 comments a few thousand can matter. To judge all of them to the last term took three times as long.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from math import log, log1p
from typing import Any

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment, Yardstick, context, score_comment, topic
from digest.editions.lexicon import lexicon
from digest.editions.talk import Talk
from digest.editions.votes import votes_score
from digest.editions.words import length, words

_Entry = tuple[tuple[Any, ...], int, Comment]
# Sorts before every scored comment of the same score, so that it is judged before any of them is given out.
_UNSCORED = -1.0


class Scores:
    """Gives the score of any eligible comment by its id."""

    def __init__(self, talks: Mapping[int, Talk], yardstick: Yardstick) -> None:
        self.talks = talks
        self.rules = yardstick.rules
        self._yardstick = yardstick
        self._topics: dict[int, frozenset[str]] = {}
        self._known: dict[int, ScoredComment] = {}

    def of(self, comment: Comment) -> ScoredComment:
        if comment.id not in self._known:
            article_id = comment.article_id
            if article_id not in self._topics:
                self._topics[article_id] = topic(self.talks[article_id].article, self._yardstick.language)
            self._known[comment.id] = score_comment(comment, self.talks[article_id], self._topics[article_id], self._yardstick)
        return self._known[comment.id]

    def known(self) -> list[ScoredComment]:
        """What was asked for so far."""
        return list(self._known.values())

    def best_first(self, comments: Iterable[Comment]) -> Iterator[ScoredComment]:
        """In exact order of rank, judging only those whose best possible score still stands before all that are judged."""
        heap: list[tuple[tuple[Any, ...], int, Comment]] = [
            ((not one.featured, -round(self._most(one), 6), _UNSCORED), one.id, one) for one in comments
        ]
        heapify(heap)
        while heap:
            rank, number, comment = heappop(heap)
            scored = self.of(comment)
            if rank[2] != _UNSCORED:
                yield scored
            else:
                heappush(heap, (scored.rank, number, comment))

    def _most(self, comment: Comment) -> float:
        """No less than its score: its votes, length and context as they are, every virtue a text can have, and no vice."""
        rules, talk = self.rules, self.talks[comment.article_id]
        lists = lexicon(self._yardstick.language)
        count = length(comment.text, words(comment.text), lists)
        long = min(1.0, log1p(count) / log(1 + rules.saturation_words))
        virtues = sum(max(0.0, weight) for weight in (rules.connectives, rules.number, rules.link, rules.personal, rules.on_topic))
        votes = rules.votes_weight * votes_score(comment, talk.article.published_at, self._yardstick.cutoff, self._yardstick.scale)
        return votes + long + virtues + sum(term.value for term in context(comment, talk, self._yardstick)) + 1e-6

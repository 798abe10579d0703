"""Who has spoken in an edition already, and what was said: so that nobody speaks twice and nothing is said twice."""

from collections.abc import Mapping

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment
from digest.editions.gates import ALREADY_QUOTED
from digest.editions.talk import Talk
from digest.editions.words import jaccard, words


class Voices:
    """Starts with what earlier editions quoted; `duplicate` is the word-set Jaccard from which two texts say the same.

    `passed` learns of each comment that was looked at and not taken why.
    """

    def __init__(self, talks: Mapping[int, Talk], quoted: frozenset[int], duplicate: float) -> None:
        self.passed: dict[int, str] = {}
        self._talks = talks
        self._quoted = quoted
        self._duplicate = duplicate
        self._shown: set[int] = set()
        self._people: set[str] = set()
        self._said: list[frozenset[str]] = []

    def objects(self, scored: ScoredComment, *, beside: str = "") -> bool:
        """Whether this comment may not be shown as well; `beside` is a text it would stand under."""
        why = self._objection(scored.comment, beside)
        if why:
            self.passed[scored.comment.id] = why
        return bool(why)

    def is_free(self, comment: Comment) -> bool:
        """Whether it may still be shown as the answer to another: not quoted before, not shown elsewhere."""
        return comment.id not in self._quoted and comment.id not in self._shown

    def add(self, scored: ScoredComment, reply: Comment | None = None) -> None:
        """Takes note of a comment, of what it answers and of the staff's reply, all three shown together."""
        comment = scored.comment
        above = next(self._talks[comment.article_id].above(comment), None)
        together = [one for one in (comment, above, reply) if one is not None]
        self._shown.update(one.id for one in together)
        self._people.add(comment.person)
        self._said.append(frozenset(words(comment.text)))
        for one in together:
            self.passed.pop(one.id, None)

    def _objection(self, comment: Comment, beside: str) -> str:
        if comment.id in self._quoted:
            return ALREADY_QUOTED
        if comment.id in self._shown:
            return "shown elsewhere in this edition"
        if comment.person in self._people:
            return "its writer has another comment in this edition"
        own = frozenset(words(comment.text))
        if beside and jaccard(own, frozenset(words(beside))) >= self._duplicate:
            return "says what the article’s excerpt says"
        if any(jaccard(own, said) >= self._duplicate for said in self._said):
            return "says what another comment in this edition says"
        return ""

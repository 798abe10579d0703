"""The one comment shown under an article, and the staff's answer to it."""

from dataclasses import dataclass

from digest.content.excerpt import excerpt
from digest.editions.comment_score import ScoredComment, quotable
from digest.editions.lede import lede
from digest.editions.scores import Scores
from digest.editions.talk import HOUSE, Talk
from digest.editions.voices import Voices
from digest.rules import CommentRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A comment to be shown under its article; `reply` is the staff's answer, shown with it as one exchange."""

    scored: ScoredComment
    reply: ScoredComment | None = None


def quote(talk: Talk, scores: Scores, voices: Voices, *, excerpt_words: int) -> Quoted | None:
    """The best comment of an article that may still be shown, or None: no comment is a legal answer."""
    beside = excerpt(lede(talk.article), excerpt_words).text
    for one in scores.best_first([talk]):
        if not quotable(one, scores.rules):
            voices.passed.setdefault(one.comment.id, plain(one, scores.rules))
        elif not voices.objects(one, beside=beside):
            reply = _reply(one, talk, scores, voices)
            voices.add(one, reply.comment if reply else None)
            return Quoted(scored=one, reply=reply)
    return None


def plain(scored: ScoredComment, rules: CommentRules) -> str:
    return f"text score {scored.text:.2f}: below {rules.quotable_from:.2f} it takes {rules.quotable_votes} votes or an editor’s pick"


def _reply(one: ScoredComment, talk: Talk, scores: Scores, voices: Voices) -> ScoredComment | None:
    """The best answer of the staff, else of the article's author."""
    if talk.is_by_house(one.comment):
        return None  # the house talking to itself is no exchange with a reader
    answers = [scores.of(answer) for answer in talk.answers.get(one.comment.id, ()) if talk.is_by_house(answer) and voices.is_free(answer)]
    worthy = [answer for answer in answers if answer.text >= scores.rules.exchange_from and answer.comment.person != one.comment.person]
    return min(worthy, key=lambda answer: (answer.comment.role not in HOUSE, answer.rank), default=None)

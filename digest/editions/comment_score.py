"""How good a comment is for quoting: S = weight · V + Q + C of docs/choosing.md, every part of it named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import log2, sqrt

from digest.content.values import Article, Comment
from digest.editions.lede import lede
from digest.editions.lexicon import lexicon
from digest.editions.talk import Talk
from digest.editions.text_score import text_score
from digest.editions.values import Term
from digest.editions.votes import Scale, net_votes, votes_score
from digest.editions.words import telling, words
from digest.rules import CommentRules

ON_TOPIC_FROM = 0.10  # cosine
TOPIC_LETTERS = 1_000  # of the article's beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What all comments of one edition are measured by."""

    rules: CommentRules
    language: str
    cutoff: datetime
    scale: Scale = field(default_factory=Scale)
    quoted_people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredComment:
    """`score` is the sum of the terms; `text` is Q alone."""

    comment: Comment
    score: float
    text: float
    words: float
    insulting: bool
    terms: tuple[Term, ...]

    @property
    def rank(self) -> tuple[bool, float, float, datetime, int]:
        """Sorts the best first: editors' picks, then score, then the shorter, the earlier, the lower id."""
        return (not self.comment.featured, -round(self.score, 6), self.words, self.comment.posted_at, self.comment.id)


def topic(article: Article, language: str) -> frozenset[str]:
    """What an article is about: the telling words of its title and beginning."""
    return telling(words(f"{article.title} {lede(article)[:TOPIC_LETTERS]}"), lexicon(language))


def score_comment(comment: Comment, talk: Talk, subject: frozenset[str], yardstick: Yardstick) -> ScoredComment:
    rules = yardstick.rules
    text = text_score(comment.text, rules, yardstick.language)
    terms = [*text.terms, *(Term(name=name, value=value, note=note) for name, value, note in context(comment, talk, yardstick))]
    if votes := votes_score(comment, talk.article.published_at, yardstick.cutoff, yardstick.scale):
        terms.insert(0, Term(name="votes", value=rules.votes_weight * votes, note=_votes_note(comment)))
    if not text.known.isdisjoint(subject) and cosine(telling(text.known, lexicon(yardstick.language)), subject) > ON_TOPIC_FROM:
        terms.append(Term(name="on topic", value=rules.on_topic))
    return ScoredComment(
        comment=comment,
        score=sum(term.value for term in terms),
        text=text.value,
        words=text.words,
        insulting=text.insulting,
        terms=tuple(terms),
    )


def cosine(one: frozenset[str], other: frozenset[str]) -> float:
    """The cosine between two texts, each word counted once, 0 … 1."""
    shared = len(one & other)
    return shared / sqrt(len(one) * len(other)) if shared else 0.0


def quotable(scored: ScoredComment, rules: CommentRules) -> bool:
    """An editor's pick, words that can stand alone, or enough votes."""
    return scored.text >= rules.quotable_from or raised(scored.comment, rules)


def raised(comment: Comment, rules: CommentRules) -> bool:
    """Whether it is quotable whatever its words."""
    return comment.featured or net_votes(comment) >= rules.quotable_votes


def context(comment: Comment, talk: Talk, yardstick: Yardstick) -> Iterator[tuple[str, float, str]]:
    """C without its last part, which takes the text: who answered, who speaks, and where in the thread. Each term's name, value and note: most
    are only added up."""
    rules, person = yardstick.rules, comment.person
    if answers := [answer for answer in talk.answers.get(comment.id, ()) if answer.person != person]:
        if any(talk.is_by_house(answer) for answer in answers):
            yield "staff reply", rules.staff_reply, ""
        repliers = len({answer.person for answer in answers})
        yield "repliers", rules.repliers * log2(1 + min(4, repliers)), f"{repliers} answered"
    if person not in yardstick.quoted_people:
        yield "new voice", rules.new_voice, ""
    above = list(talk.above(comment)) if comment.parent_id is not None else []
    # Whoever started the thread, or wrote the article, answers out of duty.
    if talk.is_by_author(comment) or any(other.person == person for other in above):
        yield "own thread", -rules.own_thread, ""
    if len(above) > 1:
        yield "depth", -rules.depth * (len(above) - 1), f"answer at depth {len(above)}"


def _votes_note(comment: Comment) -> str:
    up, down = comment.votes_up or 0, comment.votes_down or 0
    return f"{up} for, {down} against" if down else f"{up} likes"

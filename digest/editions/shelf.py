"""What editors may take into an edition: the articles and comments their changes name, as far as these may be shown. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from digest.content.values import Comment, Snapshot
from digest.editions.changes import Changes, Say
from digest.editions.comment_score import Yardstick
from digest.editions.gates import Gates
from digest.editions.layout import Layout, Told
from digest.editions.quotes import quote
from digest.editions.scores import Scores
from digest.editions.talk import HOUSE, Talk
from digest.editions.talks import talks
from digest.editions.values import Choice, Kind, PassedOver, Pick, Place
from digest.editions.voices import Voices
from digest.editions.votes import scale
from digest.newsletter import Newsletter


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """`talks` has what may be shown of what changes name, `refused` why of each other article; `passed` what the program found of what it left out.
    `quoted` were in earlier editions: the program quotes none of them by itself."""

    talks: Mapping[int, Talk]
    refused: Mapping[int, str]
    scores: Scores
    newsletter: Newsletter
    personal: bool
    says: Mapping[tuple[Kind, int], Say]
    passed: Mapping[tuple[Kind, int], PassedOver]
    quoted: frozenset[int]

    def why_not(self, article: int) -> str:
        """Why it may not be shown, or empty."""
        return "" if article in self.talks else self.refused.get(article, "it is not there, or not any more")

    def is_out(self, kind: Kind, number: int) -> bool:
        """Whether editors, all in all, want it out."""
        return self.says.get((kind, number)) is Say.DROPPED

    def comment(self, number: int) -> Comment | None:
        """The comment, if it may be shown."""
        return next((talk.by_id[number] for talk in self.talks.values() if number in talk.by_id), None)

    def article(self, layout: Layout, article: int) -> Told:
        """One that not everybody gets so far, with the comment that is, or would be, quoted under it. Only of what may be shown."""
        beside = next((told for told in layout.beside if told.id == article), None)
        if beside:
            return beside
        reserve = next((pick for pick in layout.reserves if pick.kind is Kind.ARTICLE and pick.id == article), None)
        spare = next((pick for pick in layout.reserves if pick.kind is Kind.COMMENT and pick.article_id == article), None)
        if reserve and spare:
            return Told(article=reserve, quote=replace(spare, place=Place.QUOTE))
        return Told(article=reserve or self._article(article), quote=self._best(article, layout))

    def quote(self, number: int, place: Place, layout: Layout) -> Pick:
        """A comment that may be shown; under an article with the staff's answer to it."""
        comment = next(talk.by_id[number] for talk in self.talks.values() if number in talk.by_id)
        there = next((pick for pick in layout.picks if pick.kind is Kind.COMMENT and pick.id == number), None)
        reply = self._reply(comment, layout) if place is Place.QUOTE else None
        if there:
            return replace(there, place=place, reply_id=reply)
        found = self.passed.get((Kind.COMMENT, number))
        scored = self.scores.of(comment)
        score, terms = (found.score, found.terms) if found and found.score is not None else (scored.score, scored.terms)
        return Pick(kind=Kind.COMMENT, id=number, article_id=comment.article_id, place=place, score=score, terms=terms, reply_id=reply)

    def _article(self, number: int) -> Pick:
        found, article = self.passed.get((Kind.ARTICLE, number)), self.talks[number].article
        score, terms = (found.score or 0.0, found.terms) if found else (0.0, ())
        return Pick(kind=Kind.ARTICLE, id=number, article_id=number, place=Place.SECTION, score=score, terms=terms, section=article.section)

    def _best(self, article: int, layout: Layout) -> Pick | None:
        """The comment that the program would quote, of those that stand nowhere yet."""
        if not self.newsletter.limits.quotes_per_article:
            return None
        shown = {number for pick in layout.picks for number in (pick.id if pick.kind is Kind.COMMENT else None, pick.reply_id) if number is not None}
        out = frozenset(number for (kind, number), say in self.says.items() if kind is Kind.COMMENT and say is Say.DROPPED)
        voices = Voices(self.talks, self.quoted | shown | out, self.newsletter.comments.duplicate)
        found = quote(self.talks[article], self.scores, voices, excerpt_words=self.newsletter.limits.excerpt_words)
        return self.quote(found.scored.comment.id, Place.QUOTE, layout) if found else None

    def _reply(self, comment: Comment, layout: Layout) -> int | None:
        """The first answer of the staff, else of the article's author, that stands nowhere else."""
        talk = self.talks[comment.article_id]
        if talk.is_by_house(comment):
            return None
        shown = {pick.id for pick in layout.picks if pick.kind is Kind.COMMENT} | {pick.reply_id for pick in layout.picks if pick.id != comment.id}
        answers = [one for one in talk.answers.get(comment.id, ()) if talk.is_by_house(one) and one.person != comment.person]
        free = [one for one in answers if one.id not in shown and not self.is_out(Kind.COMMENT, one.id)]
        best = min(free, key=lambda one: (one.role not in HOUSE, one.posted_at, one.id), default=None)
        return best.id if best else None


def shelf_of(choice: Choice, changes: Changes, snapshot: Snapshot, newsletter: Newsletter, *, personal: bool) -> Shelf:
    """Only what is named is looked at: of 100,000 comments that is a handful."""
    few = _named(changes, snapshot)
    found = talks(few, Gates(newsletter, choice.cutoff, changes.asked))
    yardstick = Yardstick(
        rules=newsletter.comments,
        language=newsletter.language,
        cutoff=choice.cutoff,
        scale=scale(found.by_article.values(), choice.cutoff, ()),
        quoted_people=snapshot.quoted_people,
    )
    return Shelf(
        talks=found.by_article,
        refused=found.refused_articles,
        scores=Scores(found.by_article, yardstick),
        newsletter=newsletter,
        personal=personal,
        says=changes.says,
        passed={(one.kind, one.id): one for one in choice.passed_over},
        quoted=snapshot.quoted,
    )


def _named(changes: Changes, snapshot: Snapshot) -> Snapshot:
    items = changes.items
    comments = items[Kind.COMMENT]
    wanted = (
        items[Kind.ARTICLE] | {comment.article_id for comment in snapshot.comments if comment.id in comments} if comments else items[Kind.ARTICLE]
    )
    every: Iterable[Comment] = (comment for comment in snapshot.comments if comment.article_id in wanted)
    articles = {article.id: article for article in (*snapshot.missed, *snapshot.others, *snapshot.articles) if article.id in wanted}
    return Snapshot(articles=tuple(articles.values()), comments=tuple(every))

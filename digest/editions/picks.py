"""What was chosen, written down: a `Pick` for each item that is in, in the order of the edition. What is not in: `passed.py`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from digest.editions.arrange import Placed
from digest.editions.article_score import ScoredArticle
from digest.editions.comment_score import ScoredComment
from digest.editions.extras import Extras
from digest.editions.quotes import Quoted
from digest.editions.values import Kind, Pick, Place
from digest.newsletter import Newsletter

DISCUSSED = "still being discussed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was chosen, before it is written down. `repeats` names each duplicate's representative; `left` and `passed` say why not. `next` and
    `extras` are for readers of their own choice."""

    articles: Sequence[Placed]
    discussed: frozenset[int] = frozenset()
    repeats: Mapping[int, int] = field(default_factory=dict)
    left: Mapping[int, str] = field(default_factory=dict)
    quotes: Mapping[int, Quoted] = field(default_factory=dict)
    top: Sequence[ScoredComment] = ()
    recent: Sequence[ScoredComment] = ()
    spare_articles: Sequence[ScoredArticle] = ()
    spare_comments: Sequence[ScoredComment] = ()
    spare_quotes: Mapping[int, Quoted] = field(default_factory=dict)
    next: Sequence[ScoredArticle] = ()
    extras: Extras = field(default_factory=Extras)
    passed: Mapping[int, str] = field(default_factory=dict)


def picks(chosen: Chosen, newsletter: Newsletter) -> tuple[Pick, ...]:
    """Lead first, then section by section, each article followed by its quote; the week's blocks; what only some readers get; reserves."""
    return tuple(_picks(chosen, newsletter))


def _picks(chosen: Chosen, newsletter: Newsletter) -> Iterator[Pick]:
    for place, one in _in_order(chosen.articles, newsletter):
        yield _article(one.scored, place, chosen, one.note)
        if quoted := chosen.quotes.get(one.scored.article.id):
            yield _quote(quoted, Place.QUOTE)
    for top in chosen.top:
        yield _comment(top, Place.TOP)
    for recent in chosen.recent:
        yield _comment(recent, Place.RECENT)
    for place, articles in ((Place.NEXT, chosen.next), (Place.EXTRA, chosen.extras.followed), (Place.MISSED, chosen.extras.missed)):
        for article in articles:
            yield _article(article, place, chosen, chosen.left.get(article.article.id, ""))
            if quoted := chosen.quotes.get(article.article.id):
                yield _quote(quoted, Place.QUOTE)
    for article in chosen.spare_articles:
        yield _article(article, Place.RESERVE, chosen, chosen.left.get(article.article.id, ""))
    for spare in chosen.spare_comments:
        yield _comment(spare, Place.RESERVE)
    for quoted in chosen.spare_quotes.values():
        yield _quote(quoted, Place.RESERVE)


def _in_order(placed: Sequence[Placed], newsletter: Newsletter) -> Iterator[tuple[Place, Placed]]:
    """The lead, then the newsletter's own sections in its order, then the others by their best article."""
    if not placed:
        return
    yield Place.LEAD, placed[0]
    named = {section.casefold().strip(): number for number, section in enumerate(newsletter.sections)}
    sections: dict[str, list[Placed]] = {}
    for one in placed[1:]:
        sections.setdefault(one.scored.article.section.casefold().strip(), []).append(one)

    def order(section: str) -> tuple[int, float, str]:
        return (named.get(section, len(named)), -max(one.scored.score for one in sections[section]), section)

    for section in sorted(sections, key=order):
        for one in sections[section]:
            yield Place.SECTION, one


def _article(one: ScoredArticle, place: Place, chosen: Chosen, note: str = "") -> Pick:
    again = DISCUSSED if one.article.id in chosen.discussed else ""
    return Pick(
        kind=Kind.ARTICLE,
        id=one.article.id,
        article_id=one.article.id,
        place=place,
        score=one.score,
        terms=one.terms,
        note=", ".join(part for part in (note, again) if part),
        section=one.article.section,
        also=tuple(sorted(duplicate for duplicate, stands_for in chosen.repeats.items() if stands_for == one.article.id)),
    )


def _quote(quoted: Quoted, place: Place) -> Pick:
    return _comment(quoted.scored, place, reply_id=quoted.reply.comment.id if quoted.reply else None)


def _comment(one: ScoredComment, place: Place, reply_id: int | None = None) -> Pick:
    return Pick(
        kind=Kind.COMMENT,
        id=one.comment.id,
        article_id=one.comment.article_id,
        place=place,
        score=one.score,
        terms=one.terms,
        note="picked by an editor" if one.comment.featured else "",
        reply_id=reply_id,
    )

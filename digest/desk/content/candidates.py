"""What an editor may choose from: the comments of an article, and the articles of the window that are not in. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from digest.content.values import Article
from digest.editions.comment_score import quotable
from digest.editions.ground import Ground, ground_of
from digest.editions.values import Kind, Place
from digest.item_names import Named, Names, article_name, first_words, web
from digest.prepare import Chosen

MOST = 40  # are shown: whoever looks for another one searches
WORDS = 600  # letters of a comment, for it to be judged
SHOWN = (Place.LEAD, Place.SECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A comment that may be quoted. `fits`: the program might have chosen it, too."""

    id: int
    by: str
    text: str
    url: str
    score: float
    votes: int | None
    fits: bool
    here: bool  # it is the one that is quoted now


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """An article that is not in. `why` not; `score` is None where it never had one."""

    id: int
    name: Named
    why: str
    score: float | None


def ground(chosen: Chosen, site: str) -> Ground:
    """What the choice was made on, once more: it is not kept with it. Among 100,000 comments that takes most of the time of choosing."""
    gathered, choice = chosen.gathered, chosen.choice
    return ground_of(
        gathered.shown,
        gathered.newsletter,
        window_start=choice.window_start,
        cutoff=choice.cutoff,
        site_host=urlsplit(site).hostname or "",
        demand=gathered.demand,
    )


def voices(chosen: Chosen, base: Ground, article: int) -> list[Voice]:
    """The comments of the article that may be shown, the best first; none where it has none, or is not known."""
    talk = base.talks.all.get(article)
    if talk is None:
        return []
    now = next((pick.id for pick in chosen.choice.picks if pick.place is Place.QUOTE and pick.article_id == article), None)
    rules = chosen.gathered.newsletter.comments
    return [
        Voice(
            id=one.comment.id,
            by=one.comment.author_name,
            text=first_words(one.comment.text, WORDS),
            url=web(one.comment.permalink),
            score=one.score,
            votes=None if one.comment.votes_up is None else one.comment.votes_up - (one.comment.votes_down or 0),
            fits=quotable(one, rules),
            here=one.comment.id == now,
        )
        for one in islice(base.scores.best_first([talk]), MOST)
    ]


def spares(chosen: Chosen, names: Names, asked: str = "") -> list[Spare]:
    """The articles that are not in, those nearest to it first; with `asked` those whose title, section or author has all of its words."""
    words = asked.casefold().split()
    shown = {pick.id for pick in chosen.choice.picks if pick.kind is Kind.ARTICLE and pick.place in SHOWN}
    snapshot = chosen.gathered.shown
    articles = {article.id: article for article in (*snapshot.articles, *snapshot.others, *snapshot.missed)}
    found = (one for one in _out(chosen, articles, names) if one.id not in shown and _has(articles[one.id], words))
    return list(islice(found, MOST))


def _out(chosen: Chosen, articles: dict[int, Article], names: Names) -> Iterator[Spare]:
    """Reserves and those for some readers, runners-up by score, what fell at a gate, then whatever else was looked at."""
    told: set[int] = set()
    for pick in chosen.choice.picks:
        if pick.kind is Kind.ARTICLE and pick.id in articles and pick.id not in told:
            told.add(pick.id)
            why = "in reserve" if pick.place is Place.RESERVE else "for some readers only"
            yield Spare(id=pick.id, name=article_name(articles[pick.id]), why=why, score=pick.score)
    for passed in chosen.choice.passed_over:
        if passed.kind is Kind.ARTICLE and passed.id in articles and passed.id not in told:
            told.add(passed.id)
            yield Spare(id=passed.id, name=article_name(articles[passed.id]), why=names.spelt_out(passed.why), score=passed.score)
    for number in sorted(articles.keys() - told, key=lambda number: (articles[number].published_at, number), reverse=True):
        yield Spare(id=number, name=article_name(articles[number]), why="was in an earlier edition, or had no turn", score=None)


def _has(article: Article, words: list[str]) -> bool:
    text = f"{article.title} {article.section} {article.author.name if article.author else ''}".casefold()
    return all(word in text for word in words)

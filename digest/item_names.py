"""Articles and comments as editors are told of them, by their ids: a title, a few words, an address to look at them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from digest.content.tables import ArticleRow, CommentRow
from digest.content.values import Article, ArticleState, Comment, CommentState, Snapshot
from digest.editions.changes import Changed, Changes
from digest.editions.values import Choice, Kind, PassedOver, Pick

FIRST_WORDS = 140  # letters of a comment
_SAME = re.compile("the same as article ([0-9]+)")
UNKNOWN = "not in the store any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An article's title, or a comment's first words. `by` is who wrote it; `url` leads to it on the web, or is empty; `section` an article's."""

    title: str
    url: str = ""
    by: str = ""
    section: str = ""


class Names:
    """What is asked for by an id that was never read has its number for a name."""

    def __init__(self, articles: Iterable[tuple[int, Named]], comments: Iterable[tuple[int, Named]]) -> None:
        self._articles = dict(articles)
        self._comments = dict(comments)

    def article(self, number: int) -> Named:
        return self._articles.get(number) or Named(title=f"Article {number}, {UNKNOWN}")

    def comment(self, number: int) -> Named:
        return self._comments.get(number) or Named(title=f"Comment {number}, {UNKNOWN}")

    def spelt_out(self, why: str) -> str:
        """A reason with the title of the article that it names by its number."""
        found = _SAME.fullmatch(why)
        return f"the same as “{self.article(int(found[1])).title}”" if found else why

    def of(self, kind: Kind, number: int) -> Named:
        return self.article(number) if kind is Kind.ARTICLE else self.comment(number)


def names(connection: Connection, snapshot: Snapshot, *choices: Choice, changes: Iterable[Changed] = ()) -> Names:
    """Everything these choices and changes speak of, undone ones included: from what was read already, and two queries for what was not."""
    articles = [(one.id, article_name(one)) for one in (*snapshot.articles, *snapshot.others, *snapshot.missed)]
    comments = [(one.id, comment_name(one)) for one in snapshot.comments]
    judged: list[Pick | PassedOver] = []
    for choice in choices:
        judged += [*choice.picks, *choice.passed_over]
    named = {number for choice in choices for pick in choice.picks for number in pick.also}
    changed = Changes(all=tuple(replace(one, undone=False) for one in changes)).items
    unread = named | changed[Kind.ARTICLE] | {one.article_id for one in judged}
    said = changed[Kind.COMMENT] | {one.id for one in judged if one.kind is Kind.COMMENT}
    articles += _stored_articles(connection, unread - {number for number, _ in articles})
    comments += _stored_comments(connection, said - {number for number, _ in comments})
    return Names(articles, comments)


def article_name(article: Article) -> Named:
    by = article.author.name if article.author else ""
    return Named(title=article.title or first_words(article.text), url=web(article.url), by=by, section=article.section)


def comment_name(comment: Comment) -> Named:
    return Named(title=first_words(comment.text), url=web(comment.permalink), by=comment.author_name)


def first_words(text: str, most: int = FIRST_WORDS) -> str:
    flat = " ".join(text[: 4 * most].split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def web(address: str) -> str:
    """The address where it is one of the web's. Nothing else becomes a link: a source may say javascript:."""
    return address if address.startswith(("https://", "http://")) else ""


def _stored_articles(connection: Connection, numbers: Collection[int]) -> list[tuple[int, Named]]:
    if not numbers:
        return []
    query = select(ArticleRow.id, ArticleRow.title, ArticleRow.url, ArticleRow.section, ArticleRow.state).where(ArticleRow.id.in_(sorted(numbers)))
    return [
        (row.id, Named(title=row.title, section=row.section, url=web(row.url) if row.state is ArticleState.PUBLISHED else ""))
        for row in connection.execute(query)
    ]


def _stored_comments(connection: Connection, numbers: Collection[int]) -> list[tuple[int, Named]]:
    """Of those that were removed nothing is told."""
    if not numbers:
        return []
    query = select(CommentRow.id, CommentRow.text, CommentRow.permalink, CommentRow.author_name)
    told = query.where(CommentRow.id.in_(sorted(numbers)), CommentRow.state != CommentState.REMOVED)
    return [(row.id, Named(title=first_words(row.text), url=web(row.permalink), by=row.author_name)) for row in connection.execute(told)]

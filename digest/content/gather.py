"""The content store read in bulk: three queries for a whole `Snapshot`, however many articles and comments it holds."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, String, and_, bindparam, or_, select, type_coerce

from digest.content.sanitise import sanitise_article
from digest.content.tables import ArticleRow, AuthorRow, CommentRow
from digest.content.values import Article, ArticleState, Author, Comment, CommentState, Image, Role, Snapshot

PUBLISHED = ArticleRow.state == ArticleState.PUBLISHED
WRITER = (AuthorRow.name.label("writer"), AuthorRow.role.label("writer_role"))
# Choosing goes by the text, which was made of the body when it was stored: to read and sanitise 1,000 bodies took half a second.
ARTICLE_COLUMNS = [column for column in ArticleRow.__table__.c if column.name != "body"]
# A week may have 100,000 comments: moments and states come as the driver gives them, and `_comment` makes them what they are in a third of the time.
COMMENT_COLUMNS = (
    CommentRow.id,
    CommentRow.source,
    CommentRow.key,
    CommentRow.article_id,
    CommentRow.parent_key,
    CommentRow.parent_id,
    CommentRow.author_name,
    CommentRow.author_id,
    type_coerce(CommentRow.role, String),
    CommentRow.avatar,
    CommentRow.text,
    type_coerce(CommentRow.posted_at, String),
    type_coerce(CommentRow.edited_at, String),
    CommentRow.permalink,
    CommentRow.votes_up,
    CommentRow.votes_down,
    CommentRow.flags,
    type_coerce(CommentRow.featured, Integer),
    type_coerce(CommentRow.state, String),
    type_coerce(AuthorRow.role, String),
)
ROLES = {role.value: role for role in Role}
STATES = {state.value: state for state in CommentState}


def gather(
    connection: Connection,
    *,
    sources: Collection[str],
    start: datetime,
    cutoff: datetime,
    comments_from: datetime,
    sent: Mapping[int, int],
    considered: frozenset[int],
    quoted: frozenset[int],
    quoted_people: frozenset[str],
    missed: Collection[int] = (),
) -> Snapshot:
    """What choosing may look at. No `sources` means all; `missed` are articles of earlier windows that some readers are owed.

    `articles`: published ones whose moment (publication or first sight, whichever is later) lies in [start, cutoff). `others`: any other
    published article with an approved comment posted in [comments_from, cutoff). `comments`: those of both before the cutoff, whole
    threads, in every state.
    """
    articles = recent_articles(connection, sources, start, cutoff)
    others = talked_about(connection, sources, comments_from, cutoff, {article.id for article in articles})
    known = {article.id for article in articles + others}
    owed = published(connection, sources, set(missed) - known) if missed else ()
    comments = comments_of(connection, known | {article.id for article in owed}, until=cutoff)
    return Snapshot(
        articles=articles,
        comments=comments,
        others=others,
        missed=owed,
        sent=sent,
        considered=considered,
        quoted=quoted,
        quoted_people=quoted_people,
    )


def gather_items(connection: Connection, *, articles: Collection[int], comments_until: datetime) -> Snapshot:
    """These articles, as far as they are still published, with their comments posted before that moment."""
    found = _articles(connection, PUBLISHED, _one_of(ArticleRow.id, articles))
    return Snapshot(articles=found, comments=comments_of(connection, {article.id for article in found}, until=comments_until))


def articles_of(connection: Connection, comments: Collection[int]) -> frozenset[int]:
    """The articles that these comments stand under."""
    return frozenset(connection.scalars(select(CommentRow.article_id).where(_one_of(CommentRow.id, comments))))


def recent_articles(connection: Connection, sources: Collection[str], start: datetime, end: datetime) -> tuple[Article, ...]:
    """Published articles whose publication or first sight, whichever is later, lies in [start, end).

    So what was published long ago and found only now still gets its turn.
    """
    late_enough = or_(ArticleRow.published_at >= start, ArticleRow.first_seen_at >= start)
    not_too_late = and_(ArticleRow.published_at < end, ArticleRow.first_seen_at < end)
    return _articles(connection, PUBLISHED, late_enough, not_too_late, *_of_sources(sources))


def talked_about(connection: Connection, sources: Collection[str], since: datetime, until: datetime, besides: Collection[int]) -> tuple[Article, ...]:
    """Published articles, `besides` left out, with an approved comment posted in [since, until)."""
    posted = and_(CommentRow.posted_at >= since, CommentRow.posted_at < until, CommentRow.state == CommentState.APPROVED)
    talked = ArticleRow.id.in_(select(CommentRow.article_id).where(posted))  # not `exists`: SQLite would look at every article there ever was
    return _articles(connection, PUBLISHED, ~_one_of(ArticleRow.id, besides), talked, *_of_sources(sources))


def published(connection: Connection, sources: Collection[str], numbers: Collection[int]) -> tuple[Article, ...]:
    """Those of these articles that are published."""
    return _articles(connection, PUBLISHED, _one_of(ArticleRow.id, numbers), *_of_sources(sources))


def comments_of(connection: Connection, article_ids: Collection[int], *, until: datetime) -> tuple[Comment, ...]:
    """All comments of these articles posted before `until`, in every state: article by article (as their index has them), oldest first."""
    statement: Select[*tuple[Any, ...]] = (
        select(*COMMENT_COLUMNS)
        .outerjoin(AuthorRow, CommentRow.author_id == AuthorRow.id)
        .where(_one_of(CommentRow.article_id, article_ids), CommentRow.posted_at < until)
        .order_by(CommentRow.article_id, CommentRow.posted_at, CommentRow.id)
    )
    shared: dict[Any, Any] = {}
    return without_rings(tuple(_comment(row, shared) for row in connection.execute(statement)))


def without_rings(comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """A broken source may let two comments answer each other: the earlier one of such a ring becomes an orphan, so that every thread has a start."""
    parents = {comment.id: comment.parent_id for comment in comments if comment.parent_id is not None}
    settled: set[int] = set()
    cut: set[int] = set()
    for answer in parents:
        path: list[int] = []
        step: int | None = answer
        while step is not None and step in parents and step not in settled:
            path.append(step)
            settled.add(step)
            step = parents.get(step)
        if step in path:
            cut.add(min(path[path.index(step) :]))
    if not cut:
        return comments
    return tuple(comment._replace(parent_id=None, orphan=True) if comment.id in cut else comment for comment in comments)


def _articles(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Article, ...]:
    statement: Select[*tuple[Any, ...]] = (
        select(*ARTICLE_COLUMNS, *WRITER)
        .outerjoin(AuthorRow, ArticleRow.author_id == AuthorRow.id)
        .where(*conditions)
        .order_by(ArticleRow.published_at, ArticleRow.id)
    )
    return tuple(_article(row) for row in connection.execute(statement))


def _one_of(column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """Our own row numbers, written into the statement: as variables they would be limited (32,766 in SQLite), in chunks take many queries."""
    condition: ColumnElement[bool] = column.in_(bindparam(None, sorted(ids), expanding=True, literal_execute=True))
    return condition


def _of_sources(sources: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (ArticleRow.source.in_(sources),) if sources else ()


def _article(row: Row[*tuple[Any, ...]]) -> Article:
    return Article(
        id=row.id,
        source=row.source,
        key=row.key,
        title=row.title,
        url=row.url,
        section=row.section,
        tags=tuple(row.tags),
        author=Author(id=row.author_id, name=row.writer, role=row.writer_role) if row.author_id is not None else None,
        image=Image(url=row.image_url, alt=row.image_alt, width=row.image_width, height=row.image_height) if row.image_url else None,
        excerpt=sanitise_article(row.excerpt, row.url),
        text=row.text,
        published_at=row.published_at,
        modified_at=row.modified_at,
        first_seen_at=row.first_seen_at,
        state=row.state,
        votes=row.votes,
        views=row.views,
        comment_count=row.comment_count,
        comments_url=row.comments_url,
    )


def _comment(row: Row[*tuple[Any, ...]], shared: dict[Any, Any]) -> Comment:
    """`shared` keeps one of each source, article number and name: thousands of comments have the same."""
    number, source, key, article_id, parent_key, parent_id, name, author_id, role, avatar, text, *rest = row
    posted_at, edited_at, permalink, votes_up, votes_down, flags, featured, state, writer_role = rest
    return Comment(  # in the order of its fields: by their names it takes three times as long
        number,
        shared.setdefault(source, source),
        key,
        shared.setdefault(article_id, article_id),
        parent_id,
        bool(parent_key) and parent_id is None,
        shared.setdefault(name, name),
        author_id,
        # Who writes here is no mere reader under the articles either.
        ROLES[writer_role if writer_role and role == "reader" else role],
        avatar,
        text,
        _utc(posted_at),
        None if edited_at is None else _utc(edited_at),
        permalink,
        votes_up,
        votes_down,
        flags,
        bool(featured),
        STATES[state],
    )


def _utc(moment: datetime | str) -> datetime:
    """As `subscribers.tables.UTCDateTime` keeps it: SQLite has it as text and in UTC, PostgreSQL in the session's zone."""
    return datetime.fromisoformat(f"{moment}+00:00") if isinstance(moment, str) else moment.astimezone(UTC)

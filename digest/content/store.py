"""What sources found goes into the content store here, in bulk, on the caller's `Connection` and inside its transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Update, and_, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from digest.content import intake
from digest.content.tables import ArticleRow, AuthorRow, CommentRow
from digest.content.upsert import as_given, upsert
from digest.content.values import ArticleState, CommentState, FoundArticle, FoundAuthor, FoundComment, Role

BATCH = 500  # keys to a statement: SQLite and PostgreSQL limit the number of variables (32,766 and 65,535)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How many items were new, changed or the same as before; `dropped`: comments on articles that we do not have, items never public here."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    dropped: int = 0

    def __add__(self, other: "Saved") -> "Saved":
        return Saved(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            dropped=self.dropped + other.dropped,
        )


def save_articles(connection: Connection, source: str, found: Sequence[FoundArticle], *, now: datetime, first: bool) -> Saved:
    """Adds new articles and brings known ones up to date, by source and key; one that comes back published is published again.

    Titles, names, sections and tags are given as plain text (see `sanitise.title_text`, `clean_name`), `body` and `excerpt` as HTML as
    found. At a source's `first` sync the backlog counts as seen when it was published; else an article is first seen `now`, and again `now`
    when it comes back: it may have missed its edition while it was away.
    """
    return sum((_save_article_batch(connection, source, batch, now=now, first=first) for batch in _batches(found)), Saved())


def save_comments(connection: Connection, source: str, found: Sequence[FoundComment], *, now: datetime) -> Saved:
    """Adds new comments and brings known ones up to date; those on articles that we do not have are dropped.

    A reply finds its parent whichever of the two comes first. Where the text changed and the source gives no date for it, it was edited `now`.
    """
    return sum((_save_comment_batch(connection, source, batch, now=now) for batch in _batches(found)), Saved())


def withdraw_articles(connection: Connection, source: str, keys: Sequence[str]) -> int:
    """These are no longer public at their source. Returns how many were, until now."""
    statement = update(ArticleRow).where(ArticleRow.source == source, ArticleRow.state == ArticleState.PUBLISHED)
    return _for_keys(connection, statement.values(state=ArticleState.WITHDRAWN), ArticleRow.key, keys)


def remove_comments(connection: Connection, source: str, keys: Sequence[str]) -> int:
    """These were taken away at their source: what they said and who said it is blanked here too. Returns how many were not yet."""
    statement = update(CommentRow).where(CommentRow.source == source, CommentRow.state != CommentState.REMOVED)
    blank = {"body": "", "text": "", "avatar": "", "author_name": "", "author_id": None}
    return _for_keys(connection, statement.values(state=CommentState.REMOVED, **blank), CommentRow.key, keys)


def hold_comments(connection: Connection, source: str, keys: Sequence[str]) -> int:
    """These wait for a moderator at their source. Returns how many were approved until now."""
    statement = update(CommentRow).where(CommentRow.source == source, CommentRow.state == CommentState.APPROVED)
    return _for_keys(connection, statement.values(state=CommentState.HELD), CommentRow.key, keys)


def known(connection: Connection, source: str, *, since: datetime | None) -> tuple[dict[str, datetime], dict[str, str]]:
    """The two mappings of `sources.values.Known`: published articles since then → published_at; comments not removed → their article's key."""
    articles = select(ArticleRow.key, ArticleRow.published_at).where(ArticleRow.source == source, ArticleRow.state == ArticleState.PUBLISHED)
    comments = (
        select(CommentRow.key, ArticleRow.key)
        .join(ArticleRow, CommentRow.article_id == ArticleRow.id)
        .where(CommentRow.source == source, CommentRow.state != CommentState.REMOVED)
    )
    if since is not None:
        articles = articles.where(ArticleRow.published_at >= since)
        comments = comments.where(CommentRow.posted_at >= since)
    return dict(connection.execute(articles).all()), dict(connection.execute(comments).all())


def _save_article_batch(connection: Connection, source: str, found: Sequence[FoundArticle], *, now: datetime, first: bool) -> Saved:
    public = {article.key: article for article in found if article.state is ArticleState.PUBLISHED}
    gone = [article.key for article in found if article.key not in public]
    authors = _save_authors(connection, source, [article.author for article in public.values() if article.author], demote=True)
    rows = []
    for article in public.values():
        seen = min(now, article.published_at) if first else now
        author = authors.get(intake.person_key(article.author.key)) if article.author else None
        rows.append(intake.article_row(source, article) | {"author_id": author, "first_seen_at": seen})
    _see_again(connection, source, list(public), now)
    written = upsert(connection, ArticleRow, rows, as_given)
    withdrawn = withdraw_articles(connection, source, gone)
    return Saved(new=len(written.new), changed=len(written.changed) + withdrawn, unchanged=written.unchanged, dropped=len(gone) - withdrawn)


def _see_again(connection: Connection, source: str, keys: list[str], now: datetime) -> None:
    back = update(ArticleRow).where(ArticleRow.source == source, ArticleRow.state == ArticleState.WITHDRAWN)
    _for_keys(connection, back.values(first_seen_at=now), ArticleRow.key, keys)


def _save_comment_batch(connection: Connection, source: str, found: Sequence[FoundComment], *, now: datetime) -> Saved:
    pages = _pages(connection, source, {comment.article_key for comment in found})
    placed = {comment.key: comment for comment in found if comment.article_key in pages and comment.state is not CommentState.REMOVED}
    gone = [comment.key for comment in found if comment.state is CommentState.REMOVED and comment.key not in placed]
    signed = [FoundAuthor(key=one.author_key, name=one.author_name, role=one.role) for one in placed.values() if one.author_key]
    authors = _save_authors(connection, source, signed, demote=False)
    rows = []
    for comment in placed.values():
        page, url = pages[comment.article_key]
        author = authors.get(intake.person_key(comment.author_key)) if comment.author_key else None
        row = intake.comment_row(source, comment, url)
        rows.append(row | {"article_id": page, "author_id": author, "first_seen_at": now})
    written = upsert(connection, CommentRow, rows, lambda row, old: _dated(row, old, now))
    _find_parents(connection, source, [*written.new, *written.changed])
    removed = remove_comments(connection, source, gone)
    dropped = len({comment.key for comment in found}) - len(placed) - removed
    return Saved(new=len(written.new), changed=len(written.changed) + removed, unchanged=written.unchanged, dropped=dropped)


def _dated(row: intake.Row, old: Row[Any] | None, now: datetime) -> intake.Row:
    if old is None or row["edited_at"] is not None:
        return row
    edited = old.state is not CommentState.REMOVED and old.text != row["text"]
    return row | {"edited_at": now if edited else old.edited_at}


def _save_authors(connection: Connection, source: str, found: Sequence[FoundAuthor], *, demote: bool) -> dict[str, int]:
    """Person key → id. A comment does not tell that its writer writes articles too: without `demote`, nobody becomes a mere reader by it."""
    rows = {row["key"]: row for author in found if (row := intake.author_row(source, author))["name"]}

    def keep_role(row: intake.Row, old: Row[Any] | None) -> intake.Row:
        return row if demote or old is None or row["role"] is not Role.READER else row | {"role": old.role}

    upsert(connection, AuthorRow, list(rows.values()), keep_role)
    ids = select(AuthorRow.key, AuthorRow.id).where(AuthorRow.source == source, AuthorRow.key.in_(rows))
    return dict(connection.execute(ids).all()) if rows else {}


def _pages(connection: Connection, source: str, keys: set[str]) -> dict[str, tuple[int, str]]:
    """Article key as found → id and address, of those that we have."""
    stored = {intake.stored_key(key): key for key in keys}
    rows = connection.execute(select(ArticleRow.key, ArticleRow.id, ArticleRow.url).where(ArticleRow.source == source, ArticleRow.key.in_(stored)))
    return {stored[key]: (number, url) for key, number, url in rows}


def _find_parents(connection: Connection, source: str, keys: list[str]) -> None:
    """Ties these comments to their parents, and those that waited for one of these to it."""
    if not keys:
        return
    parent = aliased(CommentRow)
    parents = (
        select(parent.id)
        .where(parent.source == source, parent.key == CommentRow.parent_key, parent.article_id == CommentRow.article_id, parent.id != CommentRow.id)
        .correlate(CommentRow)
        .scalar_subquery()
    )
    waiting = and_(CommentRow.parent_key.in_(keys), CommentRow.parent_id.is_(None))
    connection.execute(update(CommentRow).where(CommentRow.source == source, or_(CommentRow.key.in_(keys), waiting)).values(parent_id=parents))


def _for_keys(connection: Connection, statement: Update, column: InstrumentedAttribute[str], keys: Sequence[str]) -> int:
    stored = sorted({intake.stored_key(key) for key in keys})
    return sum(connection.execute(statement.where(column.in_(batch))).rowcount for batch in _batches(stored))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]

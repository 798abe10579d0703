"""The ledger: which item was in which edition, so that each is in exactly one, and what fell out again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, literal, or_, select, union_all

from digest.content.tables import ArticleRow, CommentRow
from digest.content.values import ArticleState, CommentState
from digest.editions.pool import Had
from digest.editions.store import OUT
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import Kind, Place
from subscribers.upsert import insert
from subscribers.wish import Served

VOICES = timedelta(days=365)  # how long a quoted commenter counts as quoted before


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerItem:
    """A line of the ledger; `place` is None for what was looked at and left out."""

    kind: Kind
    item_id: int
    place: Place | None
    comments_then: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What earlier editions of one newsletter and cadence have used up."""

    sent: dict[int, int]  # article id → comments it had when it was sent; only those that may come back once
    considered: frozenset[int]
    quoted: frozenset[int]
    quoted_people: frozenset[str]


def history(connection: Connection, newsletter: str, cadence: str, slot: datetime, oldest: datetime) -> History:
    """What the editions of all other slots held, in two queries: articles published since `oldest`, quoted comments of all time.

    Later slots count as well: one that was missed may be published after them.
    """
    out = and_(EditionRow.newsletter == newsletter, EditionRow.cadence == cadence, EditionRow.slot != slot, EditionRow.state.in_(OUT))
    times = (
        select(
            EditionItem.item_id,
            func.count(EditionItem.place).label("shown"),
            func.max(EditionItem.comments_then).label("comments_then"),
        )
        .join(EditionRow)
        .join(ArticleRow, ArticleRow.id == EditionItem.item_id)
        # By the article's date as it is now, not the edition's: an old article may have been given a new one.
        .where(out, EditionItem.kind == Kind.ARTICLE, ArticleRow.published_at >= oldest)
        .group_by(EditionItem.item_id)
    )
    articles = connection.execute(times).all()
    quotes = (
        select(EditionItem.item_id, EditionRow.slot, CommentRow.author_id, CommentRow.author_name)
        .join(EditionRow)
        .join(CommentRow, CommentRow.id == EditionItem.item_id)
        .where(out, EditionItem.kind == Kind.COMMENT, EditionItem.place.is_not(None))
    )
    comments = connection.execute(quotes).all()
    return History(
        sent={row.item_id: row.comments_then for row in articles if row.shown == 1},
        considered=frozenset(row.item_id for row in articles),
        quoted=frozenset(row.item_id for row in comments),
        quoted_people=frozenset(
            f"#{row.author_id}" if row.author_id is not None else row.author_name.casefold().strip()
            for row in comments
            if abs(row.slot - slot) <= VOICES
        ),
    )


def had(connection: Connection, newsletter: str, cadence: str, slot: datetime, served: Served, *, oldest: datetime) -> Had:
    """What somebody who came from another cadence has had of the edition of `cadence` at `slot`, in two queries. As in `history`, an article has had
    its turn where it was looked at; none published before `oldest` is named. The rule: docs/cadences.md."""
    theirs = and_(EditionRow.newsletter == newsletter, EditionRow.state.in_(OUT))
    there = select(EditionItem.kind, EditionItem.item_id).join(EditionRow).where(theirs, EditionRow.cadence == served.cadence)
    taken = there.where(EditionRow.slot <= served.until, EditionRow.slot >= oldest)
    passed = and_(EditionRow.cadence == cadence, EditionRow.slot < slot, EditionItem.kind == Kind.ARTICLE)
    recent = and_(ArticleRow.published_at >= oldest, ArticleRow.published_at < slot)
    lines = select(EditionItem.item_id).join(EditionRow).join(ArticleRow, ArticleRow.id == EditionItem.item_id).where(theirs, passed, recent)
    # By its first line: an article has another in each later edition that brings it to somebody who missed it.
    gone_by = lines.group_by(EditionItem.item_id).having(func.min(EditionRow.slot) > served.until)
    turns = connection.execute(taken).all()
    articles = frozenset(row.item_id for row in turns if row.kind is Kind.ARTICLE)
    return Had(
        articles=articles,
        comments=frozenset(row.item_id for row in turns if row.kind is Kind.COMMENT),
        missed=frozenset(connection.scalars(gone_by)) - articles,
    )


def write_ledger(connection: Connection, edition_id: int, items: Sequence[LedgerItem]) -> None:
    """Sets the ledger's lines of one edition; a line that is there already is replaced."""
    lines = [
        {"edition_id": edition_id, "kind": item.kind, "item_id": item.item_id, "place": item.place, "comments_then": item.comments_then}
        for item in items
    ]
    if not lines:
        return
    statement = insert(connection, EditionItem)
    new = {"place": statement.excluded.place, "comments_then": statement.excluded.comments_then}
    connection.execute(statement.on_conflict_do_update(index_elements=["edition_id", "kind", "item_id"], set_=new), lines)


def fallen(connection: Connection, edition_id: int) -> tuple[frozenset[int], frozenset[int]]:
    """The articles an edition had before it and the comments it shows that may no longer be shown, in one query. A comment falls with the one it
    answers. Articles without a place count, too: they may be named under another."""
    ours = EditionItem.edition_id == edition_id
    shown = and_(ours, EditionItem.place.is_not(None))
    parent = CommentRow.__table__.alias("parent")
    articles = (
        select(literal("article").label("kind"), EditionItem.item_id)
        .join(ArticleRow, ArticleRow.id == EditionItem.item_id)
        .where(ours, EditionItem.kind == Kind.ARTICLE, ArticleRow.state != ArticleState.PUBLISHED)
    )
    comments = (
        select(literal("comment"), EditionItem.item_id)
        .outerjoin(CommentRow, CommentRow.id == EditionItem.item_id)
        .outerjoin(parent, parent.c.id == CommentRow.parent_id)
        .outerjoin(ArticleRow, ArticleRow.id == CommentRow.article_id)
        .where(
            shown,
            EditionItem.kind == Kind.COMMENT,
            or_(
                CommentRow.id.is_(None),
                CommentRow.state != CommentState.APPROVED,
                parent.c.state != CommentState.APPROVED,
                ArticleRow.state != ArticleState.PUBLISHED,
            ),
        )
    )
    rows = connection.execute(union_all(articles, comments)).all()
    return (
        frozenset(row.item_id for row in rows if row.kind == "article"),
        frozenset(row.item_id for row in rows if row.kind == "comment"),
    )

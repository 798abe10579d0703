"""Editions in the database: made once a slot, moved from state to state by guarded updates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from digest.editions.frames import Frame
from digest.editions.tables import EditionRow, FrameRow, NewsletterRow
from digest.editions.values import EditionState
from subscribers.upsert import insert

# States in which an edition has gone, or is going, to readers: its items are taken, its cut-off counts.
OUT = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """An edition's row, without its bytes."""

    id: int
    newsletter: str
    cadence: str
    slot: datetime
    window_start: datetime
    cutoff: datetime
    state: EditionState
    reason: str
    subject: str
    revision: int
    created_at: datetime
    sent_at: datetime | None
    chosen_at: datetime | None = None
    moved_to: datetime | None = None

    @property
    def seen_until(self) -> datetime:
        """The end of what it could look at: its cut-off, or earlier where it was made before that."""
        return max(self.window_start, min(self.cutoff, self.chosen_at or self.created_at))

    @property
    def is_out(self) -> bool:
        """Whether it was drawn for its readers, whatever became of it then."""
        return self.revision > 0

    @property
    def goes_at(self) -> datetime:
        """When it goes out: at its slot, or when an editor sends it."""
        return self.moved_to or self.slot


class Fixed(TypedDict):
    """What is set when an edition is fixed."""

    subject: str
    choice: dict[str, object]
    headers: bytes
    body: bytes
    pool: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """What is needed to write an edition's messages. `pool`: empty where all get all; `frames` by the languages in which there are more."""

    headers: bytes
    body: bytes
    revision: int = 0
    pool: bytes = b""
    frames: Mapping[str, Frame] = field(default_factory=dict)
    moved_to: datetime | None = None  # an editor sent it then, and not at its slot


def meet(connection: Connection, newsletter: str, now: datetime) -> datetime:
    """When this store first met the newsletter: now, if it never did."""
    fresh = insert(connection, NewsletterRow).values(slug=newsletter, first_met_at=now).on_conflict_do_nothing()
    connection.execute(fresh)
    return connection.scalars(select(NewsletterRow.first_met_at).where(NewsletterRow.slug == newsletter)).one()


def lock(connection: Connection, newsletter: str, now: datetime) -> None:
    """From here to the end of the transaction nobody else stores an edition of the newsletter."""
    meet(connection, newsletter, now)
    connection.execute(select(NewsletterRow.slug).where(NewsletterRow.slug == newsletter).with_for_update())


_COLUMNS = (
    EditionRow.id,
    EditionRow.newsletter,
    EditionRow.cadence,
    EditionRow.slot,
    EditionRow.window_start,
    EditionRow.cutoff,
    EditionRow.state,
    EditionRow.reason,
    EditionRow.subject,
    EditionRow.revision,
    EditionRow.created_at,
    EditionRow.sent_at,
    EditionRow.chosen_at,
    EditionRow.moved_to,
)


def _edition(row: Row[*tuple[Any, ...]]) -> StoredEdition:
    return StoredEdition(**row._mapping)


def find(connection: Connection, newsletter: str, cadence: str, slot: datetime) -> StoredEdition | None:
    """The slot's edition, if it has one."""
    slot_is = and_(EditionRow.newsletter == newsletter, EditionRow.cadence == cadence, EditionRow.slot == slot)
    row = connection.execute(select(*_COLUMNS).where(slot_is)).one_or_none()
    return _edition(row) if row else None


def of_slot(connection: Connection, newsletter: str, slot: datetime) -> list[StoredEdition]:
    """The editions of the newsletter at this slot: one a cadence at most."""
    query = select(*_COLUMNS).where(EditionRow.newsletter == newsletter, EditionRow.slot == slot).order_by(EditionRow.id)
    return [_edition(row) for row in connection.execute(query)]


def get(connection: Connection, edition_id: int) -> StoredEdition:
    return _edition(connection.execute(select(*_COLUMNS).where(EditionRow.id == edition_id)).one())


def take(connection: Connection, edition_id: int) -> StoredEdition:
    """The edition; to the end of the transaction nobody else changes its state or claims deliveries of it."""
    return _edition(connection.execute(select(*_COLUMNS).where(EditionRow.id == edition_id).with_for_update()).one())


def latest(
    connection: Connection,
    *,
    newsletter: str = "",
    cadence: str = "",
    states: Collection[EditionState] = (),
    limit: int = 20,
    before: tuple[datetime, int] | None = None,
) -> list[StoredEdition]:
    """The newest editions first, of one newsletter and cadence or all, in these states or any; `before`: those after that slot and id."""
    query = select(*_COLUMNS).order_by(EditionRow.slot.desc(), EditionRow.id.desc()).limit(limit)
    if newsletter:
        query = query.where(EditionRow.newsletter == newsletter)
    if cadence:
        query = query.where(EditionRow.cadence == cadence)
    if states:
        query = query.where(EditionRow.state.in_(states))
    if before:
        slot, number = before
        query = query.where(or_(EditionRow.slot < slot, and_(EditionRow.slot == slot, EditionRow.id < number)))
    return [_edition(row) for row in connection.execute(query)]


def sending(connection: Connection) -> list[StoredEdition]:
    """The editions whose deliveries are to be handed over, oldest first."""
    query = select(*_COLUMNS).where(EditionRow.state == EditionState.SENDING).order_by(EditionRow.slot, EditionRow.id)
    return [_edition(row) for row in connection.execute(query)]


def last_out(connection: Connection, newsletter: str, cadence: str, before: datetime) -> StoredEdition | None:
    """The last edition before `before` that went out."""
    ours = and_(EditionRow.newsletter == newsletter, EditionRow.cadence == cadence, EditionRow.slot < before, EditionRow.state.in_(OUT))
    row = connection.execute(select(*_COLUMNS).where(ours).order_by(EditionRow.slot.desc()).limit(1)).one_or_none()
    return _edition(row) if row else None


def first_start(connection: Connection, newsletter: str, cadence: str, before: datetime) -> datetime | None:
    """Where the window of the very first edition before `before` began, skipped ones counted; None when there was none."""
    ours = and_(EditionRow.newsletter == newsletter, EditionRow.cadence == cadence, EditionRow.slot < before)
    return connection.scalar(select(EditionRow.window_start).where(ours).order_by(EditionRow.slot).limit(1))


def beginning(connection: Connection, newsletter: str, cadence: str, before: datetime, *, others: Collection[str]) -> datetime | None:
    """Where somebody who comes to a cadence without an edition yet may have stood: what the last editions of the `others` had seen. None: nowhere."""
    out = and_(EditionRow.newsletter == newsletter, EditionRow.cadence.in_(others), EditionRow.cadence != cadence, EditionRow.state.in_(OUT))
    newest = select(EditionRow.cadence, func.max(EditionRow.slot).label("slot")).where(out, EditionRow.slot < before).group_by(EditionRow.cadence)
    latest = newest.subquery()
    its = and_(EditionRow.newsletter == newsletter, EditionRow.cadence == latest.c.cadence, EditionRow.slot == latest.c.slot)
    return min((_edition(row).seen_until for row in connection.execute(select(*_COLUMNS).join(latest, its))), default=None)


def load_bytes(connection: Connection, edition_id: int) -> Bytes:
    own = (EditionRow.headers, EditionRow.body, EditionRow.revision, EditionRow.pool, EditionRow.moved_to)
    query = select(*own, FrameRow.language, FrameRow.headers.label("frame_headers"), FrameRow.body.label("frame_body")).join_from(
        EditionRow, FrameRow, FrameRow.edition_id == EditionRow.id, isouter=True
    )
    rows = connection.execute(query.where(EditionRow.id == edition_id).order_by(FrameRow.language)).all()
    frames = {row.language: Frame(headers=row.frame_headers, body=row.frame_body) for row in rows if row.language is not None}
    first = rows[0]
    return Bytes(headers=first.headers, body=first.body, revision=first.revision, pool=first.pool, frames=frames, moved_to=first.moved_to)


def load_choice(connection: Connection, edition_id: int) -> dict[str, object]:
    return connection.scalars(select(EditionRow.choice).where(EditionRow.id == edition_id)).one()


def claim_slot(
    connection: Connection,
    *,
    newsletter: str,
    cadence: str,
    slot: datetime,
    window_start: datetime,
    cutoff: datetime,
    state: EditionState,
    now: datetime,
    reason: str = "",
) -> int | None:
    """Makes the slot's one edition and gives its id; None when the slot has one already, whoever made it."""
    statement = (
        insert(connection, EditionRow)
        .values(
            newsletter=newsletter,
            cadence=cadence,
            slot=slot,
            window_start=window_start,
            cutoff=cutoff,
            state=state,
            reason=reason,
            subject="",
            choice={},
            headers=b"",
            body=b"",
            revision=0,
            created_at=now,
            sending_at=now if state is EditionState.SENDING else None,
        )
        .on_conflict_do_nothing(index_elements=["newsletter", "cadence", "slot"])
        .returning(EditionRow.id)
    )
    return connection.scalars(statement).one_or_none()


def lock_sending(connection: Connection, edition_id: int) -> bool:
    """Whether the edition is being sent. If so it stays that way until the end of the transaction: who pauses or cancels it waits for that."""
    query = select(EditionRow.state).where(EditionRow.id == edition_id).with_for_update(read=True)
    return connection.scalar(query) is EditionState.SENDING


def fill_in(connection: Connection, edition_id: int, *, revision: int, **fixed: Unpack[Fixed]) -> bool:
    """Sets what an edition holds; guarded by the revision it was made from, so that two never overwrite each other."""
    statement = update(EditionRow).where(EditionRow.id == edition_id, EditionRow.revision == revision).values(**fixed, revision=revision + 1)
    return connection.execute(statement).rowcount == 1


def change_state(connection: Connection, edition_id: int, *, was: EditionState, becomes: EditionState, now: datetime, reason: str = "") -> bool:
    """One step of the state diagram; False when the edition was not (any more) in `was`."""
    values: dict[str, object] = {"state": becomes, "reason": reason, "sent_at": now if becomes is EditionState.SENT else None}
    statement = update(EditionRow).where(EditionRow.id == edition_id, EditionRow.state == was).values(**values)
    return connection.execute(statement).rowcount == 1

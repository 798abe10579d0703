"""Editions, and the ledger of what was sent where."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from digest.editions.values import EditionState, Kind, Place
from subscribers.tables import Base, Key, UTCDateTime, state_column


class EditionRow(Base):
    """One edition. The unique key is what makes a slot send once, whoever starts it and how often."""

    __tablename__ = "editions"
    __table_args__ = (
        UniqueConstraint("newsletter", "cadence", "slot"),
        Index("ix_editions_state", "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    newsletter: Mapped[str] = mapped_column(String(64))
    cadence: Mapped[str] = mapped_column(String(40))
    slot: Mapped[datetime] = mapped_column(UTCDateTime)
    window_start: Mapped[datetime] = mapped_column(UTCDateTime)
    cutoff: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[EditionState] = mapped_column(state_column(EditionState))
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was skipped, held, paused or cancelled
    subject: Mapped[str] = mapped_column(Text, default="")
    choice: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)  # `Choice`: ids and reasons, no reader's text
    headers: Mapped[bytes] = mapped_column(LargeBinary, default=b"")  # header lines every message shares
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")  # `CompiledEdition` as bytes
    pool: Mapped[bytes] = mapped_column(LargeBinary, default=b"")  # `Pool` as bytes: what readers' own selections are made from; empty: all get all
    revision: Mapped[int] = mapped_column(Integer, default=0)  # counts up when a fallen item was taken out of `body`
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    chosen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when `choice` was fixed; NULL: a draft still follows the store
    moved_to: Mapped[datetime | None] = mapped_column(UTCDateTime)  # an editor sent it then, and not at its slot
    sending_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FrameRow(Base):
    """An edition as it is drawn for readers of another language than the newsletter's."""

    __tablename__ = "edition_frames"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    headers: Mapped[bytes] = mapped_column(LargeBinary)  # as the edition's own
    body: Mapped[bytes] = mapped_column(LargeBinary)


class EditionItem(Base):
    """The ledger: which item was in which edition (`place`), or was looked at and left out (`place` is NULL)."""

    __tablename__ = "edition_items"
    __table_args__ = (
        UniqueConstraint("edition_id", "kind", "item_id"),
        Index("ix_edition_items_kind_item_id", "kind", "item_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(state_column(Kind))
    item_id: Mapped[int] = mapped_column(Key)
    place: Mapped[Place | None] = mapped_column(state_column(Place))
    comments_then: Mapped[int] = mapped_column(Integer, default=0)  # an article's comments when it was sent


class NewsletterRow(Base):
    """When this store first met a newsletter: slots well before that are not made up for."""

    __tablename__ = "newsletters"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_met_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CadenceRow(Base):
    """When this store first met a newsletter in one of its cadences: one that is declared later begins later."""

    __tablename__ = "newsletter_cadences"

    newsletter: Mapped[str] = mapped_column(String(64), primary_key=True)
    cadence: Mapped[str] = mapped_column(String(40), primary_key=True)
    first_met_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ChangeRow(Base):
    """One change that an editor made to an edition: the last word on it is all of these, in order, without those undone."""

    __tablename__ = "edition_changes"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)  # counts up from 1: two editors cannot both have the same one
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    who: Mapped[str] = mapped_column(String(80))
    change: Mapped[dict[str, object]] = mapped_column(JSON)


class ReminderRow(Base):
    """A mail to an editor about an edition that waits for them; the key keeps it from going twice."""

    __tablename__ = "edition_reminders"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    editor: Mapped[str] = mapped_column(String(320), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(Text, default="")

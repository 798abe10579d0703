"""The queue: one row per edition and subscription, or per letter, which is also its history; who works on it, and at what pace."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from digest.delivery.values import DeliveryState
from subscribers.tables import Base, Key, UTCDateTime, state_column

# As a constant of the statement: with a bound value no database would use an index over part of the rows.
UNKNOWN = text(f"deliveries.state = '{DeliveryState.UNKNOWN}'")

# PostgreSQL takes no text of 2.7 kB into an index, and somebody may follow all the sections there are.
SHORT = text("octet_length(key) < 2000")


class DeliveryRow(Base):
    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("edition_id", "subscription_id"),
        # By plan as well: readers of one plan come one after another, and what is theirs is made once (see `digest/sheets.py`).
        Index("ix_deliveries_edition_id_state_next_at", "edition_id", "state", "next_at", "id"),
        Index("ix_deliveries_subscription_id", "subscription_id"),
        # Few, and looked for by their worker at every start of one: without it that reads all deliveries there ever were.
        Index("ix_deliveries_unknown", "lease", sqlite_where=UNKNOWN, postgresql_where=UNKNOWN),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id"))  # NULL: a letter
    letter: Mapped[str] = mapped_column(String(20), default="")  # which letter; empty: an edition
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="SET NULL"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("edition_plans.id"))  # NULL: what everybody gets who chose nothing
    state: Mapped[DeliveryState] = mapped_column(state_column(DeliveryState))
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)  # not before
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease: Mapped[str] = mapped_column(String(16), default="")  # the worker whose claim it is, or last was
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # set right before the hand-over, cleared when it is known not to have happened
    relay: Mapped[str] = mapped_column(String(64), default="")  # through which it was last handed over
    code: Mapped[int] = mapped_column(Integer, default=0)
    text: Mapped[str] = mapped_column(Text, default="")  # the relay's words, addresses taken out
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PlanRow(Base):
    """What a group of readers with the same wishes gets of an edition. Its `key` says the wishes: here it is no more than a name."""

    __tablename__ = "edition_plans"
    __table_args__ = (Index("ix_edition_plans_edition_id_key", "edition_id", "key", unique=True, postgresql_where=SHORT),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    readers: Mapped[int] = mapped_column(Key)  # when the edition was queued
    empty: Mapped[bool] = mapped_column(Boolean)  # nothing new for them: they get no mail


class HourRow(Base):
    """When an edition reaches the readers of one time zone who want it at one hour."""

    __tablename__ = "edition_hours"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    time_zone: Mapped[str] = mapped_column(String(64), primary_key=True)  # empty: the newsletter's
    hour: Mapped[int] = mapped_column(Integer, primary_key=True)  # -1: the newsletter's
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class WorkerRow(Base):
    """A process that hands mails over. Its claims are good until `lease_until`, which it moves on as long as it lives."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # the command: send, work, run
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_over: Mapped[int] = mapped_column(Key, default=0)  # mails, since it started
    per_second: Mapped[float] = mapped_column(Float, default=0)  # since its last sign of life


class LeaderRow(Base):
    """Which worker alone keeps the schedule, until when."""

    __tablename__ = "leaders"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    worker_id: Mapped[str] = mapped_column(String(16))
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime)


class RelayRow(Base):
    """What is remembered of a relay: how much of its allowance is used, and whether it is shut."""

    __tablename__ = "relays"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_used_on: Mapped[date | None] = mapped_column(Date)  # the first day of a warm-up
    day: Mapped[date | None] = mapped_column(Date)  # of `day_count`, in UTC
    day_count: Mapped[int] = mapped_column(Integer, default=0)
    free_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when, at its pace, all that was handed over is paid off
    strikes: Mapped[int] = mapped_column(Integer, default=0)  # failures in a row
    shut_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")


class DomainRow(Base):
    """What is remembered of a recipient domain, or of a group of them that share a pace."""

    __tablename__ = "domains"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    free_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when, at its pace, all that was handed over is paid off
    tail_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when the last of those that wait for their turn has it
    strikes: Mapped[int] = mapped_column(Integer, default=0)  # how many times it was slowed and not yet eased
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")


class DomainSeatRow(Base):
    """One of the connections that a domain with a limit takes at once, and the worker that may use it."""

    __tablename__ = "domain_seats"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)  # as in `domains`
    seat: Mapped[int] = mapped_column(Integer, primary_key=True)  # from 0
    worker_id: Mapped[str] = mapped_column(String(16), default="")


class HeldDomainRow(Base):
    """A domain that refuses an edition's sender: its deliveries are held until a person resumes them."""

    __tablename__ = "held_domains"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    code: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class StreakRow(Base):
    """How many refusals in a row an edition has met since a mail was last accepted."""

    __tablename__ = "refusal_streaks"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, default=0)

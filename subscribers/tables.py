"""The tables of people and consent, and the declarative base that `digest`'s own tables join."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite counts up only a column that is exactly INTEGER PRIMARY KEY.
Key = BigInteger().with_variant(Integer, "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite gives back naive values, PostgreSQL the session's zone: both come out as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive moment {value!r}: give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Names(TypeDecorator[frozenset[str]]):
    """A set of one-line names, kept in order with a line end before, between and behind them: equal sets are equal text, which SQL can group by, and
    `LIKE '%\\n' || name || '\\n%'` finds a member. The empty set is the empty text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if any("\n" in name or not name for name in value):
            raise ValueError("a name in a set is one line, and not empty")
        return "\n".join(("", *sorted(value), "")) if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:
        return None if value is None else frozenset(value.split("\n")) - {""}


# Of a subscription whose reader chose anything: most did not. As a constant of the statement, for an index over part of the rows.
WISHED = text(" OR ".join(f"subscriptions.{name} != ''" for name in ("sections", "authors", "muted_sections", "muted_authors", "served")))


def state_column(states: type[StrEnum]) -> Enum:
    """A state kept as its own word in a plain text column, so that adding one needs no change of type."""
    return Enum(states, native_enum=False, length=20, create_constraint=False, values_callable=lambda kind: [state.value for state in kind])


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class SubscriptionState(StrEnum):
    """What a subscription may be; the arrows are in the package's docstring."""

    PENDING = "pending"  # asked for, not yet confirmed: gets nothing but the confirmation letter
    CONFIRMED = "confirmed"  # gets editions
    UNSUBSCRIBED = "unsubscribed"  # left: only the person themself may come back


class SuppressionReason(StrEnum):
    """Why nobody may write to an address."""

    BOUNCE = "bounce"  # the mailbox is gone
    COMPLAINT = "complaint"  # marked as spam
    ERASED = "erased"  # the person asked to be forgotten
    BY_HAND = "by-hand"  # an operator's decision, or a list brought along


class Subscriber(Base):
    """A person. `address` is as it was given; `address_key` (see `address.py`) tells two spellings of one mailbox apart from two mailboxes."""

    __tablename__ = "subscribers"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)  # random, in links; the row's own number never leaves the house
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    address_hash: Mapped[str] = mapped_column(String(64), index=True)  # see `suppression.py`: what joins a person with the list of the suppressed
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what else a list brought along says of them; for segments
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    acted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when they last did something themselves, on a page or by one click
    letter_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # for when the last letter they asked for was queued: what keeps letters apart


class Subscription(Base):
    """One subscriber's consent to one newsletter."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "newsletter"),
        Index("ix_subscriptions_newsletter_state", "newsletter", "state", "id"),
        # Whether anybody wants an edition of their own is asked for every edition: where nobody does, that costs nothing.
        Index("ix_subscriptions_wished", "newsletter", sqlite_where=WISHED, postgresql_where=WISHED),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    newsletter: Mapped[str] = mapped_column(String(64))
    state: Mapped[SubscriptionState] = mapped_column(state_column(SubscriptionState))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    unsubscribed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    unsubscribed_how: Mapped[str] = mapped_column(String(40), default="")
    cadence: Mapped[str] = mapped_column(String(40), default="")  # which of those the newsletter offers; empty: the publisher's default
    sections: Mapped[frozenset[str]] = mapped_column(Names, default=frozenset())  # followed, of those it offers
    authors: Mapped[frozenset[str]] = mapped_column(Names, default=frozenset())  # followed; with no sections either: all
    muted_sections: Mapped[frozenset[str]] = mapped_column(Names, default=frozenset())
    muted_authors: Mapped[frozenset[str]] = mapped_column(Names, default=frozenset())
    served: Mapped[str] = mapped_column(String(64), default="")  # where they stood when they changed the cadence: see `wish.py`
    hour: Mapped[int | None] = mapped_column(Integer)  # of their own day, 0 to 23; None: the newsletter's
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # no edition is queued before
    paused_from: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when that pause, or the last one, began


class Consent(Base):
    """The record that proves a yes or a no: one row a change, never altered. When, how, from where, which words."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True)
    state: Mapped[SubscriptionState] = mapped_column(state_column(SubscriptionState))  # what it became
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    how: Mapped[str] = mapped_column(String(40))  # "import", "command line", "form", "one-click" …
    origin: Mapped[str] = mapped_column(Text, default="")  # the page, the file and its line
    wording: Mapped[str] = mapped_column(Text, default="")  # the words that were agreed to, or their version
    address_hash: Mapped[str] = mapped_column(String(64), default="")  # of the address that said it, should it change later


class Suppression(Base):
    """An address nobody may write to. Only a keyed hash of it is kept, so that an erased person stays erased."""

    __tablename__ = "suppressions"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[SuppressionReason] = mapped_column(state_column(SuppressionReason))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text, default="")


class SignUp(Base):
    """A wish to subscribe as it came in, not yet looked at: taking it in costs the same for everybody, so no answer tells who is known."""

    __tablename__ = "sign_ups"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(320))
    newsletters: Mapped[frozenset[str]] = mapped_column(Names)
    cadence: Mapped[str] = mapped_column(String(40), default="")
    sections: Mapped[frozenset[str]] = mapped_column(Names, default=frozenset())
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    origin: Mapped[str] = mapped_column(Text, default="")  # the page the form stood on
    wording: Mapped[str] = mapped_column(String(16), default="")  # the version of the words they agreed to: see `Wording`


class Wording(Base):
    """The words of a form, by version: what a consent names stays readable when the form has long changed."""

    __tablename__ = "wordings"

    version: Mapped[str] = mapped_column(String(16), primary_key=True)  # the beginning of the text's SHA-256
    text: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FormerId(Base):
    """A public id that went when two people turned out to be one: links in old mails hold it, and lead to what it became."""

    __tablename__ = "former_ids"

    public_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True)
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)

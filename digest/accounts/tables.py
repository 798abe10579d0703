"""Accounts of editors, their sessions at the desk, and the log of what was done there."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.accounts.roles import DeskRole
from subscribers.tables import Base, Key, UTCDateTime, state_column


class AccountRow(Base):
    """An editor who signs in with a password. The name is kept as it was given; `key` is what must be unique."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)  # the name, casefolded
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[DeskRole] = mapped_column(state_column(DeskRole))
    password: Mapped[str] = mapped_column(Text)  # Argon2id, encoded with its parameters
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # closed: may not sign in any more


class SessionRow(Base):
    """A browser that has signed in. The cookie holds the token, the table only its hash."""

    __tablename__ = "desk_sessions"
    __table_args__ = (Index("ix_desk_sessions_account_id", "account_id"),)

    token: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256, hex
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))  # NULL: by a one-time link, on this machine
    who: Mapped[str] = mapped_column(String(80))
    role: Mapped[DeskRole] = mapped_column(state_column(DeskRole))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DeedRow(Base):
    """A line of the log: who did what, when, to what. Nothing of a reader's is in it."""

    __tablename__ = "deeds"
    __table_args__ = (Index("ix_deeds_edition_id", "edition_id"), Index("ix_deeds_at", "at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(40))
    newsletter: Mapped[str] = mapped_column(String(64), default="")
    edition_id: Mapped[int | None] = mapped_column(Key)  # no foreign key: the log outlives what it tells of
    detail: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)

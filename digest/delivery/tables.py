"""The queue: one row per edition and subscription, which is also its history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from digest.delivery.values import DeliveryState
from subscribers.tables import Base, Key, UTCDateTime, state_column


class DeliveryRow(Base):
    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("edition_id", "subscription_id"),
        Index("ix_deliveries_edition_id_state_next_at", "edition_id", "state", "next_at", "id"),
        Index("ix_deliveries_subscription_id", "subscription_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="SET NULL"))
    state: Mapped[DeliveryState] = mapped_column(state_column(DeliveryState))
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)  # not before
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease: Mapped[str] = mapped_column(String(40), default="")  # whose claim it is
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # set right before the hand-over, cleared when it is known not to have happened
    code: Mapped[int] = mapped_column(Integer, default=0)
    text: Mapped[str] = mapped_column(Text, default="")  # the relay's words, addresses taken out
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

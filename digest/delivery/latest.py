"""When somebody was last written to."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.delivery.tables import DeliveryRow
from subscribers.tables import Subscription


def last_begun(connection: Connection, subscription: str) -> datetime | None:
    """When the last mail to the subscription with this public id was handed over, or began to be; None: never."""
    theirs = select(Subscription.id).where(Subscription.public_id == subscription).scalar_subquery()
    return connection.scalar(select(func.max(DeliveryRow.begun_at)).where(DeliveryRow.subscription_id == theirs))

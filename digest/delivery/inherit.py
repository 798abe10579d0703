"""The history of a subscription that goes, handed on to the one that stays."""

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import aliased

from digest.delivery.tables import DeliveryRow


def inherit(connection: Connection, *, goes: int, stays: int) -> int:
    """Moves deliveries from one subscription to another; how many. Of an edition that both have each keeps its own, for it is had once."""
    theirs = aliased(DeliveryRow)
    same = select(theirs.id).where(theirs.subscription_id == stays, theirs.edition_id == DeliveryRow.edition_id)
    moved = update(DeliveryRow).where(DeliveryRow.subscription_id == goes, ~same.exists()).values(subscription_id=stays)
    return connection.execute(moved).rowcount

"""Two addresses that are one person's become one: subscriptions and consents, and the history of their deliveries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from digest.delivery.inherit import inherit
from digest.switching import on_merge
from subscribers.address import Address
from subscribers.merge import Merger, carry_out, keep_stand, plan
from subscribers.suppression import suppress
from subscribers.tables import SuppressionReason

NOTE = "its person has another address"


def preview(engine: Engine, goes: Address, stays: Address) -> Merger:
    """What `merge` would do; it changes nothing. Errors as there."""
    with engine.begin() as connection:
        return plan(connection, goes, stays)


def merge(engine: Engine, goes: Address, stays: Address, *, keys: Sequence[str], now: datetime, shut: bool) -> Merger:
    """Makes one person of the two, who has the address that stays; what was done. With `shut`, nobody may write to the other any more.

    `Nobody` and `Suppressed` as in `subscribers.merge.plan`.
    """
    with engine.begin() as connection:
        merger = plan(connection, goes, stays)
        for pair in merger.pairs:
            keep_stand(connection, pair.stays.id, on_merge(connection, goes=pair.goes.id, stays=pair.stays.id))
            inherit(connection, goes=pair.goes.id, stays=pair.stays.id)
        carry_out(connection, merger)
        if shut:
            suppress(connection, goes, reason=SuppressionReason.BY_HAND, keys=keys, now=now, note=NOTE)
    return merger

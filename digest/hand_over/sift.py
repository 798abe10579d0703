"""Who of a claimed batch is not to be written to now: who is asleep where they live, and for whom nothing is left in the edition."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest.delivery import queue
from digest.delivery.values import Claimed
from digest.personal import Writer

NOTHING_LEFT = "what it held for them was removed at its source before it was sent"


def sift(connection: Connection, lease: str, rows: Sequence[Claimed], writer: Writer, now: datetime) -> tuple[Claimed, ...]:
    """Those who may be written to. The others are put off to the end of their quiet hours, or settled as skipped."""
    bare = [row.delivery_id for row in rows if writer.has_nothing_for(row)]
    if bare:
        queue.skip(connection, lease, bare, now, NOTHING_LEFT)
    waking = [(row, moment) for row in rows if (moment := writer.waking(row, now)) > now]
    queue.put_off(connection, lease, [(row.delivery_id, moment) for row, moment in waking])
    out = {*bare, *(row.delivery_id for row, _ in waking)}
    return tuple(row for row in rows if row.delivery_id not in out)

"""Allots the readers of a new edition their plans and their moments, and queues them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from digest.delivery import plans
from digest.delivery.plans import Plan, Zoned
from digest.delivery.queue import enqueue
from digest.delivery.tally import tally
from digest.editions.pool import Pool
from digest.editions.reach import NOTHING, Reacher, drawn
from digest.local_time import LocalTime
from digest.newsletter import Newsletter
from digest.readership import readership
from subscribers.wish import Wish
from subscribers.wishes import NEWSLETTER_HOUR


class Outgrown(Exception):
    """Somebody wants since the edition was chosen what it was not chosen for: it must be chosen anew."""


def allot(
    connection: Connection, edition_id: int, newsletter: Newsletter, pool: Pool | None, *, slot: datetime, now: datetime, at_once: bool = False
) -> int:
    """One delivery for each reader for whom the edition holds anything new, due when they are to get it; how many. `at_once`: not at their own times
    of day. Raises `Outgrown`."""
    time = newsletter.readers_time.at_once if at_once else newsletter.readers_time
    readers, timed = readership(newsletter, now), time.differs
    lacking = plans.lacking(connection, edition_id, readers, timed=timed)
    # Not before the slot, rather than now: a clock that is put back a little does not hold everybody's mail up.
    due = min(now, slot)
    if not lacking:
        return enqueue(connection, edition_id, readers, due)
    while lacking:
        plans.add_plans(connection, edition_id, _plans(lacking.wishes, pool))
        plans.add_hours(connection, edition_id, {zoned: _moment(time, slot, zoned, now) for zoned in sorted(lacking.hours)})
        lacking = plans.enqueue(connection, edition_id, readers, due, timed=timed)
    plans.arrived(connection, edition_id)
    return tally(connection, edition_id).total


def _plans(wishes: Mapping[str, int], pool: Pool | None) -> Iterable[Plan]:
    if wishes and pool is None:
        raise Outgrown
    if not wishes:
        return
    if pool is None:
        raise Outgrown
    reacher, there = Reacher(pool), drawn(pool)
    for key, readers in wishes.items():
        wish = Wish.parse(key)
        its = reacher.of(wish)
        if (wish.served and wish.served not in pool.served) or there | (its or NOTHING) != there:
            raise Outgrown
        yield Plan(key=key, readers=readers, empty=its is None)


def _moment(time: LocalTime, slot: datetime, zoned: Zoned, now: datetime) -> datetime:
    """Of an edition that is late: what is due and would wake somebody waits at once, instead of being claimed first."""
    zone, hour = zoned
    moment = time.moment(slot, zone, None if hour == NEWSLETTER_HOUR else hour)
    waking = time.awake(now, zone)
    return waking if moment <= now < waking else moment

"""Queueing an edition for everybody."""

from sqlalchemy import text

from digest.delivery.queue import enqueue
from subscribers.audience import audience
from tests.benchmarks.edition import NOW, make_edition, store
from tests.benchmarks.measure import Measured, seconds

READERS = 1_000_000


def enqueuing() -> Measured:
    """Our enqueue, and the bare INSERT … SELECT of the same rows into the same table."""
    with store(READERS) as engine:
        first, second = make_edition(engine, "ours"), make_edition(engine, "raw")

        def ours() -> None:
            with engine.begin() as connection:
                if enqueue(connection, first, audience("weekly", NOW), NOW) != READERS:
                    raise SystemExit("not everybody was queued")

        def raw() -> None:
            with engine.begin() as connection:
                connection.execute(
                    text(
                        "INSERT INTO deliveries (edition_id, subscription_id, state, next_at, attempts, lease, code, text) "
                        "SELECT :edition, id, 'queued', '2026-01-01', 0, '', 0, '' FROM subscriptions "
                        "WHERE newsletter = 'weekly' AND state = 'confirmed'"
                    ),
                    {"edition": second},
                )

        took, other = seconds(ours, rounds=1), seconds(raw, rounds=1)
    what = f"queueing {READERS:,} readers (SQLite)"
    return Measured(what=what, ours=took, against="bare INSERT … SELECT", other=other, more=f"{READERS / took:,.0f} readers/s")

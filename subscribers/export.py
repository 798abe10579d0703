"""A newsletter's people as CSV, with the proof of their consent; what is written here, the import reads again."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO

from sqlalchemy import Connection, func, select

from subscribers.csvfile import guarded
from subscribers.tables import Consent, Subscriber, Subscription

HEADER = (
    "email", "name", "language", "time zone", "state", "created at", "confirmed at", "unsubscribed at", "unsubscribed how",
    "consent at", "consent how", "consent origin", "consent wording",
)  # fmt: skip


def export(connection: Connection, newsletter: str) -> Iterator[tuple[str, ...]]:
    """Rows in the order of `HEADER`, read off the database as they are taken. The consent is the latest of each subscription."""
    latest = select(func.max(Consent.id)).where(Consent.subscription_id == Subscription.id).correlate(Subscription).scalar_subquery()
    query = (
        select(
            Subscriber.address, Subscriber.name, Subscriber.language, Subscriber.time_zone, Subscription.state, Subscription.created_at,
            Subscription.confirmed_at, Subscription.unsubscribed_at, Subscription.unsubscribed_how,
            Consent.at, Consent.how, Consent.origin, Consent.wording,
        )
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(Consent, Consent.id == latest)
        .where(Subscription.newsletter == newsletter)
        .order_by(Subscription.id)
    )  # fmt: skip
    for row in connection.execution_options(yield_per=1_000).execute(query):
        yield tuple(_text(cell) for cell in row)


def write(rows: Iterable[tuple[str, ...]], file: TextIO) -> int:
    """Writes header and rows as CSV that is safe to open in a spreadsheet; how many rows there were."""
    writer = csv.writer(file)
    writer.writerow(HEADER)
    number = 0
    for number, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the answer
        writer.writerow([guarded(cell) for cell in row])
    return number


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)

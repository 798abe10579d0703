"""Newsletters' people as CSV, with the proof of their consent; what is written here, the import reads again."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, func, select, true
from sqlalchemy.orm import aliased

from subscribers.consent import WHY
from subscribers.lists.csvfile import guarded
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState, Wording

HEADER = (
    "email", "name", "language", "time zone", "attributes",
    "newsletter", "state", "created at", "confirmed at", "unsubscribed at", "unsubscribed how", "cadence",
    "sections", "authors", "muted sections", "muted authors", "hour", "paused until",
    "consent at", "consent how", "consent origin", "consent wording", "asked at", "asked origin", "address hash",
)  # fmt: skip


def export(connection: Connection, newsletter: str = "", *, among: ColumnElement[bool] | None = None) -> Iterator[tuple[str, ...]]:
    """Rows in the order of `HEADER`, read off the database as they are taken: one a subscription, of one newsletter or of all; `among` is a condition
    like a segment's. Attributes are JSON, sections and authors parted by line ends.

    The consent is the latest of each subscription, the hash that of the address that gave it. When it is a second yes or a leaving, when and where
    they had asked for it stands beside it, and the words ("version: text") are those of that form.
    """
    consent, asked = aliased(Consent), aliased(Consent)
    wording = func.coalesce(func.nullif(consent.wording, ""), asked.wording, "")
    query = (
        select(
            Subscriber.address, Subscriber.name, Subscriber.language, Subscriber.time_zone, Subscriber.attributes,
            Subscription.newsletter, Subscription.state, Subscription.created_at, Subscription.confirmed_at, Subscription.unsubscribed_at,
            Subscription.unsubscribed_how, Subscription.cadence,
            Subscription.sections, Subscription.authors, Subscription.muted_sections, Subscription.muted_authors, Subscription.hour,
            Subscription.paused_until,
            consent.at, consent.how, consent.origin, _words(wording), asked.at, asked.origin, consent.address_hash,
        )
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(consent, consent.id == _latest(and_(Consent.how != WHY, Consent.state == Subscription.state)))
        .outerjoin(asked, asked.id == _latest(Consent.state == SubscriptionState.PENDING))
        .where(Subscription.newsletter == newsletter if newsletter else true(), true() if among is None else among)
        .order_by(Subscription.id)
    )  # fmt: skip
    for row in connection.execution_options(yield_per=1_000).execute(query):
        yield tuple(_text(cell) for cell in row)


def _latest(which: ColumnElement[bool]) -> ScalarSelect[int]:
    latest = select(func.max(Consent.id)).where(Consent.subscription_id == Subscription.id, which)
    return latest.correlate(Subscription).scalar_subquery()


def _words(wording: ColumnElement[str]) -> ColumnElement[str]:
    """The words of a version with that version before them; words that were written down themselves as they are."""
    kept = select(wording + ": " + Wording.text).where(Wording.version == wording).scalar_subquery()
    return func.coalesce(kept, wording)


def write(rows: Iterable[tuple[str, ...]], file: TextIO) -> int:
    """Writes header and rows as CSV that is safe to open in a spreadsheet; how many rows there were."""
    number = -1
    for number, line in enumerate(lines(rows)):  # noqa: B007 - the last number is the answer
        file.write(line)
    return number


def lines(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The same line by line, as they are taken: the header first."""
    writer = csv.writer(_Through())
    yield writer.writerow(HEADER)
    for row in rows:
        yield writer.writerow([guarded(cell) for cell in row])


class _Through:
    """What csv writes a row to, and gets back from it."""

    def write(self, line: str) -> str:
        return line


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, frozenset):
        return "\n".join(sorted(cell))
    return (json.dumps(cell, ensure_ascii=False, sort_keys=True) if cell else "") if isinstance(cell, dict) else str(cell)

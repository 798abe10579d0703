"""When this store first met the cadences of a newsletter, and waiting for whoever is just storing an edition of it."""

from datetime import datetime

from sqlalchemy import Connection, exists, select

from digest.editions.store import meet
from digest.editions.tables import CadenceRow, NewsletterRow
from subscribers.upsert import insert


def meet_cadence(connection: Connection, newsletter: str, cadence: str, now: datetime) -> datetime:
    """When this store first met the newsletter in that cadence. The first that is asked for was met with the newsletter itself."""
    first_met = meet(connection, newsletter, now)
    others = exists().where(CadenceRow.newsletter == newsletter)
    fresh = {"newsletter": newsletter, "cadence": cadence, "first_met_at": now if connection.scalar(select(others)) else first_met}
    connection.execute(insert(connection, CadenceRow).values(**fresh).on_conflict_do_nothing())
    return first_met_in(connection, newsletter, cadence) or first_met


def first_met_in(connection: Connection, newsletter: str, cadence: str) -> datetime | None:
    """When the cadence was first met; None when it never was."""
    return connection.scalar(select(CadenceRow.first_met_at).where(CadenceRow.newsletter == newsletter, CadenceRow.cadence == cadence))


def await_publishing(connection: Connection, newsletter: str) -> None:
    """Waits for whoever is just storing an edition of the newsletter; to the end of the transaction nobody else does."""
    connection.execute(select(NewsletterRow.slug).where(NewsletterRow.slug == newsletter).with_for_update(read=True))

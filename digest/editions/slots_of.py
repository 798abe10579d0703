"""Which slot each of several editions is for."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from digest.editions.tables import EditionRow


def slots_of(connection: Connection, ids: Collection[int]) -> dict[int, tuple[str, str, datetime]]:
    """Newsletter, cadence and slot by the edition's id; one query."""
    found = connection.execute(select(EditionRow.id, EditionRow.newsletter, EditionRow.cadence, EditionRow.slot).where(EditionRow.id.in_(ids)))
    return {id_: (newsletter, cadence, slot) for id_, newsletter, cadence, slot in found}

"""Domains that refuse an edition's sender: nothing goes to them until a person has seen to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.delivery.mask import mask
from digest.delivery.tables import HeldDomainRow
from digest.delivery.values import Outcome
from subscribers.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDomain:
    """With the words of the first refusal."""

    edition_id: int
    domain: str
    code: int
    text: str
    at: datetime


def hold(connection: Connection, edition_id: int, domain: str, outcome: Outcome, now: datetime) -> bool:
    """False: it was held already."""
    row = {"edition_id": edition_id, "domain": domain, "code": outcome.code, "text": mask(outcome.text), "at": now}
    new = insert(connection, HeldDomainRow).values(row).on_conflict_do_nothing(index_elements=["edition_id", "domain"])
    return connection.execute(new, execution_options={"preserve_rowcount": True}).rowcount == 1


def held_among(connection: Connection, edition_id: int | None, domains: Collection[str]) -> frozenset[str]:
    """Which of these an edition may not be sent to."""
    where = (HeldDomainRow.edition_id == edition_id, HeldDomainRow.domain.in_(domains))
    return frozenset(connection.scalars(select(HeldDomainRow.domain).where(*where)))


def held_domains(connection: Connection, edition_id: int | None = None) -> tuple[HeldDomain, ...]:
    """Of one edition, or of all."""
    query = select(HeldDomainRow.__table__).order_by(HeldDomainRow.edition_id, HeldDomainRow.domain)
    if edition_id is not None:
        query = query.where(HeldDomainRow.edition_id == edition_id)
    return tuple(HeldDomain(**row._mapping) for row in connection.execute(query))


def let_go(connection: Connection, edition_id: int, domain: str | None = None) -> int:
    """The domain, or every one that is held, may be sent to again. How many. Its deliveries are another matter: see the queue."""
    where = [HeldDomainRow.edition_id == edition_id]
    if domain is not None:
        where.append(HeldDomainRow.domain == domain)
    return connection.execute(delete(HeldDomainRow).where(*where)).rowcount

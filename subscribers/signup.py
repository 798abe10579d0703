"""Wishes to subscribe, as a form brings them: taken in by one insert whoever it is, and taken up later by whoever looks at them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Delete, Row, delete, insert, select

from subscribers import form_text
from subscribers.address import Address, parse_address
from subscribers.errors import BadAddress
from subscribers.tables import SignUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was filled in. Cadence and sections are wishes: a newsletter that does not offer them passes them over."""

    address: Address
    newsletters: frozenset[str]
    cadence: str = ""
    sections: frozenset[str] = frozenset()
    name: str = ""
    language: str = ""
    time_zone: str = ""
    origin: str = ""  # the page the form stood on
    wording: str = ""  # the version of the words they agreed to


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A wish that was taken up. `wish` is None when what was kept cannot be read as one."""

    at: datetime
    wish: Wish | None


def take_in(connection: Connection, wish: Wish, *, now: datetime) -> None:
    """Keeps the wish, in one INSERT. What is unfit to be kept of its free texts is left out."""
    row = {
        "at": now,
        "address": wish.address.address,
        "newsletters": form_text.lines(wish.newsletters, 64),
        "cadence": form_text.line(wish.cadence, form_text.WORD_CHARACTERS),
        "sections": form_text.lines(wish.sections, form_text.NAME_CHARACTERS),
        "name": form_text.line(wish.name, form_text.NAME_CHARACTERS),
        "language": form_text.language(wish.language),
        "time_zone": form_text.time_zone(wish.time_zone),
        "origin": form_text.line(wish.origin),
        "wording": form_text.line(wish.wording, 16),
    }
    connection.execute(insert(SignUp), row)


def take_up(connection: Connection) -> Waiting | None:
    """Takes the oldest wish that nobody else is just taking up; None when there is none. It is gone when the transaction ends, and only then."""
    row = connection.execute(_pop(connection).returning(*SignUp.__table__.columns)).one_or_none()
    if row is None:
        return None
    try:
        address = parse_address(row.address)
    except BadAddress:
        return Waiting(at=row.at, wish=None)
    told = {name: getattr(row, name) for name in ("newsletters", "cadence", "sections", "name", "language", "time_zone", "origin", "wording")}
    return Waiting(at=row.at, wish=Wish(address=address, **told))


def waiting_of(connection: Connection, address: Address) -> tuple[Row[Any], ...]:
    """The wishes of this mailbox, however it was spelt, that wait to be taken up, oldest first; the rows of the table as they are."""
    # Every spelling of a mailbox keeps its domain in one form (see `address.py`): so not all that wait have to be read.
    query = select(*SignUp.__table__.columns).where(SignUp.address.endswith("@" + address.address.rpartition("@")[2], autoescape=True))
    return tuple(row for row in connection.execute(query.order_by(SignUp.id)) if _key(row.address) == address.key)


def _key(address: str) -> str:
    try:
        return parse_address(address).key
    except BadAddress:
        return ""


def _pop(connection: Connection) -> Delete:
    oldest = select(SignUp.id).order_by(SignUp.id).limit(1)
    if connection.dialect.name == "postgresql":  # which may run a plain subquery with LIMIT more than once: so a CTE
        oldest = select(oldest.with_for_update(skip_locked=True).cte("oldest").c.id)
    return delete(SignUp).where(SignUp.id.in_(oldest))

"""An operator puts right what is known of a person: name, language, time zone, attributes, and the address itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from subscribers.address import Address
from subscribers.errors import Nobody, Suppressed, Taken
from subscribers.former import remember_address
from subscribers.suppression import address_hash, reason_of
from subscribers.tables import Subscriber, SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """None leaves it as it is, and an empty text takes it away; so does an attribute whose value is empty."""

    name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    address: Address | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def edit(connection: Connection, address: Address, changes: Changes, *, keys: Sequence[str]) -> tuple[str, ...]:
    """Which columns became different; none when all was so already.

    A new address keeps subscriptions and history: older consents name the address they were given by. `Nobody`, `Taken` when another person has the
    new address, `Suppressed` when nobody may write to it, or to this person.
    """
    person = connection.execute(select(Subscriber).where(Subscriber.address_key == address.key).with_for_update()).one_or_none()
    if person is None:
        raise Nobody("Nobody has this address.")
    wanted = {name: value for name in ("name", "language", "time_zone") if (value := getattr(changes, name)) is not None}
    wanted["attributes"] = {key: value for key, value in (person.attributes | changes.attributes).items() if value}
    if changes.address is not None:
        wanted |= _moved(connection, person, changes.address, keys)
    different = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    if different:
        _write(connection, person.id, different)
    return tuple(different)


def _moved(connection: Connection, person: Row[Any], address: Address, keys: Sequence[str]) -> Mapping[str, str]:
    digest = address_hash(address, keys)
    # A bounce stays with the mailbox; whoever complained, or was shut out, has not changed their mind with their address.
    reason = reason_of(connection, person.address_hash)
    if digest != person.address_hash and reason not in (None, SuppressionReason.BOUNCE):
        raise Suppressed(f"Nobody may write to this person ({reason}): a new address does not change that. Lift it first, if you are sure.")
    if digest != person.address_hash and reason_of(connection, digest) is not None:
        raise Suppressed("Nobody may write to the new address: it is on the suppression list. Lift it first, if you are sure.")
    return {"address": address.address, "address_key": address.key, "address_hash": digest}


def _write(connection: Connection, person: int, different: Mapping[str, object]) -> None:
    if "address_hash" in different:
        remember_address(connection, person)
    try:
        with connection.begin_nested():
            connection.execute(update(Subscriber).where(Subscriber.id == person).values(**different))
    except IntegrityError:
        raise Taken("Another person has the new address: merge the two instead.") from None

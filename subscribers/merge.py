"""Two addresses that turn out to be one person's: what is to be done, and the statements that do it.

A newsletter that only one of them has stays as it is, in whatever state, with its history. Of one that both have, the stronger subscription stays
(see `stronger.py`) with its choices, and takes over the history of the other. Only a public id is lost, and that leads on (see `former.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from subscribers.address import Address
from subscribers.errors import Nobody, SubscribersError, Suppressed
from subscribers.former import remember_address, succeed_subscriber, succeed_subscription
from subscribers.stronger import Pair, Word, stronger
from subscribers.suppression import reason_of
from subscribers.tables import Consent, Subscriber, Subscription, SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """What is to be done: `goes` and `stays` are the numbers of the two people."""

    goes: int
    stays: int
    moved: tuple[Word, ...]  # only the one that goes has it
    pairs: tuple[Pair, ...]
    person: Mapping[str, Any]  # what is then known of the person


def plan(connection: Connection, goes: Address, stays: Address) -> Merger:
    """What merging would do; the two people are the caller's until the transaction ends.

    `Nobody` when there are not two people, `Suppressed` when nobody may write to one of them; a bounce of the address that goes is no reason.
    """
    if goes.key == stays.key:
        raise SubscribersError("These are one address already: there is nothing to merge.")
    query = select(Subscriber).where(Subscriber.address_key.in_([goes.key, stays.key])).order_by(Subscriber.id).with_for_update()
    found = {person.address_key: person for person in connection.execute(query)}
    for which, address in (("goes", goes), ("stays", stays)):
        if address.key not in found:
            raise Nobody(f"Nobody has the address that {which}: there is nothing to merge.")
    old, kept = found[goes.key], found[stays.key]
    _require_mailable(connection, old, kept)
    theirs, ours = _words(connection, old.id), _words(connection, kept.id)
    return Merger(
        goes=old.id,
        stays=kept.id,
        moved=tuple(word for newsletter, word in theirs.items() if newsletter not in ours),
        pairs=tuple(stronger(ours[newsletter], word) for newsletter, word in theirs.items() if newsletter in ours),
        person=_person(old, kept),
    )


def carry_out(connection: Connection, merger: Merger) -> None:
    """Makes one person of the two, in the transaction of the plan. Rows elsewhere that point at a subscription which goes lose their pointer, unless
    they were given another before."""
    for person in (merger.goes, merger.stays):
        remember_address(connection, person)
    for pair in merger.pairs:
        connection.execute(update(Consent).where(Consent.subscription_id == pair.goes.id).values(subscription_id=pair.stays.id))
        succeed_subscription(connection, goes=pair.goes.id, stays=pair.stays.id)
        connection.execute(delete(Subscription).where(Subscription.id == pair.goes.id))
    connection.execute(update(Subscription).where(Subscription.subscriber_id == merger.goes).values(subscriber_id=merger.stays))
    succeed_subscriber(connection, goes=merger.goes, stays=merger.stays)
    connection.execute(delete(Subscriber).where(Subscriber.id == merger.goes))
    connection.execute(update(Subscriber).where(Subscriber.id == merger.stays).values(**merger.person))


def keep_stand(connection: Connection, subscription: int, served: str | None) -> None:
    """Keeps where the subscription that stays stands (see `wish.py`), unless it stands somewhere already; None: nowhere else."""
    if served is not None:
        unmoved = (Subscription.id == subscription, Subscription.served == "")
        connection.execute(update(Subscription).where(*unmoved).values(served=served))


def _require_mailable(connection: Connection, goes: Row[Any], stays: Row[Any]) -> None:
    if reason_of(connection, stays.address_hash) is not None:
        raise Suppressed("Nobody may write to the address that stays: it is on the suppression list. Lift it first, or merge the other way round.")
    # A bounce says something of the mailbox, everything else something of the person.
    if (reason := reason_of(connection, goes.address_hash)) not in (None, SuppressionReason.BOUNCE):
        raise Suppressed(f"Nobody may write to the person with the address that goes ({reason}). Lift that first, if you are sure.")


def _words(connection: Connection, subscriber_id: int) -> Mapping[str, Word]:
    """By newsletter."""
    columns = (Subscription.id, Subscription.newsletter, Subscription.state, Subscription.confirmed_at, Subscription.unsubscribed_at)
    query = select(*columns).where(Subscription.subscriber_id == subscriber_id).order_by(Subscription.id)
    return {row.newsletter: Word(**row._mapping) for row in connection.execute(query)}


def _person(goes: Row[Any], stays: Row[Any]) -> Mapping[str, Any]:
    """What is known of the address that stays, and of the other what is not known of that one."""
    return {
        **{name: getattr(stays, name) or getattr(goes, name) for name in ("name", "language", "time_zone")},
        "attributes": goes.attributes | stays.attributes,
        "created_at": min(goes.created_at, stays.created_at),
        "acted_at": max((moment for moment in (goes.acted_at, stays.acted_at) if moment), default=None),
    }

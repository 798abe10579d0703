"""One batch of an import: who is new gets a row, a subscription and its consent; everybody else is left as they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select
from sqlalchemy import insert as plain_insert

from subscribers.change import public_id
from subscribers.entry import Entry
from subscribers.suppression import address_hash, suppressed_among
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState
from subscribers.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done with a file. `state` is that of every row; a file that says more may say less (pending, unsubscribed), never more."""

    newsletter: str
    state: SubscriptionState
    origin: str  # the file's name: each consent names it with its line
    wording: str = ""  # what these people agreed to, where the file does not say
    dry_run: bool = False  # counts what would happen, writes nothing


def take_in(connection: Connection, batch: Sequence[Entry], plan: Plan, counts: Counter[str], *, keys: Sequence[str], now: datetime) -> None:
    """Adds whoever of the batch may be added, and counts what became of each; at most six statements, however long the batch."""
    fresh = _sorted_out(connection, {address_hash(entry.person.address, keys): entry for entry in batch}, plan.newsletter, counts)
    if plan.dry_run or not fresh:
        counts["added"] += len(fresh)
        return
    ids = _subscribers(connection, fresh, now)
    people = {ids[_key(entry)]: (digest, entry) for digest, entry in fresh.items()}
    added = _subscriptions(connection, people, plan, now)
    counts["added"] += added
    counts["already"] += len(fresh) - added  # somebody else was quicker


def _sorted_out(connection: Connection, batch: dict[str, Entry], newsletter: str, counts: Counter[str]) -> dict[str, Entry]:
    """Those of the batch, by hash, that may be added."""
    suppressed = suppressed_among(connection, batch)
    joined = and_(Subscription.subscriber_id == Subscriber.id, Subscription.newsletter == newsletter)
    query = select(Subscriber.address_key, Subscription.state).join(Subscription, joined)
    theirs = Subscriber.address_key.in_([_key(entry) for entry in batch.values()])
    known = {row.address_key: row.state for row in connection.execute(query.where(theirs))}
    fresh = {}
    for digest, entry in batch.items():
        if digest in suppressed:
            counts["suppressed"] += 1
        elif _key(entry) in known:
            counts["left" if known[_key(entry)] == SubscriptionState.UNSUBSCRIBED else "already"] += 1
        else:
            fresh[digest] = entry
    return fresh


def _key(entry: Entry) -> str:
    return entry.person.address.key


def _subscribers(connection: Connection, fresh: dict[str, Entry], now: datetime) -> dict[str, int]:
    """The ids of these people by address key; whoever is new gets a row."""
    rows = [
        {
            "public_id": public_id(),
            "address": entry.person.address.address,
            "address_key": _key(entry),
            "address_hash": digest,
            "name": entry.person.name,
            "language": entry.person.language,
            "time_zone": entry.person.time_zone,
            "created_at": now,
        }
        for digest, entry in fresh.items()
    ]
    connection.execute(insert(connection, Subscriber).on_conflict_do_nothing(index_elements=["address_key"]), rows)
    query = select(Subscriber.address_key, Subscriber.id).where(Subscriber.address_key.in_([row["address_key"] for row in rows]))
    return {row.address_key: row.id for row in connection.execute(query)}


def _subscriptions(connection: Connection, people: dict[int, tuple[str, Entry]], plan: Plan, now: datetime) -> int:
    """Adds the subscriptions with their consents; how many there were not before."""
    rows = [_subscription(subscriber_id, entry, plan, now) for subscriber_id, (_, entry) in people.items()]
    statement = insert(connection, Subscription).on_conflict_do_nothing(index_elements=["subscriber_id", "newsletter"])
    made = connection.execute(statement.returning(Subscription.id, Subscription.subscriber_id, Subscription.state), rows).all()
    consents = [
        {**_consent(people[subscriber_id][1], plan, now), "subscription_id": id_, "address_hash": people[subscriber_id][0], "state": state}
        for id_, subscriber_id, state in made
    ]
    if consents:
        connection.execute(plain_insert(Consent), consents)
    return len(consents)


def _subscription(subscriber_id: int, entry: Entry, plan: Plan, now: datetime) -> dict[str, object]:
    state = entry.state if entry.state in (SubscriptionState.UNSUBSCRIBED, SubscriptionState.PENDING) else plan.state
    return {
        "public_id": public_id(),
        "subscriber_id": subscriber_id,
        "newsletter": plan.newsletter,
        "state": state,
        "created_at": now,
        "confirmed_at": (entry.confirmed_at or now) if state == SubscriptionState.CONFIRMED else None,
        "unsubscribed_at": now if state == SubscriptionState.UNSUBSCRIBED else None,
        "unsubscribed_how": "import" if state == SubscriptionState.UNSUBSCRIBED else "",
    }


def _consent(entry: Entry, plan: Plan, now: datetime) -> dict[str, object]:
    origin = f"{plan.origin}, line {entry.line}" + (f": {entry.origin}" if entry.origin else "")
    return {"at": now, "how": "import", "origin": origin, "wording": entry.wording or plan.wording}

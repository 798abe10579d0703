"""One batch of an import: who is new gets a row, a subscription and its consent; who left or bounced elsewhere gets no mail here either."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert as plain_insert

from subscribers.change import Choice, public_id
from subscribers.lists.entry import Entry
from subscribers.lists.fill_in import fill_in
from subscribers.lists.known import IMPORT, Here, end, known
from subscribers.lists.layout import Wanted
from subscribers.lists.states import least
from subscribers.suppression import address_hash, suppress_all, suppressed_among
from subscribers.tables import Consent, Subscription, SubscriptionState
from subscribers.upsert import insert


def _all_of_it(choice: Choice) -> Choice:
    return choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done with a file. `state` is that of every row; a file that says more may say less (pending, unsubscribed), never more."""

    newsletter: str
    state: SubscriptionState
    origin: str  # the file's name: each consent names it with its line
    wording: str = ""  # what these people agreed to, where the file does not say
    dry_run: bool = False  # counts what would happen, writes nothing
    wanted: Wanted = field(default_factory=Wanted)
    offered: Callable[[Choice], Choice] = _all_of_it  # what the newsletter offers of a choice: that is kept

    def becomes(self, entry: Entry) -> SubscriptionState:
        return least(entry.state or self.state, self.state)

    def source(self, entry: Entry) -> str:
        return f"{self.origin}, line {entry.line}" + (f": {entry.origin}" if entry.origin else "")


People = Mapping[str, Entry]  # by hash


def take_in(connection: Connection, batch: Sequence[Entry], plan: Plan, counts: Counter[str], *, keys: Sequence[str], now: datetime) -> None:
    """Adds whoever of the batch may be added, and counts what became of each; at most nine statements, however long the batch."""
    people = _by_hash(batch, keys)
    here = known(connection, [entry.person.address.key for entry in people.values()], plan.newsletter)
    fates = _fates(people, here, suppressed_among(connection, people), plan)
    told = [(fate, people[digest]) for digest, fate in fates.items() if not people[digest].again]
    counts.update(fate for fate, _ in told)
    counts.update(plan.becomes(entry).value for fate, entry in told if fate == "added")
    if plan.dry_run:
        return
    barred, added, kept, ended = (
        {digest: people[digest] for digest, fate in fates.items() if fate == wanted} for wanted in ("barred", "added", "already", "ended")
    )
    _bar(connection, barred, plan, now)
    welcome = added | {digest: entry for digest, entry in kept.items() if not entry.forbids}
    ids = fill_in(connection, [_person(digest, entry, now) for digest, entry in welcome.items()]) if welcome else {}
    made = _subscribe(connection, [(ids[_key(entry)], digest, entry) for digest, entry in added.items()], plan, now) if added else 0
    counts["added"] -= len(added) - made
    counts["already"] += len(added) - made  # somebody else was quicker
    gone = end(connection, [here[_key(entry)].subscription for entry in ended.values()], now) if ended else {}
    rows = {here[_key(entry)].subscription: (digest, entry) for digest, entry in ended.items()}
    _record(connection, ((id_, SubscriptionState.UNSUBSCRIBED, *rows[id_]) for id_ in gone), plan, now)


def _by_hash(batch: Iterable[Entry], keys: Sequence[str]) -> dict[str, Entry]:
    people: dict[str, Entry] = {}
    for entry in batch:
        digest = address_hash(entry.person.address, keys)
        # Only a row that forbids comes a second time, and it stands. It is counted once, as the first one is.
        people[digest] = replace(entry, again=people[digest].again) if digest in people else entry
    return people


def _fates(people: People, here: Mapping[str, Here], suppressed: frozenset[str], plan: Plan) -> dict[str, str]:
    return {digest: "suppressed" if digest in suppressed else _fate(entry, here.get(_key(entry)), plan) for digest, entry in people.items()}


def _fate(entry: Entry, here: Here | None, plan: Plan) -> str:
    """What a person said here themselves stands: no list ends it, and none revives it."""
    if entry.suppression is not None:
        return "already" if here is not None and here.confirmed_by_themselves else "barred"
    if here is None or here.state is None:
        return "added"
    if here.state is SubscriptionState.UNSUBSCRIBED:
        return "left"
    return "ended" if plan.becomes(entry) is SubscriptionState.UNSUBSCRIBED and not here.by_themselves else "already"


def _key(entry: Entry) -> str:
    return entry.person.address.key


def _bar(connection: Connection, barred: People, plan: Plan, now: datetime) -> None:
    if barred:
        rows = [(digest, entry.suppression, plan.source(entry)) for digest, entry in barred.items() if entry.suppression]
        suppress_all(connection, rows, now=now)


def _person(digest: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "address": entry.person.address.address,
        "address_key": _key(entry),
        "address_hash": digest,
        "name": entry.person.name,
        "language": entry.person.language,
        "time_zone": entry.person.time_zone,
        "attributes": dict(entry.attributes),
        "created_at": now,
    }


def _subscribe(connection: Connection, people: Sequence[tuple[int, str, Entry]], plan: Plan, now: datetime) -> int:
    """Adds the subscriptions with their consents; how many there were not before."""
    rows = {subscriber_id: (digest, entry) for subscriber_id, digest, entry in people}
    statement = insert(connection, Subscription).on_conflict_do_nothing(index_elements=["subscriber_id", "newsletter"])
    values = [_subscription(id_, entry, plan, now) for id_, (_, entry) in rows.items()]
    made = connection.execute(statement.returning(Subscription.id, Subscription.subscriber_id, Subscription.state), values).all()
    _record(connection, ((row.id, row.state, *rows[row.subscriber_id]) for row in made), plan, now)
    return len(made)


def _subscription(subscriber_id: int, entry: Entry, plan: Plan, now: datetime) -> dict[str, object]:
    state = plan.becomes(entry)
    left = state is SubscriptionState.UNSUBSCRIBED
    return {
        "public_id": public_id(),
        "subscriber_id": subscriber_id,
        "newsletter": plan.newsletter,
        "state": state,
        "created_at": now,
        "confirmed_at": min(entry.confirmed_at or now, now) if state is SubscriptionState.CONFIRMED else None,
        "unsubscribed_at": min(entry.left_at or now, now) if left else None,
        "unsubscribed_how": IMPORT if left else "",
        **plan.offered(entry.choice).columns,
    }


def _record(connection: Connection, changed: Iterable[tuple[int, SubscriptionState, str, Entry]], plan: Plan, now: datetime) -> None:
    consents = [
        {
            "subscription_id": id_,
            "state": state,
            "at": now,
            "how": IMPORT,
            "origin": plan.source(entry),
            "wording": entry.wording or plan.wording,
            "address_hash": digest,
        }
        for id_, state, digest, entry in changed
    ]
    if consents:
        connection.execute(plain_insert(Consent), consents)

"""All that is kept of a person is handed out, and all of it goes when they are erased: looked for in every table there is."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from digest.delivery import queue
from digest.delivery.letters import Letter, enqueue
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.dossier import dossier
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.sign_up import ask_for_data
from subscribers import choices, consent, merge, wording
from subscribers.address import parse_address
from subscribers.audience import audience
from subscribers.consent import Person, Proof
from subscribers.erase import erase
from subscribers.suppression import address_hash, suppress
from subscribers.tables import Base, Subscriber, Subscription, SubscriptionState, Suppression, SuppressionReason
from tests.signing_up import KEYS, fill_in, house, people, taken_up

OURS = house(weekly={}, monthly={})
ANN, OLD = parse_address("Ann.Winter@lantern.example"), parse_address("ann.w@old.example")
WORDS = "Yes, send me the weekly letter."
SAID = ("Ann.Winter@", "ann.winter@", "ann.w@", "Annabel Winter", "Europe/Skopje", "de-LI", "kindergarten-door", "It was about my cat", "plot 17")


@pytest.fixture
def ann(engine: Engine, now: datetime) -> str:
    """Somebody of whom everything is kept that can be; the public id. Bob is beside her, of whom nothing may go."""
    told = {"name": "Annabel Winter", "language": "de_LI", "time_zone": "Europe/Skopje"}
    fill_in(engine, now, ANN.address, ["weekly", "monthly"], **told)
    fill_in(engine, now, "bob@lantern.example", name="Bob")
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        mine = {one.newsletter: one for one in people(connection) if one.name.startswith("Ann")}
        token = mine["weekly"].subscriber_token
        version = wording.keep(connection, WORDS, now=now)
        choices.confirm(connection, token, ["weekly"], proof=Proof(how="letter", origin="kindergarten-door", wording=version), now=now)
        consent.unsubscribe(connection, mine["monthly"].subscription_token, how="one-click", now=now)
        consent.say_why(connection, mine["monthly"].subscription_token, "It was about my cat", now=now)
        connection.execute(update(Subscriber).where(Subscriber.public_id == token).values(attributes={"allotment": "plot 17"}))
        was_sent(connection, now)
        assert ask_for_data(connection, OURS, token, now=now + timedelta(days=1), key=KEYS[-1])
        merged(connection, now)
    fill_in(engine, now + timedelta(days=2), "ANN.WINTER@lantern.example", ["weekly"], **told)
    return token


def was_sent(connection: Connection, now: datetime) -> None:
    row = {"newsletter": "weekly", "cadence": "weekly", "slot": now, "window_start": now, "cutoff": now, "created_at": now, "subject": "Harbour news"}
    edition_id = connection.scalars(insert(EditionRow).values(**row, state=EditionState.SENT).returning(EditionRow.id)).one()
    assert queue.enqueue(connection, edition_id, audience("weekly", now), now) == 1
    sent = update(DeliveryRow).where(DeliveryRow.edition_id == edition_id)
    connection.execute(sent.values(state=DeliveryState.ACCEPTED, settled_at=now, relay="main", code=250, text="2.0.0 queued as 4711"))


def merged(connection: Connection, now: datetime) -> None:
    state, proof = SubscriptionState.CONFIRMED, Proof(how="import", origin="kindergarten-door")
    consent.add(connection, Person(address=OLD), newsletter="weekly", state=state, proof=proof, keys=KEYS, now=now)
    merge.carry_out(connection, merge.plan(connection, OLD, ANN))


def everything(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row of each table."""
    for name, table in Base.metadata.tables.items():
        yield from ((name, dict(row._mapping)) for row in connection.execute(select(*table.columns)))


def public_ids(connection: Connection) -> set[str]:
    ids = {row["public_id"] for name, row in everything(connection) if "public_id" in row}
    bob = select(Subscriber.id).where(Subscriber.name == "Bob").scalar_subquery()
    bobs = {*connection.scalars(select(Subscription.public_id).where(Subscription.subscriber_id == bob))}
    return ids - bobs - {*connection.scalars(select(Subscriber.public_id).where(Subscriber.name == "Bob"))}


def test_42_what_tables_hold_of_a_person_is_in_their_dossier(engine: Engine, ann: str, now: datetime) -> None:
    with engine.begin() as connection:
        suppress(connection, ANN, reason=SuppressionReason.BY_HAND, keys=KEYS, now=now, note="plot 17")
        ids = public_ids(connection)
        held = str(list(everything(connection)))
    assert len(ids) == 5 and [word for word in SAID if word not in held] == ["ann.w@"]  # the merge has left nothing of the old address
    for told in (dossier(engine, ann, keys=KEYS), dossier(engine, parse_address("ann.winter@LANTERN.example"), keys=KEYS)):
        text = json.dumps(told)
        assert [word for word in (*SAID, *ids) if word in held and word not in text] == []
        assert "bob@" not in text
        assert told["suppression"]["reason"] == "by-hand" and len(told["sign_ups"]) == 1
        weekly, monthly = sorted(told["subscriptions"], key=lambda one: one["newsletter"], reverse=True)
        assert WORDS in [said["words"] for said in weekly["consents"]] and weekly["confirmed_at"] == now.isoformat()
        assert [said["state"] for said in monthly["consents"]] == ["pending", "unsubscribed", "unsubscribed"]
        letters = [(one["newsletter"], one["letter"], one["state"], one["subject"]) for one in told["deliveries"]]
        assert letters == [("monthly", "confirm", "queued", None), ("weekly", "", "accepted", "Harbour news"), ("weekly", "data", "queued", None)]


def test_42_when_a_person_is_erased_no_table_holds_anything_of_them(engine: Engine, ann: str, now: datetime) -> None:
    with engine.begin() as connection:
        suppress(connection, ANN, reason=SuppressionReason.BOUNCE, keys=KEYS, now=now, note="Annabel Winter's mailbox is full")
        ids, before = public_ids(connection), list(everything(connection))
        enqueue(connection, connection.scalars(select(Subscription.id).where(Subscription.newsletter == "monthly")).one(), Letter.DATA, at=now)
        assert erase(connection, ANN, keys=KEYS, now=now, note="asked for")
    with engine.begin() as connection:
        after = list(everything(connection))
        assert [word for word in (*SAID, *ids) if word in str(after)] == []
        where = [name for name, row in after if address_hash(ANN, KEYS) in row.values()]
        assert where == ["suppressions"]
        hers = Suppression.address_hash == address_hash(ANN, KEYS)
        assert connection.scalars(select(Suppression.reason).where(hers)).one() is SuppressionReason.BOUNCE
        assert set(connection.scalars(select(Suppression.reason).where(~hers))) == {SuppressionReason.ERASED}  # her address of before
        lost = [row for name, row in after if name == "deliveries" and row["subscription_id"] is None]
        assert {(row["letter"], row["state"]) for row in lost} >= {("", DeliveryState.ACCEPTED), ("data", DeliveryState.QUEUED)}
        bobs = [row for name, row in before if name == "subscribers" and row["name"] == "Bob"]
        assert [row for name, row in after if name == "subscribers"] == bobs
        assert [one.name for one in people(connection)] == ["Bob"]
    told = dossier(engine, ANN, keys=KEYS)
    assert told.pop("suppression")["note"] == "asked for"
    assert not any(told.values())


def test_of_whom_nothing_is_known_the_dossier_is_empty(engine: Engine, ann: str) -> None:
    for nobody in (parse_address("nobody@lantern.example"), "nobody-has-this-id"):
        assert not any(dossier(engine, nobody, keys=KEYS).values())

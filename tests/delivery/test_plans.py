"""Queueing by plan and hour: everybody once, with what they want, at their moment; nobody for whom there is nothing, and nobody lost."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, Select, select, update

from digest.delivery import plans, queue
from digest.delivery.plans import Lacking, Plan
from digest.delivery.tables import DeliveryRow, PlanRow
from subscribers.audience import audience
from subscribers.tables import Subscriber, Subscription
from subscribers.wish import Served, Wish
from tests.delivery.conftest import enrol, make_edition, make_readers, rows

SEA, TOWN = Wish(sections=frozenset({"Sea"})), Wish(sections=frozenset({"Town"}))
CAME = Wish(served=str(Served(cadence="daily", until=datetime(2026, 11, 20, 7, tzinfo=UTC))))
HOUR = timedelta(hours=1)


def give(connection: Connection, token: str, wish: Wish) -> None:
    sets = {name: getattr(wish, name) for name in ("sections", "authors", "muted_sections", "muted_authors", "served")}
    connection.execute(update(Subscription).where(Subscription.public_id == token).values(**sets))


def live_in(connection: Connection, token: str, zone: str, hour: int | None = None) -> None:
    theirs = select(Subscription.subscriber_id).where(Subscription.public_id == token).scalar_subquery()
    connection.execute(update(Subscriber).where(Subscriber.id == theirs).values(time_zone=zone))
    connection.execute(update(Subscription).where(Subscription.public_id == token).values(hour=hour))


def readers_with(connection: Connection, now: datetime, *wishes: Wish) -> list[str]:
    tokens = make_readers(connection, len(wishes), now)
    for token, wish in zip(tokens, wishes, strict=True):
        give(connection, token, wish)
    return tokens


def plan_all(connection: Connection, edition_id: int, found: Lacking, now: datetime, *empty: Wish) -> None:
    nothing = {wish.key for wish in empty}
    plans.add_plans(connection, edition_id, [Plan(key=key, readers=number, empty=key in nothing) for key, number in found.wishes.items()])
    plans.add_hours(connection, edition_id, {(zone, hour): now + HOUR * (hour + 1) for zone, hour in found.hours})


def queue_all(connection: Connection, edition_id: int, now: datetime, *empty: Wish, timed: bool = False) -> None:
    plan_all(connection, edition_id, plans.lacking(connection, edition_id, everybody(now), timed=timed), now, *empty)
    assert not plans.enqueue(connection, edition_id, everybody(now), now, timed=timed)


def everybody(now: datetime) -> Select[int]:
    return audience("weekly", now)


def queued(connection: Connection, edition_id: int) -> dict[str, str | None]:
    """The key of the plan each is queued with, by subscription."""
    query = select(Subscription.public_id, PlanRow.key).join(DeliveryRow, DeliveryRow.subscription_id == Subscription.id)
    return dict(connection.execute(query.outerjoin(PlanRow, PlanRow.id == DeliveryRow.plan_id).where(DeliveryRow.edition_id == edition_id)).all())


def served(connection: Connection) -> list[str]:
    return list(connection.scalars(select(Subscription.served).order_by(Subscription.id)))


def test_everybody_is_queued_with_the_plan_of_their_wish(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        sea, town, plain, other = readers_with(connection, now, SEA, TOWN, Wish(), SEA)
        queue_all(connection, edition, now)
        assert queued(connection, edition) == {sea: SEA.key, town: TOWN.key, plain: None, other: SEA.key}
        assert {row.next_at for row in rows(connection)} == {now}


def test_whose_plan_is_empty_gets_no_mail_and_is_counted(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        sea, _, plain, _ = readers_with(connection, now, SEA, TOWN, Wish(), TOWN)
        queue_all(connection, edition, now, TOWN)
        assert queued(connection, edition).keys() == {sea, plain}
        assert plans.nothing_new(connection, edition) == 2


def test_queueing_again_adds_only_who_is_new(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        sea, plain = readers_with(connection, now, SEA, Wish())
        queue_all(connection, edition, now)
        (late,) = make_readers(connection, 1, now, prefix="late")
        for token, wish in ((late, CAME), (sea, TOWN)):
            give(connection, token, wish)
        queue_all(connection, edition, now)
        assert queued(connection, edition) == {sea: SEA.key, plain: None, late: CAME.key}


# With SQLite, which has one writer at a time, nobody changes anything meanwhile.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_changes_their_mind_while_they_are_queued_is_told_and_not_lost(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        sea, plain = readers_with(connection, now, SEA, Wish())
    with engine.begin() as connection:
        plan_all(connection, edition, plans.lacking(connection, edition, everybody(now), timed=True), now)
        with engine.begin() as meanwhile:
            give(meanwhile, sea, TOWN)
            give(meanwhile, plain, CAME)
            live_in(meanwhile, plain, "Asia/Tokyo", 5)
        found = plans.enqueue(connection, edition, everybody(now), now, timed=True)
        assert found == Lacking(wishes={TOWN.key: 1, CAME.key: 1}, hours=frozenset({("Asia/Tokyo", 5)}))
        assert queued(connection, edition) == {}
        plan_all(connection, edition, found, now)
        assert not plans.enqueue(connection, edition, everybody(now), now, timed=True)
        assert queued(connection, edition) == {sea: TOWN.key, plain: CAME.key}


def test_a_pool_of_readers_who_change_all_the_time_is_queued_to_the_last_one(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        tokens = readers_with(connection, now, *[Wish()] * 30)
    begun, over = threading.Event(), threading.Event()

    def change() -> None:
        for number in range(60):
            with engine.begin() as connection:
                give(connection, tokens[number % 30], Wish(sections=frozenset({f"Section {number}"})))
            begun.set()
        over.set()

    changing = threading.Thread(target=change)
    changing.start()
    begun.wait(30)
    with engine.begin() as connection:
        found = plans.lacking(connection, edition, everybody(now), timed=False)
        while found:
            plan_all(connection, edition, found, now)
            found = plans.enqueue(connection, edition, everybody(now), now, timed=False)
        assert queued(connection, edition).keys() == set(tokens)
    changing.join()
    assert over.is_set()


def test_each_is_due_at_the_moment_of_their_zone_and_hour(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        tokens = readers_with(connection, now, SEA, SEA, Wish())
        for token, zone, hour in zip(tokens, ("Asia/Tokyo", "Asia/Tokyo", ""), (5, None, None), strict=True):
            live_in(connection, token, zone, hour)
        found = plans.lacking(connection, edition, everybody(now), timed=True)
        assert found.hours == {("Asia/Tokyo", 5), ("Asia/Tokyo", -1), ("", -1)}
        queue_all(connection, edition, now, timed=True)
        due = dict(connection.execute(select(Subscription.public_id, DeliveryRow.next_at).join_from(DeliveryRow, Subscription)).all())
        assert due == dict(zip(tokens, (now + 6 * HOUR, now, now), strict=True))


def test_only_who_is_queued_has_arrived_from_another_cadence(engine: Engine, now: datetime) -> None:
    came = Wish(sections=SEA.sections, served=CAME.served)
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        readers_with(connection, now, came, CAME, SEA)
        queue_all(connection, edition, now, CAME)
        plans.arrived(connection, edition)
        assert served(connection) == ["", CAME.served, ""]


def test_who_went_on_to_yet_another_cadence_meanwhile_still_stands_there(engine: Engine, now: datetime) -> None:
    further = Wish(served=CAME.served.replace("daily", "monthly"))
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        first, _ = readers_with(connection, now, CAME, CAME)
        queue_all(connection, edition, now)
        give(connection, first, further)
        plans.arrived(connection, edition)
        assert served(connection) == [further.served, ""]


def test_a_wish_too_long_for_any_index_is_a_wish(engine: Engine, now: datetime) -> None:
    long = Wish(authors=frozenset(f"An author with a name of their own, number {number}" for number in range(400)))
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        (token,) = readers_with(connection, now, long)
        queue_all(connection, edition, now)
        assert queued(connection, edition) == {token: long.key}


def test_what_is_personal_is_claimed_with_plan_hour_and_moment(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=120)
        edition = make_edition(connection, now)
        tokens = readers_with(connection, now, SEA, Wish())
        live_in(connection, tokens[0], "Asia/Tokyo", 5)
        queue_all(connection, edition, now, timed=True)
        first = queue.claim(connection, edition_id=edition, lease="one", now=now, limit=10, personal=True)
        later = queue.claim(connection, edition_id=edition, lease="one", now=now + 6 * HOUR, limit=10, personal=True)
        found = [(one.subscription_token, one.plan, one.hour, one.due) for one in (*first, *later)]
        assert found == [(tokens[1], "", None, now), (tokens[0], SEA.key, 5, now + 6 * HOUR)]


def test_the_plan_of_a_reader_s_delivery_is_found(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        sea, plain, none = readers_with(connection, now, SEA, Wish(), TOWN)
        queue_all(connection, edition, now, TOWN)
        assert [plans.plan_of(connection, edition, token) for token in (sea, plain, none)] == [SEA.key, "", None]


def test_the_statements_of_a_personal_edition_do_not_grow_with_its_readers(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    counts = []
    for number in (3, 60):
        with engine.begin() as connection:
            edition = make_edition(connection, now + HOUR * number)
            for token in make_readers(connection, number, now, prefix=f"of{number}-"):
                give(connection, token, Wish(sections=frozenset({token[:1]})))
            statements()
            queue_all(connection, edition, now)
            plans.arrived(connection, edition)
            counts.append(statements())
    assert counts[0] == counts[1] == 4

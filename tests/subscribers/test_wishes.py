"""What an audience wants, as SQL groups it."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Connection, Engine, Text, literal, select, update

from subscribers.tables import Subscriber, Subscription
from subscribers.wish import Served, Wish
from subscribers.wishes import hours, languages, served_in, wish_key, wishes
from tests.delivery.conftest import make_readers
from tests.subscribers.test_wish import WISHES

EVERYBODY = select(Subscription.id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
SERVED = str(Served(cadence="daily %_", until=datetime(2026, 11, 20, 7, tzinfo=UTC)))
SEA = Wish(sections=frozenset({"Sea", "Town"}), muted_authors=frozenset({"Ann Lee"}))


def give(connection: Connection, token: str, wish: Wish) -> None:
    sets = {name: getattr(wish, name) for name in ("sections", "authors", "muted_sections", "muted_authors", "served")}
    connection.execute(update(Subscription).where(Subscription.public_id == token).values(**sets))


def readers_with(connection: Connection, given_wishes: Iterable[Wish], now: datetime) -> list[str]:
    chosen = list(given_wishes)
    tokens = make_readers(connection, len(chosen), now)
    for token, wish in zip(tokens, chosen, strict=True):
        give(connection, token, wish)
    return tokens


# The tables are rolled back after each example.
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(WISHES, max_size=6))
def test_the_key_that_sql_makes_is_the_wish_s_own(engine: Engine, now: datetime, chosen: list[Wish]) -> None:
    with engine.connect() as connection:
        readers_with(connection, chosen, now)
        keys = connection.scalars(select(wish_key()).order_by(Subscription.id)).all()
        assert keys == [wish.key for wish in chosen]
        assert [Wish.parse(key) for key in keys] == chosen
        assert dict(wishes(connection, EVERYBODY)) == Counter(wish.key for wish in chosen if wish.key)
        assert connection.scalars(select(served_in(wish_key())).where(Subscription.served != "")).all() == [True for one in chosen if one.served]
        connection.rollback()


def test_the_commonest_wish_comes_first_and_whoever_wants_all_is_not_counted(engine: Engine, now: datetime) -> None:
    rare = Wish(authors=frozenset({"Ann Lee"}))
    with engine.begin() as connection:
        readers_with(connection, [Wish(), rare, SEA, SEA, Wish()], now)
        assert wishes(connection, EVERYBODY) == ((SEA.key, 2), (rare.key, 1))
        assert wishes(connection, EVERYBODY.where(Subscription.newsletter == "another")) == ()


def test_whoever_changed_cadence_again_does_not_stand_where_they_did(engine: Engine, now: datetime) -> None:
    before, shorter = Wish(sections=SEA.sections, served=SERVED), Wish(served=SERVED[1:])
    with engine.begin() as connection:
        token, other = readers_with(connection, [before, shorter], now)
        give(connection, token, Wish(muted_sections=SEA.sections, served=SERVED))
        stands = select(Subscription.public_id).where(served_in(key_of(before)))
        assert connection.scalars(stands).all() == [token]
        give(connection, token, Wish(sections=SEA.sections, served=SERVED.replace("20", "21")))
        assert connection.scalars(stands).all() == []
        assert connection.scalars(select(Subscription.public_id).where(served_in(key_of(shorter)))).all() == [other]


def key_of(wish: Wish) -> ColumnElement[str]:
    return literal(wish.key, Text)


def test_languages_and_hours_are_told_once_each(engine: Engine, now: datetime) -> None:
    people = (("de", "Europe/Berlin", 6), ("de", "Europe/Berlin", 6), ("", "Europe/Berlin", None), ("ar", "", None))
    with engine.begin() as connection:
        for token, (language, zone, hour) in zip(make_readers(connection, len(people), now), people, strict=True):
            theirs = select(Subscription.subscriber_id).where(Subscription.public_id == token).scalar_subquery()
            connection.execute(update(Subscriber).where(Subscriber.id == theirs).values(language=language, time_zone=zone))
            connection.execute(update(Subscription).where(Subscription.public_id == token).values(hour=hour))
        assert languages(connection, EVERYBODY) == {"de", "ar"}
        assert hours(connection, EVERYBODY) == {("Europe/Berlin", 6), ("Europe/Berlin", -1), ("", -1)}

"""Somebody leaves by the link of an old mail in the very moment in which an operator makes one person of two: a no is never lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event, text
from starlette.testclient import TestClient

from digest.merge import merge
from subscribers.address import parse_address
from subscribers.merge import carry_out, plan
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose, sign
from tests.web.conftest import KEYS, Clock, Readers

OLD, NEW = parse_address("ann@old.example"), parse_address("ann@new.example")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
LEFT = SubscriptionState.UNSUBSCRIBED
PATIENCE = 30


@contextmanager
def merged_after_the_first_look(engine: Engine, clock: Clock) -> Iterator[None]:
    """As soon as a request has found out whom its link leads to."""
    done: list[bool] = []

    def act(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        if "former_ids" in statement and not done:
            done.append(True)
            merge(engine, OLD, NEW, keys=KEYS, now=clock.now, shut=False)

    event.listen(engine, "after_cursor_execute", act)
    yield
    event.remove(engine, "after_cursor_execute", act)
    assert done


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite nobody writes between the two
def test_one_click_reaches_what_the_subscription_became(client: TestClient, readers: Readers, engine: Engine, clock: Clock) -> None:
    goes, stays = readers.join(address=OLD.address), readers.join(address=NEW.address)
    with merged_after_the_first_look(engine, clock):
        assert client.post(f"/leave/{sign(Purpose.LEAVE, goes.subscription_token, KEYS)}", data=ONE_CLICK).status_code == 200
    assert readers.state(stays) is LEFT


def test_leaving_everything_reaches_the_person_there_is(client: TestClient, readers: Readers, engine: Engine, clock: Clock) -> None:
    goes, stays = readers.join(address=OLD.address), readers.join(address=NEW.address)
    other = readers.join("daily", address=OLD.address)
    with merged_after_the_first_look(engine, clock):
        path = f"/preferences/{sign(Purpose.PREFERENCES, goes.subscriber_token, KEYS)}"
        assert client.post(path, data={"do": "leave"}).status_code == 200
    assert [readers.state(one) for one in (stays, other)] == [LEFT, LEFT]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_a_subscription_that_moves_to_the_other_person_is_waited_for(client: TestClient, readers: Readers, engine: Engine, clock: Clock) -> None:
    moved = readers.join("daily", address=OLD.address)
    readers.join("weekly", address=NEW.address)

    def leave() -> int:
        return client.post(f"/leave/{sign(Purpose.LEAVE, moved.subscription_token, KEYS)}", data=ONE_CLICK).status_code

    with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
        carry_out(connection, plan(connection, OLD, NEW))
        leaving = pool.submit(leave)
        while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert not leaving.done()
        connection.commit()
        assert leaving.result(PATIENCE) == 200
    assert readers.state(moved) is LEFT

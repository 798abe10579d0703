"""Somebody is erased while they act: whoever comes second waits, and neither gives up."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Engine, event

from subscribers import choices
from subscribers.change import hold
from subscribers.consent import Proof, subscribe
from subscribers.erase import erase
from subscribers.people import find
from subscribers.suppression import suppress
from subscribers.tables import SuppressionReason
from tests.subscribers.conftest import FORM, KEYS, person

ANN = person("ann@example.com")
PATIENCE = 30


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_erased_again_while_the_second_yes_lifts_the_first_erasure(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        suppress(connection, ANN.address, reason=SuppressionReason.ERASED, keys=KEYS, now=now)
        subscribe(connection, ANN, newsletter="weekly", proof=FORM, keys=KEYS, now=now)
        [ann] = find(connection)
    reached = threading.Event()

    def note(*arguments: object) -> None:
        if threading.current_thread() is not threading.main_thread() and "subscribers" in str(arguments[2]):
            reached.set()

    def erased() -> bool:
        with engine.begin() as connection:
            return erase(connection, ANN.address, keys=KEYS, now=now)

    event.listen(engine, "before_cursor_execute", note)
    with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
        assert hold(connection, subscriber=ann.subscriber_token)
        erasing = pool.submit(erased)
        assert reached.wait(PATIENCE)  # it wants the person, whom we have
        assert choices.confirm(connection, ann.subscriber_token, ["weekly"], proof=Proof(how="confirmation letter"), now=now) == ("weekly",)
        connection.commit()
        assert erasing.result(PATIENCE)
    with engine.begin() as connection:
        assert find(connection) == ()

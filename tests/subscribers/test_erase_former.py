"""Who is erased stays so by every address they had, unless it is somebody else's by now."""

from datetime import datetime

import pytest
from sqlalchemy import Connection

from subscribers.address import Address, parse_address
from subscribers.consent import Person, add
from subscribers.edit import Changes, edit
from subscribers.erase import erase
from subscribers.errors import Suppressed
from subscribers.merge import carry_out, plan
from subscribers.people import find
from subscribers.suppression import is_suppressed, listed, suppress
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS, OPERATOR

OLD, NEW = parse_address("ann@old.example"), parse_address("ann@new.example")


def listed_in_a_file(connection: Connection, address: Address, now: datetime) -> None:
    add(connection, Person(address=address), newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=OPERATOR, keys=KEYS, now=now)


@pytest.mark.parametrize("how", ["merged", "edited"])
def test_42_an_old_list_does_not_bring_back_who_had_another_address(connection: Connection, now: datetime, how: str) -> None:
    listed_in_a_file(connection, OLD, now)
    if how == "merged":
        listed_in_a_file(connection, NEW, now)
        carry_out(connection, plan(connection, OLD, NEW))
    else:
        edit(connection, OLD, Changes(address=NEW), keys=KEYS)
    assert erase(connection, NEW, keys=KEYS, now=now)
    for address in (OLD, NEW):
        with pytest.raises(Suppressed):
            listed_in_a_file(connection, address, now)
    assert find(connection) == ()


def test_an_address_that_is_somebody_else_s_by_now_is_theirs(connection: Connection, now: datetime) -> None:
    listed_in_a_file(connection, OLD, now)
    edit(connection, OLD, Changes(address=NEW), keys=KEYS)
    listed_in_a_file(connection, OLD, now)
    erase(connection, NEW, keys=KEYS, now=now)
    assert not is_suppressed(connection, OLD, keys=KEYS)
    assert [one.address for one in find(connection)] == [OLD.address]


def test_what_stands_against_a_former_address_stays(connection: Connection, now: datetime) -> None:
    listed_in_a_file(connection, OLD, now)
    edit(connection, OLD, Changes(address=NEW), keys=KEYS)
    suppress(connection, OLD, reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now)
    erase(connection, NEW, keys=KEYS, now=now)
    found = listed(connection, OLD, keys=KEYS)
    assert found is not None and found.reason is SuppressionReason.COMPLAINT

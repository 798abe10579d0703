"""A pause and more than one change of cadence: what went by is not owed, whichever came first."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine

from tests.test_switching import DAILY, DAY, EVERY, HOUR, MONDAY, MONTHLY, WEEK, Town, paper


def test_who_changes_again_in_a_pause_gets_no_backlog(engine: Engine) -> None:
    town = Town(engine, settings=paper(cadences={"daily": DAILY, "monthly": MONTHLY}))
    town.due(MONDAY)
    town.until(MONDAY + 2 * DAY + HOUR)
    town.choose("monthly")
    town.pause(MONDAY + 16 * DAY + HOUR)
    town.until(MONDAY + 9 * DAY + HOUR)
    town.choose("daily")
    town.until(MONDAY + 17 * DAY)
    assert [(cadence, slot) for cadence, slot, _ in town.got] == [("weekly", MONDAY), ("daily", MONDAY + 17 * DAY)]
    assert town.got[-1][2] == town.keys(MONDAY + 16 * DAY - timedelta(minutes=30), MONDAY + 17 * DAY)


def test_a_slot_before_the_pause_is_not_taken_for_one_that_went_by_in_it(engine: Engine) -> None:
    town = Town(engine, settings=paper(cadences={"daily": DAILY}))
    town.due(MONDAY)
    town.until(MONDAY + 2 * DAY + HOUR)
    town.pause(MONDAY + 2 * DAY + 20 * HOUR)
    town.choose("daily")
    town.until(MONDAY + 3 * DAY)
    town.all_of(MONDAY - 7 * DAY, MONDAY + 3 * DAY)


@pytest.mark.parametrize("between", ["daily", "monthly"])
@pytest.mark.parametrize("there", [13 * DAY, 14 * DAY + HOUR])
def test_there_and_back_in_a_pause_is_as_if_nothing_had_been(engine: Engine, between: str, there: timedelta) -> None:
    """The weekly's third Monday goes by in the pause, and the monthly's day after it as well."""
    town = Town(engine, settings=paper(cadences={"daily": DAILY, "monthly": {"schedule": "0 7 17 * *"}}))
    town.due(MONDAY)
    town.until(MONDAY + 12 * DAY)
    town.pause(MONDAY + 16 * DAY)
    town.until(MONDAY + there)
    town.choose(between)
    town.until(MONDAY + 14 * DAY + 9 * HOUR)
    town.choose("weekly")
    town.until(MONDAY + 3 * WEEK)
    assert [slot for _, slot, _ in town.got] == [MONDAY, MONDAY + WEEK, MONDAY + 3 * WEEK]
    assert max(town.times.values()) == 1
    assert town.got[-1][2] == town.keys(MONDAY + 2 * WEEK - timedelta(minutes=30), MONDAY + 3 * WEEK)


@pytest.mark.parametrize("way", list(permutations(("daily", "every article", "fortnightly"), 2)))
@pytest.mark.parametrize("hours", [(25, 30, 60), (5, 40, 45), (1, 2, 160)])
def test_of_a_third_cadence_nothing_comes_twice_and_nothing_that_is_owed_is_missed(
    engine: Engine, way: tuple[str, str], hours: tuple[int, int, int]
) -> None:
    town = Town(engine, settings=paper(cadences={"daily": DAILY, "every article": EVERY, "fortnightly": {"schedule": "0 7 5,19 * *"}}))
    town.due(MONDAY)
    town.until(MONDAY + 2 * DAY)
    first, second, end = (MONDAY + 2 * DAY + number * HOUR for number in hours)
    town.pause(end)
    for moment, cadence in zip((first, second), way, strict=True):
        town.until(moment)
        town.choose(cadence)
    town.until(MONDAY + 3 * WEEK)
    assert max(town.times.values()) == 1
    assert town.got[0] == ("weekly", MONDAY, town.keys(MONDAY - WEEK, MONDAY))
    assert town.got[-1][0] == way[1]
    assert set(town.keys(end, town.got[-1][1])) <= set(town.times)

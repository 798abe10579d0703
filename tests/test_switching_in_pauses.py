"""A pause and more than one change of cadence: what went by is not owed, whichever came first."""

from datetime import timedelta

from sqlalchemy import Engine

from tests.test_switching import DAILY, DAY, HOUR, MONDAY, MONTHLY, Town, paper


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

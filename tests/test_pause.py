"""A pause over whole slots: no edition is queued while it lasts, the next one after it is, and leaving needs no waiting."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from digest.publish import publish
from subscribers import choices
from subscribers.consent import unsubscribe
from subscribers.people import find_reader
from tests.test_deliver import SLOT, fill, settings_for

WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(("weeks", "queued"), [(0, 3), (1, 2), (52, 2)])
def test_an_edition_goes_to_whoever_has_not_paused(engine: Engine, database_url: str, weeks: int, queued: int) -> None:
    settings = settings_for(database_url)
    fill(engine)
    with engine.begin() as connection:
        reader = find_reader(connection, "weekly", "reader1@example.com")
        assert reader and choices.pause(
            connection, reader.subscription_token, until=SLOT - WEEK + timedelta(weeks=weeks) + timedelta(hours=1), now=SLOT - WEEK
        )
    published = publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT)
    assert published.queued == queued


def test_a_pause_that_ends_at_the_slot_is_over(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    with engine.begin() as connection:
        reader, other = (find_reader(connection, "weekly", f"reader{number}@example.com") for number in (0, 1))
        assert reader and choices.pause(connection, reader.subscription_token, until=SLOT, now=SLOT - WEEK)
        assert other and choices.pause(connection, other.subscription_token, until=SLOT, now=SLOT - WEEK)
        assert unsubscribe(connection, other.subscription_token, how="one-click", now=SLOT - timedelta(days=1))
    assert publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT).queued == 2

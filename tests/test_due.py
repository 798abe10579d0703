"""Publishing what is due: each newsletter for itself, and a database that is away for none."""

from collections.abc import Collection

import pytest
from sqlalchemy import Engine

from digest.due import publish_due
from digest.errors import DatabaseError, DigestError
from digest.newsletter import Newsletter
from digest.publish import Published
from digest.settings import Settings
from tests.test_deliver import SLOT, fill, settings_for


def two(database_url: str) -> Settings:
    settings = settings_for(database_url)
    weekly = settings.newsletter("weekly")
    evening = Newsletter.model_validate({**weekly.model_dump(by_alias=True), "slug": "evening", "title": "Evening"})
    pages = settings.pages.model_copy(update={"keys": type(settings.pages.keys)("a-key")})
    return settings.model_copy(update={"newsletters": {"weekly": weekly, "evening": evening}, "pages": pages})


def test_an_unforeseen_fault_in_one_newsletter_stops_no_other(engine: Engine, database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    fill(engine)
    asked: list[int] = []

    def recheck(articles: Collection[int], comments: Collection[int]) -> int:
        asked.append(len(articles))
        if len(asked) == 1:
            raise ZeroDivisionError("nobody thought of it")
        return 0

    weekly, evening = dict(publish_due(engine, two(database_url), now=SLOT, recheck=recheck)).values()
    assert isinstance(weekly, DigestError)
    assert "“weekly” could not be published (ZeroDivisionError)" in str(weekly)
    assert "nobody thought of it" in caplog.text
    assert isinstance(evening, Published)
    assert evening.queued is not None


def test_a_database_that_is_away_is_no_newsletter_s_fault(engine: Engine, database_url: str) -> None:
    fill(engine)

    def recheck(articles: Collection[int], comments: Collection[int]) -> int:
        raise DatabaseError("The database cannot be used.")

    with pytest.raises(DatabaseError):
        list(publish_due(engine, two(database_url), now=SLOT, recheck=recheck))

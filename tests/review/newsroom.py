"""A newsletter with editors on a store of its own, and a clock that tests set."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from digest.accounts.log import Logged, of_edition
from digest.due import Done, publish_due
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import DigestError
from digest.newsletter import Newsletter
from digest.settings import Settings
from tests.test_deliver import SLOT, fill, settings_for

HOUR = timedelta(hours=1)
CUTOFF = SLOT - 12 * HOUR
NEXT = SLOT + timedelta(days=7)


@dataclass
class Newsroom:
    """Weekly, Mondays at 7:00 UTC; its cut-off is twelve hours before."""

    engine: Engine
    url: str
    given: dict[str, Any] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return settings_for(self.url, **{"review": "approve", "schedule": "0 7 * * 1", **self.given})

    @property
    def letter(self) -> Newsletter:
        return self.settings.newsletter("weekly")

    def look(self, now: datetime) -> list[Done | DigestError]:
        """What the clockwork or cron does at that moment."""
        return [done for _, done in publish_due(self.engine, self.settings, now=now, recheck=self.recheck)]

    def recheck(self, articles: Collection[int], comments: Collection[int]) -> int:
        self.asked.append(len(articles))
        return 0

    def edition(self, slot: datetime = SLOT) -> store.StoredEdition | None:
        with self.engine.begin() as connection:
            return store.find(connection, "weekly", "weekly", slot)

    def there(self, slot: datetime = SLOT) -> store.StoredEdition:
        found = self.edition(slot)
        assert found is not None
        return found

    def state(self, slot: datetime = SLOT) -> EditionState | None:
        found = self.edition(slot)
        return found.state if found else None

    def deeds(self, slot: datetime = SLOT) -> list[Logged]:
        """The oldest first."""
        edition_id = self.there(slot).id
        with self.engine.begin() as connection:
            return list(of_edition(connection, edition_id))[::-1]


def newsroom(engine: Engine, url: str, articles: int = 6, **given: Any) -> Newsroom:
    fill(engine, articles=articles)
    return Newsroom(engine, url, given)

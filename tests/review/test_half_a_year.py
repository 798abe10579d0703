"""Half a year of a reviewed newsletter, whose editors are late, hold, forget and send early: no article is lost, and none comes twice."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from digest import steer
from digest.content.store import save_articles
from digest.content.tables import ArticleRow
from digest.database import open_database
from digest.editions.standing import standing
from digest.editions.store import OUT
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import EditionState, Kind
from digest.errors import WrongState
from digest.publish import publish
from digest.review import steps
from digest.review.send_now import send_now
from digest.working import renew
from tests.review.newsroom import HOUR, Newsroom
from tests.test_deliver import SLOT, article

STEP = 6 * HOUR
DAYS = 182


class Editors:
    """Now and then one of them does something to an edition that stands."""

    def __init__(self, room: Newsroom, chance: random.Random) -> None:
        self.room = room
        self.chance = chance
        self.did: Counter[str] = Counter()

    def act(self, now: datetime) -> None:
        with self.room.engine.begin() as connection:
            edition = next(iter(standing(connection)), None)
        what = self.chance.choice(
            ["approve", "approve", "approve", "hold", "release", "take back", "renew", "cancel", "send now", "by hand", "early"]
        )
        try:
            self._do(what, edition.slot if edition else None, edition.id if edition else 0, now)
        except WrongState:
            self.did["refused"] += 1
        else:
            self.did[what] += 1

    def _do(self, what: str, slot: datetime | None, number: int, now: datetime) -> None:
        room, (engine, settings, letter) = self.room, (self.room.engine, self.room.settings, self.room.letter)
        rare = self.chance.random() < 0.15
        if what == "early" and slot is None and rare:
            steps.approve(engine, settings, letter, letter.slot_after(now), who="Ana", now=now)
        elif what == "by hand" and rare:
            publish(engine, settings, letter, now, now=now)
        elif slot is None:
            raise WrongState("nothing stands")
        elif what == "approve":
            steps.approve(engine, settings, letter, slot, who="Ana", now=now)
        elif what == "hold":
            steps.hold(engine, letter, slot, who="Ana", now=now)
        elif what == "release":
            steps.release(engine, number, who="Ana", now=now)
        elif what == "take back":
            steps.take_back(engine, number, who="Ana", now=now)
        elif what == "renew":
            renew(engine, settings, letter, slot, who="Ana", now=now)
        elif what == "cancel" and rare:
            steer.cancel(engine, number, now, who="Ana")
        elif what == "send now":
            send_now(engine, settings, letter, slot, who="Ana", now=now, recheck=room.recheck)
        else:
            raise WrongState("nobody felt like it")


@pytest.fixture
def half_a_year(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    database = tmp_path / "half.db"
    database.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def live(room: Newsroom, chance: random.Random, editors: Editors) -> datetime:
    """Step by step; the clockwork sleeps now and then, for a step or for days."""
    now, number, asleep = SLOT, 0, 0
    while now < SLOT + timedelta(days=DAYS):
        now += STEP
        with room.engine.begin() as connection:
            for _ in range(chance.choice([0, 0, 1, 1, 2])):
                offset = chance.choice([1, 1, 1, 1, 20]) * HOUR
                found = replace(article(number), key=f"a{number}", url=f"https://lamp.example/{number}", title=f"{number} {chance.random()}")
                save_articles(connection, "site", [replace(found, published_at=now - offset)], now=now, first=False)
                number += 1
        if chance.random() < 0.5:
            editors.act(now)
        asleep = asleep - 1 if asleep else chance.choice([0] * 12 + [1, 2, 30])
        if not asleep:
            room.look(now)
    return now


@pytest.mark.parametrize(("review", "seed"), [("approve", 1), ("window", 2)])
def test_no_article_is_lost_and_none_comes_twice(half_a_year: Engine, review: str, seed: int) -> None:
    chance = random.Random(seed)
    room = Newsroom(half_a_year, str(half_a_year.url), {"review": review, "limits": {"articles": 9, "min_new": 1, "reserves": 0}})
    editors = Editors(room, chance)
    live(room, chance, editors)
    with half_a_year.begin() as connection:
        lines = select(EditionItem.item_id).join(EditionRow).where(EditionRow.state.in_(OUT), EditionItem.kind == Kind.ARTICLE)
        turns = Counter(connection.scalars(lines))
        last = max(connection.scalars(select(EditionRow.cutoff).where(EditionRow.state.in_(OUT))))
        there = ArticleRow.published_at < last - 2 * HOUR, ArticleRow.first_seen_at < last - 2 * HOUR
        known = set(connection.scalars(select(ArticleRow.id).where(*there)))
        states = Counter(connection.scalars(select(EditionRow.state)))
    assert {item: number for item, number in turns.items() if number > 1} == {}
    assert known - turns.keys() == set()
    assert states[EditionState.SENDING] > 8
    assert states[EditionState.CANCELLED] > 0
    assert all(editors.did[what] for what in ("approve", "hold", "renew", "send now", "by hand", "refused")), editors.did

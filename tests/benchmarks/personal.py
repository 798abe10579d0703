"""An edition of which each reader gets their own, beside the same for everybody: queueing a million readers, and handing over.

Of a hundred readers 55 chose nothing; the others follow three of twenty sections in the mean, the popular ones most, in five languages.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, func, select

from digest.content.store import save_articles, save_comments
from digest.content.values import FoundArticle, FoundComment
from digest.delivery import plans
from digest.delivery.plans import Plan
from digest.delivery.queue import enqueue
from digest.delivery.tables import DeliveryRow, PlanRow
from digest.publish import publish
from digest.settings import Settings, parse
from subscribers.audience import audience
from tests.benchmarks.edition import NOW, make_edition, store
from tests.benchmarks.handing_over import one_at_work
from tests.benchmarks.measure import Measured, seconds
from tests.benchmarks.prose import prose
from tests.benchmarks.sink import sink
from tests.benchmarks.working import SETTINGS

READERS = 1_000_000
FEW = 10_000
SOME = 120_000
SECTIONS = tuple(f"Section {number:02d}" for number in range(20))
ZONES = tuple(f"Etc/GMT{offset:+d}" for offset in range(-14, 13))
LANGUAGES = ("", "de", "es", "fr", "ar")
WISH, FOLLOWED = 0.45, 3
ARTICLES = 180
ROUNDS = 3


def queueing_personal() -> list[Measured]:
    """With a plan each, then with a moment each as well, beside everybody at once."""
    with store(READERS) as engine:
        choose(engine, READERS)
        plain, planned, timed = (make_edition(engine, name) for name in ("plain", "planned", "timed"))
        at_once = seconds(lambda: _queue_plainly(engine, plain), rounds=1)
        own = seconds(lambda: _queue(engine, planned, timed=False), rounds=1)
        at_their_hour = seconds(lambda: _queue(engine, timed, timed=True), rounds=1)
        with engine.begin() as connection:
            number = connection.scalar(select(func.count()).where(PlanRow.edition_id == planned))
    what, against = f"queueing {READERS:,} readers", "all alike"
    return [
        Measured(what=f"{what} by {number:,} plans (SQLite)", ours=own, against=against, other=at_once, aim="≤ 4"),
        Measured(what=f"{what} by plans and zones", ours=at_their_hour, against=against, other=at_once, aim="≤ 4"),
    ]


def handing_over_personal() -> list[Measured]:
    """Claim to settle, over SMTP: one worker's processor time a message, and what it holds; in turns."""
    alike, own = [], []
    with sink() as port:
        for _ in range(ROUNDS):
            with store(SOME) as engine:
                _published(engine)
                alike.append(one_at_work(engine, SOME, f":{port}"))
            with store(SOME) as engine:
                choose(engine, SOME)
                _published(engine)
                with engine.begin() as connection:
                    mails = connection.scalar(select(func.count(DeliveryRow.id))) or 0
                    number = connection.scalar(select(func.count(PlanRow.id)))
                own.append(one_at_work(engine, mails, f":{port}"))
    cpu, plain = (median(one.speed.cpu for one in some) for some in (own, alike))
    held, other = (max(one.memory for one in some) for some in (own, alike))
    what = f"a message of {number:,} plans in {len(LANGUAGES)} languages"
    return [
        Measured(what=what, ours=cpu, against="of the same edition for all", other=plain, aim="≤ 1.25"),
        Measured(what="a worker's memory, with plans", ours=held, unit="MB", against="≤ 150 MB; without", other=other),
    ]


def remembering_personal() -> list[Measured]:
    """What a worker holds at most, which hands over such an edition to few readers, to more, and to a million: the same."""
    found = []
    with sink() as port:
        for readers in (FEW, SOME, READERS):
            with store(readers) as engine:
                choose(engine, readers)
                _published(engine)
                with engine.begin() as connection:
                    mails = connection.scalar(select(func.count(DeliveryRow.id))) or 0
                    number = connection.scalar(select(func.count(PlanRow.id)))
                held = one_at_work(engine, mails, f":{port}").memory
            found.append(Measured(what=f"a worker's memory, {mails:,} messages of {number:,} plans", ours=held, unit="MB", against="≤ 150 MB"))
    return found


def choose(engine: Engine, readers: int) -> None:
    """Every reader's choices, the same in every run."""
    dice = random.Random(7)
    weights = list(accumulate(1 / (number + 1) for number in range(len(SECTIONS))))
    with engine.begin() as connection:
        raw: Any = connection.connection.cursor()
        people = ((dice.choice(ZONES), dice.choice(LANGUAGES), number) for number in range(1, readers + 1))
        raw.executemany("UPDATE subscribers SET time_zone = ?, language = ? WHERE id = ?", people)
        raw.executemany("UPDATE subscriptions SET sections = ? WHERE id = ?", _follows(dice, weights, readers))


def _follows(dice: random.Random, weights: list[float], readers: int) -> Iterator[tuple[str, int]]:
    for number in range(1, readers + 1):
        if dice.random() < WISH:
            wanted = max(1, round(dice.expovariate(1 / FOLLOWED)))
            names = sorted(set(dice.choices(SECTIONS, cum_weights=weights, k=wanted)))
            yield "\n".join(("", *names, "")), number


def _queue_plainly(engine: Engine, edition_id: int) -> None:
    with engine.begin() as connection:
        if enqueue(connection, edition_id, audience("weekly", NOW), NOW) != READERS:
            raise SystemExit("not everybody was queued")


def _queue(engine: Engine, edition_id: int, *, timed: bool) -> None:
    readers = audience("weekly", NOW)
    with engine.begin() as connection:
        lacking = plans.lacking(connection, edition_id, readers, timed=timed)
        plans.add_plans(connection, edition_id, (Plan(key=key, readers=number, empty=False) for key, number in lacking.wishes.items()))
        plans.add_hours(connection, edition_id, dict.fromkeys(lacking.hours, NOW))
        plans.enqueue(connection, edition_id, readers, NOW, timed=timed)
        plans.arrived(connection, edition_id)


def _published(engine: Engine) -> None:
    """An edition of nine articles in each of twenty sections, each with a comment."""
    settings = _settings(engine)
    with engine.begin() as connection:
        save_articles(connection, "site", list(_articles()), now=NOW - timedelta(days=8), first=True)
        save_comments(connection, "site", list(_comments()), now=NOW - timedelta(days=1))
    publish(engine, settings, settings.newsletter("weekly"), NOW, now=NOW)


def _settings(engine: Engine) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    return parse({**SETTINGS, "database": {"url": url}}, folder=Path())


def _articles() -> Iterator[FoundArticle]:
    for number in range(1, ARTICLES + 1):
        yield FoundArticle(
            key=f"a{number}",
            title=prose(number, 7).rstrip("."),
            url=f"https://bench.example/{number}",
            section=SECTIONS[number % len(SECTIONS)],
            published_at=NOW - timedelta(hours=2 + number % 150),
            body=f"<p>{prose(number, 150)}</p>",
        )


def _comments() -> Iterator[FoundComment]:
    for number in range(1, ARTICLES + 1):
        yield FoundComment(
            key=f"c{number}",
            article_key=f"a{number}",
            author_name=f"Reader {number}",
            body=f"<p>{prose(number + ARTICLES, 40)}</p>",
            posted_at=NOW - timedelta(hours=1),
            permalink=f"https://bench.example/{number}#c{number}",
            votes_up=number % 13,
            votes_down=0,
        )

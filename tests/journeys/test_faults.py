"""kill -9 at every named step of a delivery, and at random moments: nobody is left out, nothing is lost, doubled or hidden."""

import logging
import os
import random
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.journeys.dying import STEPS
from tests.journeys.fleet import CONNECTIONS, Fleet, fleet_on
from tests.journeys.keeping import POINTS, Keeper

log = logging.getLogger(__name__)
KILLS = int(os.environ.get("DIGEST_SOAK_KILLS", "9"))
SEED = int(os.environ.get("DIGEST_SOAK_SEED", str(random.randrange(1_000_000))))
EVENTS = 7  # for each message, at the relay
SOON = 0.3  # seconds in which a worker notices an edition, claims, and marks
DYING = "tests.journeys.dying"


def others(fleet: Fleet) -> bool:
    """On PostgreSQL another worker is there all the time; on SQLite the next one starts when the first is dead."""
    return fleet.engine.dialect.name == "postgresql"


def test_killed_at_each_step_in_the_database(fleet: Fleet) -> None:
    """The other worker, where there is one, is held at its relay's greeting until the first is dead, so that it cannot do all the work."""
    first, _ = fleet.keeper.ports
    if others(fleet):
        fleet.work()
    for step in [step for step in STEPS if step != "queueing"]:
        fleet.keeper.hold(first, "connect")
        victim = fleet.command("work", module=(DYING, step, "4"), **fleet.second_port)
        edition = fleet.publish()
        victim.wait(60)
        fleet.keeper.go(first)
        survivors = [] if others(fleet) else [fleet.work()]
        fleet.until_sent(edition, doubts=CONNECTIONS, said=step)
        for survivor in survivors:
            fleet.kill(survivor)


def test_killed_at_each_step_in_the_mail_transaction(fleet: Fleet) -> None:
    first, second = fleet.keeper.ports
    if others(fleet):
        fleet.work()
    doubts = []
    for point in POINTS:
        fleet.keeper.hold(first, "connect")
        fleet.keeper.hold(second, point, 1 if point == "connect" else 7)
        victim = fleet.work(**fleet.second_port)
        edition = fleet.publish()
        fleet.keeper.until_held()
        if others(fleet):
            fleet.keeper.until_held()
        fleet.kill(victim)
        fleet.keeper.go(second)
        fleet.keeper.go(first)
        survivors = [] if others(fleet) else [fleet.work()]
        stand = fleet.until_sent(edition, doubts=CONNECTIONS, said=point)
        doubts.append(stand.unknown)
        for survivor in survivors:
            fleet.kill(survivor)
    assert all(doubts), dict(zip(POINTS, doubts, strict=True))


def test_killed_while_it_queues(fleet: Fleet) -> None:
    """Either the whole edition is there or nothing of it."""
    slot = fleet.write()
    at = f"{slot:%Y-%m-%dT%H:%M}"
    dead = fleet.command("send", "weekly", "--at", at, module=(DYING, "queueing", "1"))
    dead.wait(60)
    assert fleet.number("SELECT count(*) FROM deliveries") == fleet.number("SELECT count(*) FROM editions") == 0
    fleet.work()
    again = fleet.command("send", "weekly", "--at", at)
    again.wait(60)
    edition = fleet.number("SELECT id FROM editions")
    fleet.until_sent(edition, doubts=0)


@pytest.mark.timeout(120 + 30 * KILLS)
@pytest.mark.parametrize("policy", ["hold", "resend"])
def test_killed_at_random_moments(database_url: str, engine: Engine, tmp_path: Path, keeper: Keeper, policy: str) -> None:
    """On PostgreSQL two workers share each edition and one of them is killed, on SQLite one works alone. Each time a new one comes."""
    # With `resend` a living worker must not miss its lease on a busy machine: its mails would be sent again, too.
    lease = 1 if policy == "hold" else 3
    with fleet_on(database_url, engine, tmp_path, keeper, policy=policy, lease=lease) as fleet:
        kill_at_random(fleet, KILLS if policy == "hold" else KILLS // 3)


@pytest.mark.timeout(120 + 30 * KILLS)
def test_killed_at_random_moments_where_each_has_an_edition_of_their_own(database_url: str, engine: Engine, tmp_path: Path, keeper: Keeper) -> None:
    """With plans, frames in several languages, and a third of the readers who get it later."""
    with fleet_on(database_url, engine, tmp_path, keeper) as fleet:
        fleet.choose()
        kill_at_random(fleet, KILLS // 3)


def kill_at_random(fleet: Fleet, kills: int) -> None:
    chance = random.Random(f"{SEED} {fleet.policy} {fleet.engine.dialect.name}")
    workers = [fleet.work() for _ in range(2 if others(fleet) else 1)]
    for number in range(kills):
        said = f"kill {number}, DIGEST_SOAK_SEED={SEED}"
        victim = workers.pop(0)
        if number % 4:
            events = int(fleet.readers * EVENTS * chance.random() * (0.7 if others(fleet) else 0.95))
            fleet.keeper.kill_later(victim.pid, events + 1, chance.random() * 0.02)
            edition = fleet.publish()
        else:  # soon after publishing: perhaps before anything is claimed, or marked
            edition = fleet.publish()
            threading.Timer(chance.random() * SOON, victim.kill).start()
        victim.wait(60)
        workers.append(fleet.work())
        stand = fleet.until_sent(edition, doubts=CONNECTIONS, said=said)
        log.info("%s: %d unknown, %d doubled, %d lost", said, stand.unknown, stand.doubled, stand.lost)

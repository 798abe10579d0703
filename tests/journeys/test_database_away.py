"""The database goes away in the midst of a delivery: its lines are cut, it is restarted, locked, or full. When it is back, all goes out, once."""

import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from digest.database import open_database
from tests.journeys.cutting import Cutting
from tests.journeys.fleet import Fleet, fleet_on
from tests.journeys.keeping import Keeper
from tests.journeys.servers import fill_up, postgresql_running, small_disk
from tests.test_cluster import until

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def kept(fleet: Fleet, number: int) -> bool:
    return len(fleet.keeper.kept()) >= number


@on_postgresql
def test_the_answer_to_a_commit_that_took_place_is_lost(fleet: Fleet, database_url: str) -> None:
    """What the worker had marked by it, it has not handed over: it does so later."""
    with Cutting(make_url(database_url), every=5) as line:
        worker = fleet.work(DIGEST_DATABASE__URL=line.url)
        fleet.until_sent(fleet.publish(), doubts=0)
        fleet.kill(worker)
    assert line.cuts


@on_postgresql
def test_all_lines_to_the_database_are_cut_again_and_again(fleet: Fleet) -> None:
    for _ in range(2):
        fleet.work()
    edition = fleet.publish()
    cut = 0
    for share in range(1, 13):
        until(partial(kept, fleet, fleet.readers * share // 14))
        fleet.engine.dispose()
        cut += fleet.number(TERMINATE)
    fleet.until_sent(edition, doubts=0)
    assert cut >= 12


def test_the_database_server_is_restarted(tmp_path: Path, keeper: Keeper) -> None:
    """Without a clean shutdown, and while mails are with the relay: their outcomes are written down when the server is back."""
    with postgresql_running() as server:
        engine = open_database(server.url)
        with fleet_on(server.url, engine, tmp_path, keeper) as fleet:
            first, _ = keeper.ports
            keeper.hold(first, "kept", 8)
            for _ in range(2):
                fleet.work()
            edition = fleet.publish()
            keeper.until_held()
            engine.dispose()
            server.restart(while_down=lambda: keeper.go(first))
            fleet.until_sent(edition, doubts=0)
            # A machine that is gone for good does not hold its locks for hours.
            assert fleet.number("SELECT count(*) FROM pg_settings WHERE name = 'tcp_keepalives_idle' AND setting = '10'") == 1
        engine.dispose()


@on_sqlite
def test_another_program_locks_the_database(fleet: Fleet) -> None:
    """For longer than the worker's lease, and while three mails are with the relay."""
    first, _ = fleet.keeper.ports
    fleet.keeper.hold(first, "kept", 8)
    fleet.work()
    edition = fleet.publish()
    fleet.keeper.until_held()
    other = sqlite3.connect(fleet.engine.url.database or "", timeout=60, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    fleet.keeper.go(first)
    ((lease_until,),) = other.execute("SELECT max(lease_until) FROM workers")
    until(lambda: f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}" > lease_until)
    other.execute("ROLLBACK")
    other.close()
    fleet.until_sent(edition, doubts=0)


def test_the_disk_is_full(sqlite_template: Path, tmp_path: Path, keeper: Keeper) -> None:
    """A small file system of its own, filled up while mails go out, and given room again."""
    with small_disk(tmp_path / "disk") as disk:
        (disk / "digest.db").write_bytes(sqlite_template.read_bytes())
        url = f"sqlite:///{disk}/digest.db"
        engine = open_database(url)
        with fleet_on(url, engine, tmp_path, keeper) as fleet:
            first, _ = keeper.ports
            keeper.hold(first, "kept", 10)
            fleet.work()
            edition = fleet.publish()
            keeper.until_held()
            ballast = fill_up(disk)
            keeper.go(first)
            until(lambda: "database or disk is full" in (tmp_path / "log").read_text())
            assert not fleet.is_sent(edition)
            ballast.unlink()
            fleet.until_sent(edition, doubts=0)
        engine.dispose()

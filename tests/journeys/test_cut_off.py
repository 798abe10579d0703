"""Workers that are taken for dead while they live, and a relay that dies: nobody gets two mails, and what a worker knows it tells when it is back."""

import signal
import subprocess
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from digest.database import open_database
from digest.errors import DatabaseError
from tests.journeys.fleet import CONNECTIONS, Fleet, fleet_on
from tests.journeys.keeping import Keeper
from tests.journeys.networks import network_of
from tests.journeys.servers import postgresql_running
from tests.test_cluster import until

UNDER_WAY = "SELECT count(*) FROM deliveries WHERE state = 'sending' AND begun_at IS NOT NULL"
IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')"""


def is_writing(fleet: Fleet) -> bool:
    """Whether somebody is in the midst of a transaction, and may hold a lock."""
    if fleet.engine.dialect.name == "postgresql":
        return fleet.number(IN_TRANSACTION) > 0
    with fleet.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except (DatabaseError, OperationalError):
            return True
        finally:
            connection.exec_driver_sql("PRAGMA busy_timeout = 15000")
    return False


def put_to_sleep(fleet: Fleet, worker: "subprocess.Popen[bytes]") -> None:
    """Not while it holds a lock: on one machine nobody else could go on."""
    worker.send_signal(signal.SIGSTOP)
    while is_writing(fleet):
        worker.send_signal(signal.SIGCONT)
        worker.send_signal(signal.SIGSTOP)


def test_a_worker_sleeps_for_longer_than_its_lease(fleet: Fleet) -> None:
    _, second = fleet.keeper.ports
    fleet.keeper.hold(second, "kept", 7)
    sleeper = fleet.work(**fleet.second_port)
    edition = fleet.publish()
    fleet.keeper.until_held()
    until(lambda: fleet.number(UNDER_WAY) == CONNECTIONS)
    put_to_sleep(fleet, sleeper)
    fleet.keeper.go(second)
    fleet.work()
    until(lambda: fleet.is_sent(edition))
    assert 1 <= fleet.stand(edition).unknown <= CONNECTIONS
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: fleet.stand(edition).unknown == 0)
    fleet.until_sent(edition, doubts=0)


def test_the_relay_is_killed_and_comes_back(fleet: Fleet) -> None:
    """It had kept three mails and not yet said so: they are in doubt, and not sent again."""
    first, _ = fleet.keeper.ports
    fleet.keeper.hold(first, "kept", 10)
    fleet.work()
    edition = fleet.publish()
    fleet.keeper.until_held()
    fleet.keeper.kill()
    until(lambda: fleet.number("SELECT count(*) FROM relays WHERE shut_until IS NOT NULL"))
    fleet.keeper.start()
    with fleet.engine.begin() as connection:
        connection.execute(text("UPDATE relays SET shut_until = NULL"))  # else it is left alone for a quarter of a minute
    stand = fleet.until_sent(edition, doubts=CONNECTIONS)
    assert stand.unknown >= 1


def test_a_machine_is_cut_off_for_longer_than_its_lease(tmp_path: Path) -> None:
    """Three machines, one PostgreSQL, one relay; and one machine's link is down while three of its mails are with the relay."""
    with network_of(3) as network, postgresql_running(network.host, network.addresses) as server:
        engine = open_database(server.url)
        with Keeper(tmp_path / "kept", host=network.host) as keeper, fleet_on(server.url, engine, tmp_path, keeper, lease=2) as fleet:
            _, second = keeper.ports
            alone, *others = network.machines
            keeper.hold(second, "kept", 4)
            fleet.work(within=alone.within, **fleet.second_port)
            edition = fleet.publish()
            keeper.until_held()
            until(lambda: fleet.number(UNDER_WAY) == CONNECTIONS)
            alone.cut_off()
            keeper.go(second)
            for machine in others:
                fleet.work(within=machine.within)
            until(lambda: fleet.is_sent(edition))
            assert 1 <= fleet.stand(edition).unknown <= CONNECTIONS
            alone.heal()
            until(lambda: fleet.stand(edition).unknown == 0)
            fleet.until_sent(edition, doubts=0)
        engine.dispose()

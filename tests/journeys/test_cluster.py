"""Several real processes on one PostgreSQL, as on several machines: they share an edition, and one that dies is made up for."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from digest.cli.engine import dispatch_of
from digest.database import open_database
from digest.publish import publish
from digest.settings import read
from digest.wiring import clock
from tests.databases import database_on
from tests.journeys.paper import READERS, SLOT, Mailbox, Publication, configure, lay_out, over_smtp
from tests.test_cluster import until


@pytest.fixture(scope="module")
def filled(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with tables, content and sixty readers: made once, for copying."""
    made = Publication(folder=lay_out(tmp_path_factory.mktemp("cluster") / "paper"))
    with database_on(postgresql_server) as url:
        told_by_jobs(made, url)
        assert "Procrastinate" in made.run("db", "upgrade")
        assert "Procrastinate" not in made.run("db", "upgrade")
        made.run("sync")
        made.run("subscribers", "import", "weekly", "readers.csv")
        yield make_url(url).database or ""


@pytest.fixture
def settled(filled: str, postgresql_server: str, publication: Publication, mailbox: Mailbox) -> Iterator[Engine]:
    """The database of a publication that mails over one connection from each process."""
    with database_on(postgresql_server, like=filled) as url:
        told_by_jobs(publication, url)
        over_smtp(publication, mailbox, "connections = 1\nbatch = 5\nlease_seconds = 4")
        engine = open_database(url)
        yield engine
        for process in publication.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        engine.dispose()


def told_by_jobs(publication: Publication, url: str) -> None:
    """One job for ten readers, and a short patience with the dead."""
    configure(publication, f'[database]\nurl = "{url}"')
    configure(publication, '[run]\nengine = "procrastinate"\ndeliver_seconds = 0.2')
    configure(publication, "[cluster]\nheartbeat_seconds = 0.5\nsweep_seconds = 1\nreaders_per_job = 10")


def count(engine: Engine, query: str) -> int:
    with engine.begin() as connection:
        return connection.scalar(text(query)) or 0


def start_workers(engine: Engine, publication: Publication, number: int) -> list[subprocess.Popen[str]]:
    """So many processes that are ready for jobs; each registers a worker for either queue."""
    processes = [publication.start("work") for _ in range(number)]

    def ready() -> bool:
        ended = [process.communicate() for process in processes if process.poll() is not None]
        assert not ended
        return count(engine, "SELECT count(*) FROM procrastinate_workers") == 2 * number

    until(ready)
    return processes


def publish_only(engine: Engine, publication: Publication) -> None:
    settings = read(publication.folder / "digest.toml", os.environ)
    letter = settings.newsletter("weekly")
    slot = datetime.fromisoformat(SLOT).replace(tzinfo=letter.zone)
    assert publish(engine, settings, letter, slot, now=clock(), dispatch=dispatch_of(settings)).queued == READERS


def until_held(engine: Engine, mailbox: Mailbox, processes: int) -> None:
    """Until each process has handed over a mail that the server does not answer for yet."""
    held = "SELECT count(DISTINCT lease) FROM deliveries WHERE state = 'sending' AND begun_at IS NOT NULL"
    until(lambda: count(engine, held) == mailbox.taken == processes)


def states(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return {row.state: row.number for row in connection.execute(text("SELECT state, count(*) AS number FROM deliveries GROUP BY state"))}


def sent(engine: Engine) -> bool:
    return count(engine, "SELECT count(*) FROM editions WHERE state = 'sent'") == 1


def once_each(mailbox: Mailbox) -> bool:
    return len(mailbox.counts) == READERS and set(mailbox.counts.values()) == {1}


def test_two_processes_share_an_edition_and_each_reader_gets_one_mail(settled: Engine, publication: Publication, mailbox: Mailbox) -> None:
    mailbox.hold_after = 0
    workers = start_workers(settled, publication, 2)
    publish_only(settled, publication)
    until_held(settled, mailbox, 2)
    mailbox.gate.set()
    until(lambda: sent(settled))
    assert states(settled) == {"accepted": READERS}
    assert once_each(mailbox)
    for worker, how in zip(workers, (signal.SIGINT, signal.SIGTERM), strict=True):
        worker.send_signal(how)
        assert worker.wait(60) == 0
    assert count(settled, "SELECT count(*) FROM procrastinate_workers") == 0


def test_send_beside_a_worker_doubles_nothing(settled: Engine, publication: Publication, mailbox: Mailbox) -> None:
    start_workers(settled, publication, 1)
    (stand,) = publication.json("send", "weekly", "--at", SLOT)
    assert stand["deliveries"]["accepted"] == READERS
    until(lambda: count(settled, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'digest.deliver'") == 0)
    assert once_each(mailbox)


def test_what_a_killed_process_leaves_another_takes_up(settled: Engine, publication: Publication, mailbox: Mailbox) -> None:
    """The one mail that it had handed over and not written down is unknown, and by the newsletter's wish not sent again."""
    mailbox.hold_after = 0
    dead, _ = start_workers(settled, publication, 2)
    publish_only(settled, publication)
    until_held(settled, mailbox, 2)
    dead.kill()
    dead.wait()
    mailbox.gate.set()
    until(lambda: sent(settled))
    assert states(settled) == {"accepted": READERS - 1, "unknown": 1}
    assert once_each(mailbox)


def test_the_only_process_is_killed_and_one_that_comes_later_goes_on(settled: Engine, publication: Publication, mailbox: Mailbox) -> None:
    mailbox.hold_after = 7
    (dead,) = start_workers(settled, publication, 1)
    publish_only(settled, publication)
    assert mailbox.half_way.wait(60)
    dead.kill()
    dead.wait()
    mailbox.gate.set()
    publication.start("work")
    until(lambda: sent(settled))
    assert states(settled) == {"accepted": READERS - 1, "unknown": 1}
    assert once_each(mailbox)


def test_a_process_that_is_told_to_stop_leaves_the_rest_to_the_other(settled: Engine, publication: Publication, mailbox: Mailbox) -> None:
    mailbox.hold_after = 0
    stopped, _ = start_workers(settled, publication, 2)
    publish_only(settled, publication)
    until_held(settled, mailbox, 2)
    stopped.send_signal(signal.SIGTERM)
    mailbox.gate.set()
    assert stopped.wait(60) == 0
    until(lambda: sent(settled))
    assert states(settled) == {"accepted": READERS}
    assert once_each(mailbox)


def fresh_feed(folder: Path) -> None:
    """Three articles of the last hour."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    items = [
        {
            "id": f"https://thelanternquay.example/{thing}",
            "url": f"https://thelanternquay.example/{thing}",
            "title": f"{thing.title()} seen from the {place}",
            "content_text": f"A {thing} was seen from the {place} by people who agree on nothing else.",
            "date_published": (hour - timedelta(minutes=40)).isoformat(),
        }
        for thing, place in (("kite", "pier"), ("whale", "mast"), ("tuba", "quay"))
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Now", "items": items}
    (folder / "now.json").write_text(json.dumps(feed))


def test_when_the_leader_is_killed_another_publishes_what_is_due(settled: Engine, publication: Publication, mailbox: Mailbox) -> None:
    """The leader knows of no slot that is due; the one that stands by does, and waits for its turn."""
    leader = publication.start("run")
    until(lambda: count(settled, "SELECT count(*) FROM leaders WHERE lease_until > now()") == 1)
    fresh_feed(publication.folder)
    configure(publication, '[sources.now]\nkind = "feed"\nfile = "now.json"')
    toml = (publication.folder / "digest.toml").read_text()
    (publication.folder / "digest.toml").write_text(toml.replace('schedule = "0 7 * * 1"', 'schedule = "0 * * * *"'))
    follower = publication.start("run")
    assert follower.stderr is not None
    while "stands by" not in (line := follower.stderr.readline()):
        assert line, "the command ended before it looked for the lead"
    assert count(settled, "SELECT count(*) FROM editions") == 0
    leader.kill()
    leader.wait()
    until(lambda: sent(settled))
    assert once_each(mailbox)
    follower.send_signal(signal.SIGTERM)
    assert follower.wait(60) == 0
    assert count(settled, "SELECT count(*) FROM leaders WHERE lease_until > now()") == 0

"""Jobs beside the rows, on a real PostgreSQL: kept or lost together with them, and made good when they are lost alone."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text

from digest.cluster import DELIVER, dispatch, upgrade, work
from digest.database import open_database, require_current
from digest.database import upgrade as upgrade_tables
from digest.deliver import new_shift
from digest.delivery.memory import MemoryTransport, accept
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.errors import DatabaseError, SettingsError
from digest.hand_over.mailroom import Mailroom
from digest.publish import Published, publish
from digest.settings import Settings, parse
from digest.wiring import require_engine
from tests.databases import database_on
from tests.test_deliver import SLOT, fill, room_for, settings_for

READERS = 5
RETRY = timedelta(minutes=10)


@pytest.fixture
def engine(postgresql_server: str) -> Iterator[Engine]:
    """A database with the tables of both, six articles and five readers."""
    with database_on(postgresql_server) as url:
        engine = open_database(url)
        upgrade_tables(engine)
        upgrade(engine)
        fill(engine, readers=READERS)
        yield engine
        engine.dispose()


@pytest.fixture
def settings(engine: Engine) -> Settings:
    made = settings_for(engine.url.render_as_string(hide_password=False))
    cluster = made.cluster.model_copy(update={"heartbeat_seconds": 0.2, "sweep_seconds": 1, "readers_per_job": 2})
    run = made.run.model_copy(update={"engine": "procrastinate", "deliver_seconds": 0.1})
    delivery = made.delivery.model_copy(update={"retry_minutes": (RETRY.total_seconds() / 60,)})
    return made.model_copy(update={"cluster": cluster, "run": run, "delivery": delivery})


def publish_with(engine: Engine, settings: Settings, tell: Callable[[Connection, int], None]) -> Published:
    return publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT, dispatch=tell)


def publish_told(engine: Engine, settings: Settings) -> Published:
    return publish_with(engine, settings, partial(dispatch, settings.cluster))


def jobs(engine: Engine) -> list[Any]:
    """The deliveries' jobs, without the sweeps."""
    query = "SELECT args ->> 'edition_id' AS edition, status::text, scheduled_at FROM procrastinate_jobs WHERE task_name = :task ORDER BY id"
    with engine.begin() as connection:
        return list(connection.execute(text(query), {"task": DELIVER}))


def rows(engine: Engine) -> tuple[int, int]:
    with engine.begin() as connection:
        counts = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in (EditionRow, DeliveryRow)]
    return counts[0], counts[1]


def state(engine: Engine) -> EditionState:
    with engine.begin() as connection:
        return connection.scalars(select(EditionRow.state)).one()


def registered(engine: Engine) -> int:
    """How many workers there are: two a process, one for each queue."""
    with engine.begin() as connection:
        return connection.scalar(text("SELECT count(*) FROM procrastinate_workers")) or 0


def until(seen: Callable[[], object], seconds: float = 60) -> None:
    """Waits for what `seen` looks for."""
    never = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if seen():
            return
        never.wait(0.05)
    pytest.fail("what was waited for did not come")


@contextmanager
def working(room: Mailroom) -> Iterator[None]:
    """A worker in a thread of its own, which ends when it is told to."""
    with new_shift(room) as shift:
        thread = threading.Thread(target=work, args=(room, shift))
        thread.start()
        try:
            yield
        finally:
            room.stop.set()
            thread.join(60)
    assert not thread.is_alive()


def test_a_published_edition_has_as_many_jobs_as_its_readers_deserve(engine: Engine, settings: Settings) -> None:
    edition = publish_told(engine, settings).edition
    assert [(job.edition, job.status) for job in jobs(engine)] == [(str(edition.id), "todo")] * 3
    assert rows(engine) == (1, READERS)
    assert publish_told(engine, settings).queued is None
    assert len(jobs(engine)) == 3


def test_what_undoes_the_rows_undoes_the_jobs(engine: Engine, settings: Settings) -> None:
    seen: list[int] = []

    def tell_and_fail(connection: Connection, edition_id: int) -> None:
        dispatch(settings.cluster, connection, edition_id)
        seen.append(connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_with(engine, settings, tell_and_fail)
    assert seen == [3]
    assert (rows(engine), jobs(engine)) == ((0, 0), [])


def test_without_tables_for_jobs_nothing_is_published(engine: Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE procrastinate_jobs CASCADE"))
        connection.execute(text("DROP FUNCTION procrastinate_defer_jobs_v1 CASCADE"))
    with pytest.raises(DatabaseError, match="jobs could not be queued"):
        publish_told(engine, settings)
    assert rows(engine) == (0, 0)


def test_the_tables_for_jobs_are_made_once_and_asked_for_only_where_they_are_needed(postgresql_server: str) -> None:
    with database_on(postgresql_server) as url:
        engine = open_database(url)
        upgrade_tables(engine)
        require_current(engine)
        with pytest.raises(DatabaseError, match="digest db upgrade"):
            require_current(engine, jobs=True)
        assert [upgrade(engine), upgrade(engine)] == [True, False]
        require_current(engine, jobs=True)
        engine.dispose()


@pytest.mark.parametrize("engine_name", ["embedded", "procrastinate"])
def test_jobs_need_postgresql(engine_name: str) -> None:
    settings = settings_on("sqlite:///digest.db", engine_name)
    if engine_name == "embedded":
        require_engine(settings)
        return
    with pytest.raises(SettingsError, match="postgresql://"):
        require_engine(settings)


def test_jobs_need_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_on("postgresql://digest@db/digest", "procrastinate")
    require_engine(settings)
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(SettingsError, match=r"newsletter-digest\[cluster\]"):
        require_engine(settings)


def settings_on(url: str, engine_name: str) -> Settings:
    made = settings_for(url)
    return parse({**made.model_dump(exclude={"folder"}, exclude_defaults=True), "run": {"engine": engine_name}}, folder=made.folder)


def test_a_worker_does_the_jobs_and_nothing_is_left_of_them(engine: Engine, settings: Settings) -> None:
    transport = MemoryTransport()
    with working(room_for(engine, settings, transport)):
        publish_told(engine, settings)
        until(lambda: state(engine) is EditionState.SENT and not jobs(engine))
    assert len({mail.recipient for mail in transport.sent}) == len(transport.sent) == READERS


def test_lost_jobs_are_found_by_the_sweep(engine: Engine, settings: Settings) -> None:
    publish_told(engine, settings)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    transport = MemoryTransport()
    with working(room_for(engine, settings, transport)):
        until(lambda: state(engine) is EditionState.SENT)
    assert len(transport.sent) == READERS


def test_an_edition_that_only_lacks_its_mark_gets_it(engine: Engine, settings: Settings) -> None:
    publish_with(engine, settings, lambda connection, edition_id: None)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM deliveries"))
    with working(room_for(engine, settings, MemoryTransport())):
        until(lambda: state(engine) is EditionState.SENT)


def test_a_job_whose_end_was_never_written_down_stands_in_nobody_s_way(engine: Engine, settings: Settings) -> None:
    """The database was away when it ended; its worker lives, so it is not closed."""

    def leave_running(connection: Connection, edition_id: int) -> None:
        dispatch(settings.cluster, connection, edition_id)
        living = "(SELECT min(id) FROM procrastinate_workers)"
        connection.execute(text(f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {living} WHERE task_name = :task"), {"task": DELIVER})

    transport = MemoryTransport()
    with working(room_for(engine, settings, transport)):
        until(lambda: registered(engine) == 2)
        publish_with(engine, settings, leave_running)
        until(lambda: state(engine) is EditionState.SENT)
    assert len(transport.sent) == READERS


@pytest.mark.parametrize("worker", ["silent", "pruned"])
def test_jobs_of_a_dead_worker_are_closed_and_made_good(engine: Engine, settings: Settings, worker: str) -> None:
    """Its heart is silent; or its row is gone, for a worker that starts deletes those of the dead (procrastinate issue 1518)."""

    def take_and_die(connection: Connection, edition_id: int) -> None:
        dispatch(settings.cluster, connection, edition_id)
        silent = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        dead = connection.scalar(text(silent)) if worker == "silent" else None
        take = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :dead WHERE task_name = :task"
        connection.execute(text(take), {"dead": dead, "task": DELIVER})

    transport = MemoryTransport()
    with working(room_for(engine, settings, transport)):
        until(lambda: registered(engine) == 2)
        publish_with(engine, settings, take_and_die)
        until(lambda: state(engine) is EditionState.SENT and [job.status for job in jobs(engine)] == ["failed"] * 3)
    assert len(transport.sent) == READERS


def test_for_what_waits_one_job_waits_for_its_moment(engine: Engine, settings: Settings) -> None:
    def busy(envelope: Envelope) -> Outcome:
        return Outcome(kind=OutcomeKind.DEFERRED, code=451, text="later")

    def waiting() -> list[datetime]:
        return [job.scheduled_at for job in jobs(engine) if job.status == "todo" and job.scheduled_at is not None]

    with working(room_for(engine, settings, MemoryTransport(busy))):
        publish_told(engine, settings)
        until(waiting)
    with engine.begin() as connection:
        next_at = connection.scalar(select(func.min(DeliveryRow.next_at)))
    assert next_at is not None
    assert next_at >= SLOT + RETRY / 2
    assert waiting() == [next_at]


def test_a_worker_whose_connections_were_cut_goes_on(engine: Engine, settings: Settings) -> None:
    transport = MemoryTransport()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with working(room_for(engine, settings, transport)):
        until(lambda: registered(engine) == 2)
        with engine.begin() as connection:
            connection.execute(text(cut))
        publish_told(engine, settings)
        until(lambda: state(engine) is EditionState.SENT)
    assert len(transport.sent) == READERS


def test_an_edition_at_which_the_database_was_away_is_seen_to_again(engine: Engine, settings: Settings) -> None:
    transport = MemoryTransport()
    gone: list[str] = []

    def go_away(connection: object, cursor: object, said: str, values: object, *rest: object) -> tuple[str, object]:
        if said.startswith("SELECT editions") and threading.current_thread() is not threading.main_thread() and not gone:
            gone.append(said)
            return "SELECT pg_terminate_backend(pg_backend_pid())", ()
        return said, values

    event.listen(engine, "before_cursor_execute", go_away, retval=True)
    with working(room_for(engine, settings, transport)):
        publish_told(engine, settings.model_copy(update={"cluster": settings.cluster.model_copy(update={"readers_per_job": 1_000})}))
        until(lambda: state(engine) is EditionState.SENT)
    assert gone
    assert len(transport.sent) == READERS


def test_a_worker_that_is_stopped_in_the_midst_leaves_the_rest_to_the_next(engine: Engine, settings: Settings) -> None:
    def stop(envelope: Envelope) -> Outcome:
        room.stop.set()
        return accept(envelope)

    first = MemoryTransport(stop)
    settings = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"connections": 1})})
    room = room_for(engine, settings, first)
    publish_told(engine, settings)
    with working(room):
        until(room.stop.is_set)
    second = MemoryTransport()
    with working(room_for(engine, settings, second)):
        until(lambda: state(engine) is EditionState.SENT)
    assert 0 < len(first.sent) < READERS
    assert sorted(mail.recipient for mail in (*first.sent, *second.sent)) == [f"reader{number}@example.com" for number in range(READERS)]

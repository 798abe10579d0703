"""Many machines: jobs in the same PostgreSQL tell their workers which edition to look at. The one module that knows Procrastinate, or asyncio.

A job is a nudge. It carries an edition's number; what is to be handed over, and by whom, the delivery rows say alone. So a lost or a doubled job
neither loses nor doubles a mail, and every worker sweeps now and then: jobs of dead workers are closed, editions without a job get one.
"""

import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta
from math import ceil

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONDict
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from digest.database import has_jobs
from digest.deliver import Delivered, deliver
from digest.delivery.tally import tally
from digest.editions.values import EditionState
from digest.errors import DatabaseError
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.owed import owed
from digest.settings import Cluster
from digest.worker import tell

# Two queues, each with a worker of its own in every process: an hour of delivering does not keep the sweep waiting.
DELIVERIES, CARE = "digest.deliveries", "digest.care"
DELIVER, SWEEP = "digest.deliver", "digest.sweep"

# More would only wait for the same rows.
MOST_JOBS = 32

# A worker that misses so many heartbeats is taken for dead.
MISSED_HEARTBEATS = 3

# Failed jobs are kept for a look at them; the others are deleted as they end.
KEPT_HOURS = 72

log = logging.getLogger(__name__)


def upgrade(engine: Engine) -> bool:
    """Makes Procrastinate's own tables, once. True when they were not there."""
    with engine.begin() as connection:
        if has_jobs(connection):
            return False
        _raw(connection).execute(SchemaManager.get_schema())
    return True


def dispatch(settings: Cluster, connection: Connection, edition_id: int) -> None:
    """Jobs for an edition that was just published, in the very transaction that queues its deliveries: both are kept, or neither."""
    _defer(connection, edition_id, number=_jobs_for(tally(connection, edition_id).queued, settings))


def work(room: Mailroom, shift: Shift) -> None:
    """Does the cluster's jobs, one edition at a time, until `room.stop` is set. A database that is away for a while is waited for."""
    asyncio.run(_work(room, _app(room, shift)))


def _jobs_for(deliveries: int, settings: Cluster) -> int:
    return max(1, min(ceil(deliveries / settings.readers_per_job), MOST_JOBS))


def _raw(connection: Connection) -> psycopg.Connection:
    """The driver's own connection, in the transaction that SQLAlchemy has begun on it."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise DatabaseError("Jobs are kept in PostgreSQL: look at [database] url in digest.toml.")
    return raw


def _defer(connection: Connection, edition_id: int, *, number: int = 1, at: datetime | None = None, queueing_lock: str | None = None) -> None:
    jobs = App(connector=SyncPsycopgConnector()).configure_task(
        DELIVER, queue=DELIVERIES, schedule_at=at, queueing_lock=queueing_lock, connection=_raw(connection)
    )
    nudge: JSONDict = {"edition_id": edition_id}
    try:
        jobs.batch_defer(*[nudge] * number)
    except ConnectorException as error:
        raise DatabaseError(f"An edition's jobs could not be queued: {error.__cause__ or error}") from error


def _app(room: Mailroom, shift: Shift) -> App:
    """The jobs there are, on a pool of connections of its own."""
    _, arguments = room.engine.dialect.create_connect_args(room.engine.url)
    app = App(connector=PsycopgConnector(kwargs=arguments, min_size=1, max_size=4))

    @app.task(name=DELIVER, queue=DELIVERIES)
    def hand_over(edition_id: int) -> None:
        try:
            for stand in deliver(room, frozenset({edition_id}), shift=shift):
                tell(stand)
                _come_back(room, stand)
        except (DatabaseError, OperationalError) as error:
            log.warning("The database did not answer; the next sweep sees to edition %d again: %s", edition_id, error)

    # No `lock`: a sweep that died would hold it, and no other could close it (procrastinate issue 1408).
    @app.periodic(cron=f"* * * * * */{room.settings.cluster.sweep_seconds}")
    @app.task(name=SWEEP, queue=CARE, queueing_lock=SWEEP)
    async def sweep(timestamp: int) -> None:
        await _close_stalled(app.job_manager, MISSED_HEARTBEATS * room.settings.cluster.heartbeat_seconds)
        await app.job_manager.delete_old_jobs(KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True)
        now = room.clock()
        await asyncio.to_thread(_top_up, room, await _ready(app.job_manager, now), now)

    return app


def _come_back(room: Mailroom, stand: Delivered) -> None:
    """A job for the moment when the edition's next delivery may be tried; of these one waits at most."""
    if stand.next_at is None or stand.edition.state is not EditionState.SENDING:
        return
    now = room.clock()
    # Stopped in the midst: another machine goes on at once. Else what was due and is still there could not be done, and would not be now.
    at = now if room.stop.is_set() else max(stand.next_at, now + timedelta(seconds=room.settings.run.deliver_seconds))
    try:
        with room.engine.begin() as connection:
            _defer(connection, stand.edition.id, at=at, queueing_lock=f"{DELIVER} {stand.edition.id}")
    except AlreadyEnqueued:
        log.debug("A job for edition %d waits already.", stand.edition.id)


async def _close_stalled(jobs: JobManager, seconds: float) -> None:
    """Jobs whose worker gives no sign of life are over. Not tried again: what they left undone shows in the rows."""
    for queue in (DELIVERIES, CARE):
        for job in await jobs.get_stalled_jobs(queue=queue, seconds_since_heartbeat=seconds):
            try:
                await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
            except ConnectorException as error:  # it ended this very moment, or another sweep was quicker
                log.debug("Job %s was over already: %s", job.id, error)
            else:
                log.warning("The worker of %s gives no sign of life.", job.call_string)


async def _ready(jobs: JobManager, now: datetime) -> Counter[int]:
    """How many jobs each edition has that may begin. Those that run do not count: one whose end could not be written down seems to run for ever."""
    waiting = await jobs.list_jobs_async(queue=DELIVERIES, status=Status.TODO.value)
    return Counter(int(str(job.task_kwargs["edition_id"])) for job in waiting if job.scheduled_at is None or job.scheduled_at <= now)


def _top_up(room: Mailroom, ready: Counter[int], now: datetime) -> None:
    """As many jobs for each edition as what it is owed deserves, beside the workers that are at it."""
    with room.engine.begin() as connection:
        for one in owed(connection, now):
            lacking = _jobs_for(one.deliveries, room.settings.cluster) - one.workers - ready[one.edition_id]
            if lacking > 0:
                log.info("Edition %d gets %d more jobs for %d deliveries.", one.edition_id, lacking, one.deliveries)
                _defer(connection, one.edition_id, number=lacking)


async def _work(room: Mailroom, app: App) -> None:
    pause = room.settings.run.deliver_seconds
    stopped = asyncio.create_task(asyncio.to_thread(room.stop.wait))
    try:
        while not stopped.done():
            try:
                await _until(stopped, app, room.settings.cluster.heartbeat_seconds)
            except (ConnectorException, psycopg.Error) as error:
                log.warning("The database did not answer, trying again in %g s: %s", pause, error.__cause__ or error)
            await asyncio.wait({stopped}, timeout=pause)
    finally:
        room.stop.set()


async def _until(stopped: asyncio.Task[bool], app: App, heartbeat: float) -> None:
    """Runs a worker for each queue until `stopped`, or until one of them ends by itself: the database went away. Jobs under way are finished."""
    async with app.open_async():
        workers = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue],
                    name=queue,
                    install_signal_handlers=False,
                    delete_jobs=DeleteJobCondition.SUCCESSFUL,
                    update_heartbeat_interval=heartbeat,
                    stalled_worker_timeout=MISSED_HEARTBEATS * heartbeat,
                )
            )
            for queue in (DELIVERIES, CARE)
        ]
        await asyncio.wait({stopped, *workers}, return_when=asyncio.FIRST_COMPLETED)
        for worker in workers:
            worker.cancel()
        for ended in await asyncio.gather(*workers, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

"""Engines for SQLite and PostgreSQL, and the way from any older tables to this version's (Alembic, `migrations/`)."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import DatabaseError as OtherDatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from digest.errors import DatabaseError

BUSY_MILLISECONDS = 15_000
# A machine that lost power or its network does not say so. Whoever waits for it would wait for hours by the system's own settings: here its death is
# found out within half a minute, by us of the server, and by the server of us, so that our locks are let go.
WATCHFUL = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds
}
WATCHED = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 30000"
ONLY_READS = "only_reads"  # an execution option
FORMS = "sqlite:///FILE or postgresql://USER@HOST/NAME"


def open_database(url: str) -> Engine:
    """An engine on `url`. Connects to nothing yet; a file for SQLite is made at the first connection.

    A database that cannot be reached or used is a `DatabaseError` at whatever statement finds it out. No error text holds a statement's
    values: they are readers' addresses.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend not in ("sqlite", "postgresql"):
            raise DatabaseError(f"[database] url starts with “{parsed.drivername}”; use {FORMS}.")
        engine = _open_sqlite(url) if backend == "sqlite" else _open_postgresql(parsed)
    except (ArgumentError, NoSuchModuleError, ValueError):  # their texts may quote the address, and so a password
        raise DatabaseError(f"[database] url cannot be read as an address: write {FORMS}.") from None
    except ModuleNotFoundError as error:
        raise DatabaseError("PostgreSQL needs its driver: pip install 'newsletter-digest[postgres]'") from error
    event.listen(engine, "handle_error", _explain)
    return engine


def _open_postgresql(url: URL) -> Engine:
    watchful = url.set(drivername="postgresql+psycopg").update_query_dict({name: value for name, value in WATCHFUL.items() if name not in url.query})
    engine = create_engine(watchful, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def watch(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(WATCHED)
        cursor.close()
        connection.commit()

    return engine


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `begin` below does
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A plain BEGIN reads first and takes the lock at the first write: two such transactions lose each other's updates
        # (400 increments by 4 threads ended at 100). BEGIN IMMEDIATE waits its turn instead.
        at_the_driver(connection, "BEGIN" if connection.get_execution_options().get(ONLY_READS) else "BEGIN IMMEDIATE")

    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read. On SQLite they then wait for no writer, and no writer for them: with pages that looked
    themselves up as writers do, 50 requests a second cost a send a quarter of its speed."""
    return engine.execution_options(**{ONLY_READS: True})


def at_the_driver(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]] = ((),)) -> int:
    """The statement as the driver takes it, for each of `rows`, within the connection's transaction; how many rows it changed. SQLAlchemy's own way
    there costs 600 byte codes. Listeners are told, and errors are those that it would raise, or a `DatabaseError`."""
    many = len(rows) > 1
    values: Any = rows if many else rows[0]
    cursor = connection.connection.cursor()
    try:
        for listener in connection.dispatch.before_cursor_execute:
            sql, values = listener(connection, cursor, sql, values, None, many)
        (cursor.executemany if many else cursor.execute)(sql, values)
        changed = cursor.rowcount
    except connection.dialect.loaded_dbapi.Error as error:
        wrapped = DBAPIError.instance(sql, None, error, connection.dialect.loaded_dbapi.Error, hide_parameters=True, dialect=connection.dialect)
        _explain_error(wrapped, error)
        raise wrapped from error
    finally:
        cursor.close()
    return changed


def _explain(context: ExceptionContext) -> None:
    if not context.is_pre_ping:
        _explain_error(context.sqlalchemy_exception, context.original_exception)


def _explain_error(error: BaseException | None, original: BaseException) -> None:
    """What the operator can mend becomes a sentence; what is a fault of ours (a broken key, a wrong type) stays as it is."""
    if isinstance(error, OperationalError) or type(error) is OtherDatabaseError:
        first, *_ = str(original).strip().splitlines() or ["no reason is given"]
        raise DatabaseError(f"The database cannot be used: {first.rstrip('.')}. Look at [database] url in digest.toml.") from error


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def upgrade(engine: Engine) -> bool:
    """Brings the tables to this version. True when there was something to do."""
    with as_file(files("digest") / "migrations") as folder:
        config = _config(folder)
        script = ScriptDirectory.from_config(config)
        with engine.begin() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            _require_known(found, script)
            if found == script.get_current_head():
                return False
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return True


def has_jobs(connection: Connection) -> bool:
    """Whether Procrastinate's own tables are there."""
    return inspect(connection).has_table("procrastinate_jobs")


def require_current(engine: Engine, *, jobs: bool = False) -> None:
    """Refuses to work on tables of another version, or without those for jobs where they are needed, and says what to do."""
    with as_file(files("digest") / "migrations") as folder:
        script = ScriptDirectory.from_config(_config(folder))
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            lacks_jobs = jobs and not has_jobs(connection)
        _require_known(found, script)
        head = script.get_current_head()
    if found is None:
        raise DatabaseError("The database has no tables yet: run `digest db upgrade`.")
    if found != head:
        raise DatabaseError(f"The database is at version {found}, this program at {head}: run `digest db upgrade`.")
    if lacks_jobs:
        raise DatabaseError('The database has no tables for jobs yet, which [run] engine = "procrastinate" needs: run `digest db upgrade`.')


def _require_known(found: str | None, script: ScriptDirectory) -> None:
    if found is not None and found not in {one.revision for one in script.walk_revisions()}:
        raise DatabaseError(
            f"The database is at version {found}, which a newer digest made: install that one again (pip install -U newsletter-digest)."
        )

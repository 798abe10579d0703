"""Engines for SQLite and PostgreSQL, and the way from any older tables to this version's (Alembic, `migrations/`)."""

from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from digest.errors import DatabaseError

BUSY_MILLISECONDS = 15_000


def open_database(url: str) -> Engine:
    """An engine on `url`. Connects to nothing yet; a file for SQLite is made at the first connection."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url)
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10, max_overflow=20)
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseError(f"[database] url is not an address of a database: {error}") from error
    except ModuleNotFoundError as error:
        raise DatabaseError("PostgreSQL needs its driver: pip install 'newsletter-digest[postgres]'") from error
    raise DatabaseError(f"[database] url starts with “{parsed.drivername}”; use sqlite:///FILE or postgresql://HOST/NAME.")


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000})

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
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def upgrade(engine: Engine) -> bool:
    """Brings the tables to this version. True when there was something to do."""
    with as_file(files("digest") / "migrations") as folder:
        config = _config(folder)
        head = ScriptDirectory.from_config(config).get_current_head()
        try:
            with engine.begin() as connection:
                if MigrationContext.configure(connection).get_current_revision() == head:
                    return False
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                return True
        except OperationalError as error:
            raise _unreachable(error) from error


def require_current(engine: Engine) -> None:
    """Refuses to work on tables of another version, and says what to do."""
    with as_file(files("digest") / "migrations") as folder:
        head = ScriptDirectory.from_config(_config(folder)).get_current_head()
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise _unreachable(error) from error
    if found is None:
        raise DatabaseError("The database has no tables yet: run `digest db upgrade`.")
    if found != head:
        raise DatabaseError(f"The database is at version {found}, this program at {head}: run `digest db upgrade`.")


def _unreachable(error: OperationalError) -> DatabaseError:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    return DatabaseError(f"The database cannot be opened: {reason} Look at [database] url in digest.toml.")

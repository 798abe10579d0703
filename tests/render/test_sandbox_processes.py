"""The processes that draw: they know nothing, end with whoever asked, and never stand in each other's way."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from digest.errors import TemplateError
from digest.render import sandbox
from digest.render.draw import draw
from digest.render.sandbox_jobs import Inlining, Job
from digest.render.sandbox_worker import KEPT, NEEDED, POOL, Lost, Worker
from tests.render.sample_edition import look, sample_edition

ROOT = Path(__file__).parents[2]
EDITION = sample_edition()
MINE = look(theme="mine")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    return tmp_path


def drawn(own: Path, text: str) -> str:
    (own / "mine" / "body.txt").write_text(text)
    return draw(EDITION, MINE, own=own).text


def waiting() -> list[int]:
    return [worker.number for worker in POOL.waiting]


def test_what_cannot_be_interrupted_is_ended_from_outside() -> None:
    class Sleeper:
        seconds = 1.0

        def __reduce__(self) -> tuple[Any, ...]:
            return time.sleep, (600,)

    worker = Worker()
    worker.ask(Inlining(seconds=5, html="<!DOCTYPE html><p>a</p>", engine="premailer"), wait=60)
    with pytest.raises(Lost) as lost:
        worker.ask(cast(Job, Sleeper()), wait=0.2)
    assert lost.value.by == -signal.SIGKILL
    assert not worker.lives


def test_it_knows_nothing_of_ours_and_has_nothing_open(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_DELIVERY__SMTP__PASSWORD", "secret")
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)
    POOL.clear()
    drawn(own, "a")
    process = Path("/proc") / str(waiting()[-1])
    if not process.exists():
        pytest.skip("there is no /proc")
    assert (process / "environ").read_bytes() == b""
    assert (process / "cwd").readlink() == Path("/")
    assert [path.name for path in sorted((process / "fd").iterdir())] == ["0", "1", "2"]


def test_many_threads_draw_at_once_and_few_processes_wait_after_that(own: Path) -> None:
    expected = drawn(own, "{{ look.name }}")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: draw(EDITION, MINE, own=own).text, range(12)))
    assert found == [expected] * 12
    assert 1 <= len(waiting()) <= KEPT


def test_one_runaway_keeps_nobody_waiting(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 2.0)
    (own / "endless").mkdir()
    (own / "endless" / "body.html").write_text("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")
    order = []

    def runaway() -> None:
        with pytest.raises(TemplateError, match=r"endless/body\.html, line 1"):
            draw(EDITION, look(theme="endless"), own=own)
        order.append("endless")

    thread = threading.Thread(target=runaway)
    thread.start()
    drawn(own, "{{ look.name }}")
    order.append("mine")
    thread.join()
    assert order == ["mine", "endless"]


def test_a_process_that_somebody_ended_is_missed_by_nobody(own: Path) -> None:
    drawn(own, "a")
    for number in waiting():
        os.kill(number, signal.SIGKILL)
        os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
    assert drawn(own, "b") == "b\n"


def test_none_is_left_behind(own: Path) -> None:
    drawn(own, "a")
    numbers = waiting()
    assert numbers
    POOL.clear()
    for number in numbers:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


DRAWING = """
import os
from pathlib import Path
from digest.render.draw import draw
from digest.render.sandbox_worker import POOL
from tests.render.sample_edition import look, sample_edition

def drawn():
    return draw(sample_edition(), look(theme="mine"), own=Path({own!r})).text
"""


@contextmanager
def elsewhere(own: Path, code: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that draws."""
    drawn(own, "a")
    script = DRAWING.format(own=str(own)) + code
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="no way to wait for a process that is no child")
@pytest.mark.parametrize(
    "end",
    [
        lambda process: process.send_signal(signal.SIGTERM),
        lambda process: process.send_signal(signal.SIGKILL),
        lambda process: process.stdin.close(),
    ],
    ids=["terminated", "killed", "done"],
)
def test_whoever_asked_takes_it_along(own: Path, end: "Callable[[subprocess.Popen[str]], None]") -> None:
    with elsewhere(own, "drawn(); print(POOL.waiting[0].number, flush=True); os.read(0, 1)") as process:
        assert process.stdout is not None
        drawing = os.pidfd_open(int(process.stdout.readline()))
        end(process)
        process.wait()
        assert select.select([drawing], [], [], 60)[0]
        os.close(drawing)


def test_a_copy_of_the_process_has_its_own(own: Path) -> None:
    code = """
first, before = drawn(), POOL.waiting[0].number
if os.fork() == 0:
    print(POOL.waiting == (), drawn() == first, POOL.waiting[0].number != before, flush=True)
    POOL.clear()
    os._exit(0)
os.wait()
print(POOL.waiting[0].number == before, drawn() == first, POOL.waiting[0].number == before)
"""
    with elsewhere(own, code) as process:
        assert process.stdout is not None
        assert process.stdout.read().split() == ["True"] * 6

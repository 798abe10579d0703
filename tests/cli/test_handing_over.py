"""Stopping by signal, at the worst moments."""

import signal
import subprocess
import sys

import pytest

# The main thread holds the event's own lock when the signal comes: a signal handler that sets the event would wait for itself.
WHILE_ABOUT_TO_WAIT = """
import os, signal
from digest.cli.handing_over import stopping
with stopping() as stop:
    with stop._cond:
        os.kill(os.getpid(), signal.{name})
        sum(range(100_000))
    print("stopped" if stop.wait(20) else "went on")
print("ended")
"""

TWICE = """
import os, signal
from digest.cli.handing_over import stopping
with stopping() as stop:
    os.kill(os.getpid(), signal.SIGTERM)
    stop.wait(20)
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_while_the_main_thread_is_about_to_wait_is_heard(name: str) -> None:
    done = run(WHILE_ABOUT_TO_WAIT.format(name=name))
    assert (done.returncode, done.stdout.split()) == (0, ["stopped", "ended"])


def test_a_second_signal_ends_at_once() -> None:
    assert run(TWICE).returncode == 128 + signal.SIGTERM

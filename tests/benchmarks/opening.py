"""The readers' pages in a process of their own, on the store it is told; or, with no store, an answer that is always the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from digest.database import open_database
from digest.listen import Listen
from digest.settings import parse
from digest.web.app import application
from digest.web.reception import Reception
from digest.web.serve import serving
from digest.wiring import clock
from tests.benchmarks.working import KEY, SETTINGS

LIMITS = {"minimum_seconds": 0, "sign_ups_per_client": 1_000_000}


@contextmanager
def opened(store: str = "") -> Iterator[int]:
    """The port."""
    command = [sys.executable, "-m", "tests.benchmarks.opening", store]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        yield int(running.stdout.readline())
        running.stdin.close()


def pages(store: str) -> ASGIApp:
    settings = parse({**SETTINGS, "pages": {"url": "http://localhost", "limits": LIMITS}}, folder=Path(os.devnull).parent)
    return application(Reception(engine=open_database(store), settings=settings, keys=[KEY], clock=clock))


if __name__ == "__main__":
    with serving(pages(sys.argv[1]) if sys.argv[1] else PlainTextResponse("hello"), Listen(host="127.0.0.1")) as address:
        print(address.port, flush=True)  # noqa: T201 - read by whoever started it
        sys.stdin.read()

"""What runs in the process of its own: it takes one job after another from its input and writes each outcome, as JSON, to its output.

It gets templates and values with the job; while it draws it can open nothing. Its answers are read as data by whoever asked.
"""

import json
import pickle
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import IO

from digest.errors import DigestError, SettingsError, TemplateError
from digest.render.depth import MOST, depth
from digest.render.environment import Environment
from digest.render.language import direction
from digest.render.paint import paint
from digest.render.sandbox_jobs import LENGTH, Drawing, Inlining, Job
from digest.render.sandbox_limits import CHARACTERS, OutOfTime, bound, closed, timed
from digest.render.shelf import shelved, warm

Sources = tuple[tuple[str, tuple[str, str]], ...]

_NO_MEMORY = json.dumps({"error": "The theme takes more memory than there is for a page.", "spent": True}).encode()


def main() -> None:
    """Until its input ends."""
    bound()
    given, taken = sys.stdin.buffer, sys.stdout.buffer
    while head := given.read(LENGTH.size):
        job = pickle.loads(given.read(LENGTH.unpack(head)[0]))  # noqa: S301 - from the process that started this one, and from no one else
        _write(taken, _outcome(job))


def _outcome(job: Job) -> bytes:
    try:
        parts = _drawn(job) if isinstance(job, Drawing) else _inlined(job)
    except MemoryError:
        return _NO_MEMORY
    except DigestError as error:
        spent = isinstance(error.__cause__, OutOfTime | MemoryError)
        return json.dumps({"error": str(error), "spent": spent, "settings": isinstance(error, SettingsError)}).encode()
    except OutOfTime:
        return json.dumps({"error": "The page is so long, or so entangled, that its styles are not inlined within any time.", "spent": True}).encode()
    except RecursionError:
        return json.dumps({"error": "The page is nested too deeply.", "spent": True}).encode()
    return json.dumps({"parts": parts}).encode()


def _drawn(job: Drawing) -> tuple[str, ...]:
    made = _environment(tuple(job.sources.items()), job.look.language, job.look.zone)
    direction(job.look.content_language or job.look.language)
    with closed(), timed(job.seconds):
        return paint(made, job.edition, job.look, job.key, CHARACTERS)


def _inlined(job: Inlining) -> tuple[str, ...]:
    inline = _inliner(job.engine)
    with closed(), timed(job.seconds):
        page = inline(job.html, job.engine)
        if (deep := depth(page)) > MOST:
            raise TemplateError(f"The page has elements in elements, {deep:,} deep: does a loop begin what it does not end?")
        return (page,)


@lru_cache
def _inliner(engine: str) -> Callable[[str, str], str]:
    """It, with all loaded that it may come to need."""
    from digest.render.inline import inline  # noqa: PLC0415 - 40 MB that only an inliner needs

    inline("<!DOCTYPE html><html><head><style>p { color: red }</style></head><body><p>a</p></body></html>", engine)
    return inline


@lru_cache(maxsize=4)
def _environment(sources: Sources, language: str, zone: str) -> Environment:
    return warm(shelved(dict(sources), language, zone))


def _write(taken: IO[bytes], outcome: bytes) -> None:
    taken.write(LENGTH.pack(len(outcome)))
    taken.write(outcome)
    taken.flush()

"""Draws somebody's own theme in a process of its own, where it can neither reach anything nor go on for ever.

Templates may come from people who edit them in a browser. Jinja's sandbox keeps them from what they were not given (`guard.py`); against loops
without an end, texts that double and pages as long as a book only limits help that the operating system keeps (`sandbox_limits.py`).
"""

import json
import signal

from digest.editions.values import Edition
from digest.errors import SettingsError, TemplateError
from digest.render.look import Look
from digest.render.sandbox_jobs import Drawing, Inlining, Job
from digest.render.sandbox_limits import GRACE, SECONDS, SECONDS_INLINING, WAIT
from digest.render.sandbox_worker import POOL, Lost
from digest.render.theme import Sources


def drawn_apart(sources: Sources, edition: Edition, look: Look, key: str) -> tuple[str, str]:
    """HTML and text, as `paint` makes them. `TemplateError`: it is broken, or takes more time, memory or room than a page may."""
    html, text = _asked(Drawing(seconds=SECONDS, sources=sources, edition=edition, look=look, key=key), look.theme)
    return html, text


def inlined_apart(html: str, engine: str, theme: str) -> str:
    """The page with its styles inlined, as `inline` does it."""
    (page,) = _asked(Inlining(seconds=SECONDS_INLINING, html=html, engine=engine), theme)
    return page


def _asked(job: Job, theme: str) -> list[str]:
    worker = POOL.take()
    try:
        answer = json.loads(worker.ask(job, (job.seconds + GRACE) * WAIT))
    except Lost as lost:
        POOL.replace(worker)
        raise TemplateError(f"The theme “{theme}” {_fate(lost.by)}") from None
    except BaseException:
        worker.end()
        raise
    if answer.get("spent"):
        POOL.replace(worker)
    else:
        POOL.give_back(worker)
    if "error" in answer:
        raise (SettingsError if answer.get("settings") else TemplateError)(answer["error"])
    parts: list[str] = answer["parts"]
    return parts


def _fate(by: int) -> str:
    if -by in (signal.SIGKILL, signal.SIGPROF, signal.SIGXCPU):
        return "was ended: it took more time or memory than any page takes. Look for a loop that does not end, or a number that grows."
    return f"could not be drawn: the process that draws it ended by itself ({by})."

"""…/events: tells an open page that what it shows has changed (server-sent events). Without script, pages are loaded anew by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from digest.desk.place import PATTERN, edition_of
from digest.desk.pulse import pulse
from digest.desk.studio import Studio, studio_of
from digest.errors import DigestError

LOOK_SECONDS = 0.4  # between two looks at files and store
STEPS = 8  # in which a look is waited for: a desk that stops is not held up
QUIET_LOOKS = 40  # without news: then a line that says nothing finds out whether anybody still listens
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # no proxy may hold it back

Look = Callable[[], str]


async def events(request: Request) -> Response:
    """A line with the new pulse whenever it is no more what was `seen`, until the page is left or the desk stops."""
    look = await run_in_threadpool(_look_of, request)
    return StreamingResponse(_lines(studio_of(request), look, request.query_params.get("seen", "")), media_type="text/event-stream", headers=HEADERS)


def _look_of(request: Request) -> Look:
    studio = studio_of(request)
    if "slot" not in request.path_params:
        return lambda: pulse(studio)
    newsletter, slot = edition_of(request)
    return lambda: pulse(studio, newsletter, slot)


async def _lines(studio: Studio, look: Look, seen: str) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    quiet = 0
    while not studio.closing.is_set():
        found = await run_in_threadpool(_found, look, seen)
        quiet += 1
        if found != seen:
            seen, quiet = found, 0
            yield f"data: {found}\n\n"
        elif quiet >= QUIET_LOOKS:
            quiet = 0
            yield ":\n\n"
        for _ in range(STEPS):
            if not studio.closing.is_set():
                await asyncio.sleep(LOOK_SECONDS / STEPS)


def _found(look: Look, seen: str) -> str:
    """While the database is away nothing is new."""
    try:
        return look()
    except DigestError:
        return seen


ROUTES = (Route("/events", events), Route(f"{PATTERN}/events", events))

"""…/events: tells an open page that what it shows has changed (server-sent events). Without script, pages are loaded anew by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from digest.desk.ahead import letters_ahead
from digest.desk.edition_now import ask_again, is_out
from digest.desk.place import PATTERN, edition_of
from digest.desk.pulse import pulse
from digest.desk.studio import Studio, studio_of
from digest.errors import DigestError
from digest.newsletter import Newsletter

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
        return desk_look(studio)
    return edition_look(studio, *edition_of(request))


def edition_look(studio: Studio, newsletter: Newsletter, slot: datetime) -> Look:
    """Of one edition."""

    def look() -> str:
        if not is_out(studio, newsletter, slot):
            ask_again(studio, newsletter)  # while the page is only open: whoever loads one does not wait for it
        return pulse(studio, newsletter, slot)

    return look


def desk_look(studio: Studio) -> Look:
    """Of the whole desk. Whoever opens an edition next does not wait for what a million readers want."""
    letters = letters_ahead(studio)

    def look() -> str:
        for newsletter in letters:
            ask_again(studio, newsletter)
        return pulse(studio)

    return look


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

"""…/events: tells an open page that what it shows has changed (server-sent events). Without script, pages are loaded anew by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from digest.desk.edition_now import asking_now, is_out
from digest.desk.place import PATTERN, edition_of
from digest.desk.pulse import pulse
from digest.desk.studio import Studio, studio_of
from digest.errors import DigestError

LOOK_SECONDS = 0.4  # between two looks at files and store
STEPS = 8  # in which a look is waited for: a desk that stops is not held up
AHEAD = 8  # newsletters of which is asked ahead what their readers want: what is kept has other uses, too
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
        return DeskLook(studio)
    newsletter, slot = edition_of(request)

    def look() -> str:
        if not is_out(studio, newsletter, slot):
            asking_now(studio, newsletter)  # asked while the page is only open: whoever loads one does not wait for it
        return pulse(studio, newsletter, slot)

    return look


class DeskLook:
    """Of the whole desk. The first look also asks what readers want: whoever opens an edition next does not wait for a million of them."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._letters = [one for declared in studio.settings.newsletters.values() for one in declared.in_every_cadence()][:AHEAD]

    def __call__(self) -> str:
        while self._letters:
            asking_now(self._studio, self._letters.pop())
        return pulse(self._studio)


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

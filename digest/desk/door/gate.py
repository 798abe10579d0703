"""What stands before every page of the desk: who asks, and whether what changes something was asked for by a page of ours. Pure ASGI."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.desk.door.entrance import Entrance
from digest.desk.door.links import PATH as OPEN
from digest.desk.door.origin import is_same_origin, origin_of
from digest.desk.door.replay import with_token
from digest.desk.door.turned_away import turned_away
from digest.desk.door.visitor import KEY, Visitor
from digest.desk.door.who import visitor_at, whom

SIGN_IN = "/sign-in"
HEALTH = "/healthz"
STATIC = "/static/"
SAFE = ("GET", "HEAD", "OPTIONS")
STRANGE = "This was not asked for by a page of the desk: nothing was done. Load the page again and press its own button."
DATED = "The page was too old, or made for somebody else: nothing was done. Load it again, then press once more."


class Gate:
    """Lets through who is signed in; the ways in, and styles, are for everybody. Of whoever it lets through `visitor_of` tells. Every request that
    could change something must come from our own pages and, but for signing in, bring what only a page made for this visitor knows.

    What it refuses is an `HTTPException`: Starlette's `ExceptionMiddleware` stands around it.
    """

    def __init__(self, app: ASGIApp, *, entrance: Entrance) -> None:
        self._app = app
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == HEALTH or scope["path"].startswith(STATIC):
            await self._app(scope, receive, send)
            return
        visitor = await run_in_threadpool(visitor_at, self._entrance, Request(scope))
        scope[KEY] = visitor  # also for the page that says why somebody is refused
        if scope["method"] not in SAFE:
            self._require_own(Headers(scope=scope))
            if visitor and scope["path"] != SIGN_IN:
                receive = await self._require_csrf(scope, receive, visitor)
        if visitor or is_public(scope["path"]):
            await self._app(scope, receive, send)
        else:
            answer = await run_in_threadpool(turned_away, Request(scope), self._entrance)
            await answer(scope, receive, send)

    def _require_own(self, headers: Headers) -> None:
        own = origin_of(self._entrance.desk.url or f"http://{headers.get('host', '')}")
        if not is_same_origin(headers, own):
            raise HTTPException(403, STRANGE)

    async def _require_csrf(self, scope: Scope, receive: Receive, visitor: Visitor) -> Receive:
        given, again = await with_token(scope, receive)
        if not self._entrance.is_csrf(given, whom(visitor)):
            raise HTTPException(403, DATED)
        return again


def is_public(path: str) -> bool:
    """Whether the page is for whoever is not signed in, too."""
    return path == SIGN_IN or path.startswith(f"{OPEN}/")

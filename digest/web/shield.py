"""What stands between the network and the pages: which host is meant, how long a body may take, what every answer says to a browser.

Pure ASGI. Nothing that gets through ends without an answer, and no answer or line of the log tells of a fault's insides or of who asked.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.web.body import bounded

log = logging.getLogger("digest.web")

HEALTH = "/healthz"  # asked by probes, which name the machine as they like
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # an address with a token is told to nobody
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
}
PLACES = 12  # of a fault, in the log
HSTS = "max-age=31536000"  # a year (RFC 6797); no word on other hosts of the domain, which are not ours
PLAIN = MutableHeaders(HEADERS).raw  # as ASGI has them
SECURE = MutableHeaders({**HEADERS, "Strict-Transport-Security": HSTS}).raw
Apology = Callable[[Request, int], Response]


class Shield:
    """`hosts` are the names the pages answer to, in lower case; `root` the path they live below. `secure`: they are reached by https. What went wrong
    without anybody's having foreseen it is answered by `apology`."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], root: str, secure: bool, apology: Apology) -> None:
        self._app = app
        self._hosts = hosts
        self._root = root
        self._secure = secure
        self._apology = apology

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        inner = {**scope, "path": _plain(scope["path"], self._root)}
        wary = _Send(send, secure=self._secure)
        begun = monotonic()
        try:
            await self._answer(inner, bounded(receive), wary)
        except ClientDisconnect:
            return
        except Exception as error:  # the last line: whatever it is, the reader gets an answer, and the operator the place
            log.error("%s %s failed: %s", _method(inner), _route(inner), _whereabouts(error))  # noqa: TRY400 - its text may quote a reader
            if wary.status == 0:
                await self._apologise(inner, receive, wary)
        level = logging.DEBUG if inner["path"] == HEALTH and wary.status == 200 else logging.INFO  # a probe asks every few seconds
        log.log(level, "%s %s %d %.0f ms", _method(inner), _route(inner), wary.status, (monotonic() - begun) * 1000)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _host(Headers(scope=scope).get("host", ""))
        if host in self._hosts or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
        else:
            refused = PlainTextResponse("Misdirected request", 421) if host else PlainTextResponse("Bad request", 400)
            await refused(scope, receive, send)

    async def _apologise(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await asyncio.to_thread(self._apology, Request(scope), 500)
        except Exception as error:
            log.error("The page that says so failed, too: %s", _whereabouts(error))  # noqa: TRY400 - its text may quote a reader
            response = PlainTextResponse("Something went wrong on our side.", 500)
        await response(scope, receive, send)


class _Send:
    """Sends an answer on with the headers that it lacks. `status` is 0 until it has begun."""

    def __init__(self, send: Send, *, secure: bool) -> None:
        self._send = send
        self._secure = secure
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message.setdefault("headers", [])
            given = {name for name, _ in headers}
            headers += (ours for ours in (SECURE if self._secure else PLAIN) if ours[0] not in given)
        await self._send(message)


def _plain(path: str, root: str) -> str:
    """The path below the root, whether or not a proxy has taken that off, without slashes at its end."""
    below = path[len(root) :] if root and f"{path}/".startswith(f"{root}/") else path
    return below.rstrip("/") or "/"


def _host(header: str) -> str:
    """The name in a Host header, without its port."""
    name, _, port = header.strip().lower().rpartition(":")
    return name if name and port.isdecimal() else header.strip().lower()


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE") else "?"


def _route(scope: Scope) -> str:
    """The route's pattern, like /leave/{token}: never the path itself, which may hold a token."""
    return str(getattr(scope.get("route"), "path", "–"))


def _whereabouts(error: Exception) -> str:
    """Kind and places of an error, the innermost first, without its text: that may quote what a reader sent."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    return " < ".join((type(error).__name__, *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))))

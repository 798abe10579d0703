"""/sign-in, /open/…, /sign-out: into the desk, and out of it."""

import getpass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.accounts import log, sessions
from digest.accounts.guard import Attempt, open_locally, sign_in
from digest.accounts.names import harmless
from digest.accounts.roles import Deed
from digest.desk.door import cookie, familiar
from digest.desk.door.act import Act
from digest.desk.door.entrance import Entrance, entrance_of
from digest.desk.door.gate import SIGN_IN
from digest.desk.door.turned_away import safe_next
from digest.desk.door.visitor import known, visitor_of
from digest.desk.door.who import cookie_name
from digest.desk.page import page
from digest.errors import TooBusy
from digest.web.client import UNKNOWN, client_among
from digest.web.form import Form, answering

USED = "This link was used already, or is too old. Run `digest desk` again for another, and do so at once if it was not you who used it."


def form(request: Request) -> Response:
    """The page to sign in."""
    if not entrance_of(request).passwords:
        raise HTTPException(404)
    return _form(request, request.query_params.get("next", ""))


def enter(request: Request, said: Form) -> Response:
    """Signs in, and goes on to where they wanted to go."""
    entrance = entrance_of(request)
    if not entrance.passwords:
        raise HTTPException(404)
    visitor, browser = known(request), _familiar(entrance, request)
    attempt = Attempt(
        name=said.one("name"),
        password=said.one("password"),
        client=_client(entrance, request),
        familiar=browser.account if browser else None,
        browser=browser.browser if browser else "",
    )
    try:
        outcome = sign_in(entrance.engine, attempt, instead_of=visitor.session if visitor else "", key=entrance.keys[0], now=entrance.clock())
    except TooBusy as error:
        raise HTTPException(503, str(error), {"Retry-After": "2"}) from error
    if not outcome.token:
        return _form(request, said.one("next"), refused=outcome.refused, name=attempt.name, status=429 if outcome.too_often else 403)
    answer = _into(request, entrance, outcome.token, safe_next(said.one("next")))
    familiar.put(answer, _familiar_name(entrance, request), familiar.mark(entrance.keys, outcome.account), secure=entrance.secure)
    return answer


def open_(request: Request) -> Response:
    """A one-time link: whoever has it sits at this machine."""
    entrance, now = entrance_of(request), entrance_of(request).clock()
    if not entrance.local:
        raise HTTPException(404)
    if not entrance.links.take(request.path_params["token"], now):
        if known(request):
            return RedirectResponse(f"{entrance.root}/", 303)
        raise HTTPException(403, USED)
    token = open_locally(entrance.engine, machine_user(), now=now)
    entrance.links.remember(sessions.hashed(token))
    return _into(request, entrance, token, "/")


def leave(request: Request, said: Form) -> Response:
    """Ends this browser's session."""
    entrance, visitor = entrance_of(request), visitor_of(request)
    with entrance.engine.begin() as connection:
        sessions.end(connection, visitor.session)
        log.write(connection, at=entrance.clock(), who=visitor.who, what=Deed.SIGN_OUT)
    answer = RedirectResponse(f"{entrance.root}{SIGN_IN if entrance.passwords else '/'}", 303)
    return cookie.take_away(answer, cookie_name(entrance, request), secure=entrance.secure)


def machine_user() -> str:
    """The name of whoever runs the desk on this machine."""
    try:
        return harmless(getpass.getuser()) or "editor"
    except (OSError, KeyError):  # an account without a name, as in a container
        return "editor"


def _form(request: Request, next_: str, *, refused: str = "", name: str = "", status: int = 200) -> Response:
    return page(request, "sign_in.html", {"next": safe_next(next_), "refused": refused, "name": name[:80]}, status)


def _into(request: Request, entrance: Entrance, token: str, path: str) -> Response:
    answer = RedirectResponse(f"{entrance.root}{path}", 303)
    return cookie.put(answer, cookie_name(entrance, request), token, secure=entrance.secure)


def _familiar(entrance: Entrance, request: Request) -> familiar.Familiar | None:
    return familiar.read(entrance.keys, cookie.token_in(request.headers, _familiar_name(entrance, request)))


def _familiar_name(entrance: Entrance, request: Request) -> str:
    return f"{cookie_name(entrance, request)}-familiar"


def _client(entrance: Entrance, request: Request) -> str:
    said = [part.strip() for header in request.headers.getlist("x-forwarded-for") for part in header.split(",")]
    peer = request.client.host if request.client else ""
    return client_among(peer, said, entrance.desk.trusted_proxies) or UNKNOWN


ROUTES = (
    Route(SIGN_IN, form),
    Route(SIGN_IN, answering(enter), methods=["POST"]),
    Route("/open/{token}", open_),
    Act("/sign-out", leave, deed=Deed.SIGN_OUT),
)

"""/me: one's own account: another password, and out of every browser."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.accounts import staff
from digest.accounts.passwords import SHORTEST
from digest.accounts.roles import Deed
from digest.desk.door import cookie
from digest.desk.door.act import Act
from digest.desk.door.entrance import entrance_of
from digest.desk.door.visitor import visitor_of
from digest.desk.door.who import cookie_name
from digest.desk.page import page
from digest.errors import AccountError
from digest.web.form import Form

PATH = "/me"
DONE = {"password": "You have another password, and are signed out everywhere else.", "out": "You are signed out everywhere else."}


def show(request: Request) -> Response:
    return _page(request)


def change_password(request: Request, said: Form) -> Response:
    entrance, account = entrance_of(request), _account(request)
    new = said.one("new")
    if new != said.one("again"):
        return _page(request, refused="The two new passwords are not the same.")
    try:
        token = staff.own_password(entrance.engine, account, said.one("old"), new, key=entrance.keys[0], now=entrance.clock())
    except AccountError as error:
        return _page(request, refused=str(error))
    answer = RedirectResponse(f"{entrance.root}{PATH}?done=password", 303)
    return cookie.put(answer, cookie_name(entrance, request), token, secure=entrance.secure)


def sign_out_elsewhere(request: Request, said: Form) -> Response:
    entrance, visitor = entrance_of(request), visitor_of(request)
    staff.sign_out(entrance.engine, _account(request), who=visitor.who, now=entrance.clock(), but=visitor.session)
    return RedirectResponse(f"{entrance.root}{PATH}?done=out", 303)


def _page(request: Request, *, refused: str = "") -> Response:
    done = DONE.get(request.query_params.get("done", ""), "") if not refused else ""
    has_account = visitor_of(request).account is not None
    return page(request, "me.html", {"done": done, "refused": refused, "shortest": SHORTEST, "has_account": has_account}, 409 if refused else 200)


def _account(request: Request) -> int:
    account = visitor_of(request).account
    if account is None:
        raise HTTPException(409, "You have no account here: you came by a link on this machine, or by your organisation's sign-in.")
    return account


ROUTES = (
    Route(PATH, show),
    Act(f"{PATH}/password", change_password, deed=Deed.SIGN_IN),
    Act(f"{PATH}/sign-out", sign_out_elsewhere, deed=Deed.SIGN_OUT),
)

"""/editors: the people who edit, for an admin to let in, give another role, sign out, and take off."""

from collections.abc import Callable
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.accounts import accounts, staff
from digest.accounts.roles import Deed, DeskRole
from digest.database import reading
from digest.desk.door.act import Act
from digest.desk.door.entrance import entrance_of
from digest.desk.door.visitor import require, visitor_of
from digest.desk.page import page
from digest.errors import AccountError
from digest.web.form import Form

PATH = "/editors"
ROLES = {
    DeskRole.WRITER: "edits, and sends tests",
    DeskRole.PUBLISHER: "also approves, holds, sends, and keeps settings",
    DeskRole.ADMIN: "also works on accounts, readers and themes",
}
DONE = {
    "added": "The account is made. Tell them their password in person; they can choose another at “My account”.",
    "role": "They have that role from now on.",
    "password": "They have another password, and are signed out everywhere.",
    "closed": "The account is closed, and signed out everywhere.",
    "out": "They are signed out everywhere.",
}


def show(request: Request) -> Response:
    require(request, Deed.ACCOUNT)
    return _page(request)


def add(request: Request, said: Form) -> Response:
    name, role = said.one("name"), _role(said)
    return _try(request, "added", partial(staff.add, name=name, role=role, password=said.one("password")), name=name, role=role.value)


def give_role(request: Request, said: Form) -> Response:
    return _try(request, "role", partial(staff.give_role, account=_account(said), role=_role(said)))


def give_password(request: Request, said: Form) -> Response:
    return _try(request, "password", partial(staff.give_password, account=_account(said), password=said.one("password")))


def close(request: Request, said: Form) -> Response:
    return _try(request, "closed", partial(staff.close, account=_account(said)))


def sign_out(request: Request, said: Form) -> Response:
    return _try(request, "out", partial(staff.sign_out, account=_account(said)))


def _try(request: Request, what: str, do: Callable[..., object], **filled: str) -> Response:
    """Back to the page, which says that it is done; or the page with what is wrong, and with what was `filled` in."""
    entrance = entrance_of(request)
    try:
        do(entrance.engine, who=visitor_of(request).who, now=entrance.clock())
    except AccountError as error:
        return _page(request, refused=str(error), **filled)
    return RedirectResponse(f"{entrance.root}{PATH}?done={what}", 303)


def _page(request: Request, *, refused: str = "", name: str = "", role: str = "") -> Response:
    entrance = entrance_of(request)
    with reading(entrance.engine).begin() as connection:
        everybody = accounts.everybody(connection, now=entrance.clock())
    values = {
        "people": [one for one in everybody if one.closed_at is None],
        "closed": [one for one in everybody if one.closed_at is not None],
        "roles": [(one.value, words) for one, words in ROLES.items()],
        "done": DONE.get(request.query_params.get("done", ""), ""),
        "refused": refused,
        "name": name[:80],
        "role": role or (DeskRole.WRITER.value if everybody else DeskRole.ADMIN.value),
        "local": entrance.local,
        "proxy": entrance.desk.user_header,
    }
    return page(request, "accounts.html", values, 409 if refused else 200)


def _account(said: Form) -> int:
    """The account meant; no database has a greater number."""
    text = said.one("account")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise HTTPException(400)
    return int(text)


def _role(said: Form) -> DeskRole:
    try:
        return DeskRole(said.one("role"))
    except ValueError as error:
        raise HTTPException(400) from error


ROUTES = (
    Route(PATH, show),
    Act(f"{PATH}/add", add, deed=Deed.ACCOUNT),
    Act(f"{PATH}/role", give_role, deed=Deed.ACCOUNT),
    Act(f"{PATH}/password", give_password, deed=Deed.ACCOUNT),
    Act(f"{PATH}/close", close, deed=Deed.ACCOUNT),
    Act(f"{PATH}/sign-out", sign_out, deed=Deed.ACCOUNT),
)

"""Every route of the desk that does something names its deed, and nobody does what their role does not allow."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from starlette.routing import Route
from starlette.testclient import TestClient

from digest.accounts.roles import MAY, Deed, DeskRole, may
from digest.accounts.tables import DeedRow
from digest.desk.app import ROUTES
from digest.desk.door.act import Act
from tests.desk.entering import OURS, SHARED, House, csrf

EDITION = "/edition/{newsletter}/{cadence}/{slot}"
# What each route that does something does. A new one stands here, too: whoever adds it says who may.
DEEDS: dict[str, Deed] = {
    "/sign-out": Deed.SIGN_OUT,
    "/me/password": Deed.SIGN_IN,
    "/me/sign-out": Deed.SIGN_OUT,
    "/editors/add": Deed.ACCOUNT,
    "/editors/role": Deed.ACCOUNT,
    "/editors/password": Deed.ACCOUNT,
    "/editors/close": Deed.ACCOUNT,
    "/editors/sign-out": Deed.ACCOUNT,
    **{f"/readers/{what}": Deed.READER for what in ("person", "edit", "choose", "merge", "suppress", "lift", "erase", "copy", "take-along")},
    f"{EDITION}/as": Deed.TEST,
    "/themes/new": Deed.THEME,
    "/themes/{theme}/try": Deed.THEME,
    "/themes/{theme}/keep": Deed.THEME,
    "/themes/{theme}/give-up": Deed.THEME,
    f"{EDITION}/approve": Deed.APPROVE,
    f"{EDITION}/take-back": Deed.APPROVE,
    f"{EDITION}/hold": Deed.HOLD,
    f"{EDITION}/release": Deed.RELEASE,
    f"{EDITION}/renew": Deed.RENEW,
    f"{EDITION}/cancel": Deed.CANCEL,
    f"{EDITION}/send-now": Deed.SEND,
    f"{EDITION}/test": Deed.TEST,
    f"{EDITION}/content": Deed.CHANGE,
    f"{EDITION}/content/introduction": Deed.CHANGE,
    f"{EDITION}/content/undo": Deed.UNDO,
    f"{EDITION}/content/redo": Deed.UNDO,
    f"{EDITION}/weights": Deed.KEEP,
    f"{EDITION}/checks": Deed.TEST,
}
# Pages that are not for everybody who is signed in.
PAGES: dict[str, Deed] = {f"{EDITION}/send-now": Deed.SEND, f"{EDITION}/cancel": Deed.CANCEL, "/editors": Deed.ACCOUNT, "/readers": Deed.READER}
OPEN = {"/sign-in"}  # before anybody is anybody
HOLES = {"newsletter": "weekly", "cadence": "weekly", "slot": "20261130T0700Z"}
SAFE = {"GET", "HEAD"}


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path, now: datetime) -> Any:
    from digest.database import open_database

    path = tmp_path / "roles.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield House(engine=engine, folder=tmp_path, now=now, settings=f'[desk]\nurl = "{SHARED}"\n')
    engine.dispose()


def acting() -> list[Route]:
    return [route for route in ROUTES if not (route.methods or set()) <= SAFE]


def filled(path: str) -> str:
    for hole in {part.strip("{}").partition(":")[0] for part in path.split("/") if part.startswith("{")}:
        path = path.replace(f"{{{hole}}}", HOLES.get(hole, "1"))
    return path


def deeds_done(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(DeedRow)) or 0


def test_every_route_that_does_something_names_its_deed() -> None:
    nameless = [route.path for route in acting() if not isinstance(route, Act) and route.path not in OPEN]
    assert nameless == []
    assert {route.path: route.deed for route in acting() if isinstance(route, Act)} == DEEDS


def test_nothing_is_done_by_a_mere_look() -> None:
    """A route answers either to looking or to doing; of all methods the desk knows only GET and POST."""
    assert {method for route in ROUTES for method in route.methods or ()} == {"GET", "HEAD", "POST"}
    assert [route.path for route in acting() if (route.methods or set()) & SAFE] == []


@pytest.mark.parametrize("role", DeskRole)
def test_nobody_does_what_their_role_does_not_allow(house: House, role: DeskRole) -> None:
    house.account("Ana", DeskRole.ADMIN)
    client = house.as_role(role)
    token = csrf(client.get("/").text)
    before = deeds_done(house.engine)
    for path, deed in DEEDS.items():
        if not may(role, deed):
            answer = client.post(filled(path), data={"csrf": token})
            assert (path, answer.status_code) == (path, 403)
            assert f"You are here as a {role}" in answer.text
    assert deeds_done(house.engine) == before


@pytest.mark.parametrize("role", DeskRole)
def test_a_page_that_is_not_for_everybody_says_so(house: House, role: DeskRole) -> None:
    house.account("Ana", DeskRole.ADMIN)
    client = house.as_role(role)
    for path, deed in PAGES.items():
        assert (path, client.get(filled(path)).status_code) == (path, 200 if may(role, deed) else 403)


def test_a_writer_cannot_approve_and_only_an_admin_lets_people_in() -> None:
    beyond_a_writer = {Deed.APPROVE, Deed.HOLD, Deed.RELEASE, Deed.SEND, Deed.CANCEL, Deed.RENEW, Deed.KEEP, Deed.THEME, Deed.READER, Deed.ACCOUNT}
    assert set(Deed) - MAY[DeskRole.WRITER] == beyond_a_writer
    assert set(Deed) - MAY[DeskRole.PUBLISHER] == {Deed.THEME, Deed.READER, Deed.ACCOUNT}
    assert set(Deed) == MAY[DeskRole.ADMIN]


@pytest.mark.parametrize("who", ["a stranger", "a signed-in admin without the token"])
def test_without_the_session_or_its_token_nothing_is_done(house: House, who: str) -> None:
    house.account("Ana", DeskRole.ADMIN)
    client: TestClient = house.client() if who == "a stranger" else house.as_role(DeskRole.ADMIN)
    before = deeds_done(house.engine)
    for path in DEEDS:
        assert (path, client.post(filled(path), headers=OURS).status_code) == (path, 403)
    assert deeds_done(house.engine) == before

"""Nobody gets past the gate who did not come by one of its ways, and nothing changes that no page of ours asked for."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from digest.accounts import accounts, sessions, staff
from digest.accounts.guard import PER_CLIENT, PER_NAME
from digest.accounts.log import latest
from digest.accounts.roles import DeskRole
from digest.accounts.tables import SessionRow
from digest.desk.door.links import LIFETIME
from tests.desk.entering import HERE, SHARED, House, csrf, press

URL = f'[desk]\nurl = "{SHARED}"\n'
PROXY = f'{URL}user_header = "Remote-User"\nrole_header = "Remote-Groups"\n'
PASSWORD = "four words in a row"


@pytest.fixture
def house(engine: Engine, tmp_path: Path, now: datetime) -> House:
    return House(engine=engine, folder=tmp_path, now=now)


@pytest.fixture
def shared(engine: Engine, tmp_path: Path, now: datetime) -> House:
    """A desk with an account, behind https."""
    house = House(engine=engine, folder=tmp_path, now=now, settings=URL)
    house.account("Ana", DeskRole.ADMIN)
    return house


def enter(client: TestClient, **fields: str) -> int:
    return client.post("/sign-in", data={"name": "Ana", "password": PASSWORD, **fields}).status_code


# The one-time link


def test_the_link_opens_the_desk_once(house: House) -> None:
    entrance = house.entrance()
    link = entrance.links.make(house.now)
    first, second = house.client(entrance), house.client(entrance)
    assert first.get("/").status_code == 403
    opened = first.get(link)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    assert first.get("/").status_code == 200
    again = second.get(link)
    assert (again.status_code, "used already" in again.text) == (403, True)
    assert second.get("/").status_code == 403
    assert first.get(link).headers["location"] == "/"  # who is in already is not frightened


def test_a_link_is_good_for_a_quarter_of_an_hour(house: House) -> None:
    entrance = house.entrance()
    early, late = (entrance.links.make(house.now) for _ in range(2))
    house.wait(seconds=LIFETIME.total_seconds() - 1)
    assert house.client(entrance).get(early).status_code == 303
    house.wait(seconds=1)
    assert house.client(entrance).get(late).status_code == 403


def test_what_a_link_opened_ends_with_the_process(house: House) -> None:
    """Somebody else of the machine may have been faster: a new start shuts them out."""
    client = house.local()
    cookies = {"cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)}
    assert house.client().get("/", headers=cookies).status_code == 403


def test_a_guessed_link_opens_nothing(house: House) -> None:
    entrance = house.entrance()
    link = entrance.links.make(house.now)
    client = house.client(entrance)
    for guess in ("/open/", "/open/x", link[:-1], link + "x", link.upper(), f"{link}/x", "/open/%00", f"/open/{'x' * 5_000}"):
        assert client.get(guess).status_code in (403, 404), guess
    assert client.head(link).status_code == 303


def test_a_link_opens_no_desk_that_is_shared(shared: House) -> None:
    entrance = shared.entrance()
    assert shared.client(entrance).get(entrance.links.make(shared.now)).status_code == 404


# The cookie


def test_no_script_and_no_other_site_gets_the_cookie(house: House, shared: House) -> None:
    client = shared.client()
    entered = client.post("/sign-in", data={"name": "Ana", "password": PASSWORD})
    (name, _, rest), (other, _, also) = (line.partition("=") for line in entered.headers.get_list("set-cookie"))
    assert (name, other) == ("__Host-desk", "__Host-desk-familiar")
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= {part.strip().lower() for part in also.split(";")}
    assert {part.strip().lower() for part in rest.split(";")[1:]} == {"httponly", "secure", "samesite=strict", "path=/", "max-age=604800"}
    assert "domain" not in rest.lower()


def test_two_desks_of_one_machine_have_a_cookie_each(house: House) -> None:
    entrance = house.entrance()
    names = {
        house.client(entrance, base=base).get(entrance.links.make(house.now)).headers["set-cookie"].partition("=")[0]
        for base in (HERE, "http://127.0.0.1:8021", "http://[::1]:8020")
    }
    assert names == {"desk-8020", "desk-8021"}


def test_a_cookie_that_comes_twice_is_nobodys(house: House) -> None:
    """Some page of another port of this machine may have slipped us one of them."""
    client = house.local()
    name, token = next((cookie.name, cookie.value) for cookie in client.cookies.jar)
    assert client.get("/").status_code == 200
    client.cookies.clear()
    assert client.get("/", headers={"cookie": f"{name}={token}"}).status_code == 200
    assert client.get("/", headers={"cookie": f"{name}={token}; {name}=x"}).status_code == 403
    assert client.get("/", headers=[("cookie", f"{name}=x"), ("cookie", f"{name}={token}")]).status_code == 403


def test_nobody_chooses_anothers_session(shared: House) -> None:
    """Fixation: what the browser brings to the page to sign in is never what it leaves with."""
    client = shared.client()
    fields = {"name": "Ana", "password": PASSWORD}
    tokens = ["chosen-by-somebody-else"]
    for _ in range(2):
        entered = client.post("/sign-in", data=fields, headers={"cookie": f"__Host-desk={tokens[-1]}"})
        tokens.append(entered.headers["set-cookie"].partition("=")[2].partition(";")[0])
    client.cookies.clear()
    assert len(set(tokens)) == 3
    assert [client.get("/", headers={"cookie": f"__Host-desk={token}"}).status_code for token in tokens] == [303, 303, 200]


def test_a_session_ends(shared: House) -> None:
    client = shared.client()
    enter(client)
    shared.wait(hours=11)
    assert client.get("/").status_code == 200
    shared.wait(hours=11)
    assert client.get("/").status_code == 200
    shared.wait(hours=12)
    assert client.get("/").headers["location"].startswith("/sign-in")


# Who is not signed in


def test_a_desk_with_accounts_asks_for_a_password_and_goes_on(shared: House) -> None:
    client = shared.client()
    turned = client.get("/editors?a=b&c=ä")
    page = client.get(turned.headers["location"])
    assert (turned.status_code, page.status_code) == (303, 200)
    entered = client.post("/sign-in", data={"name": "ana", "password": PASSWORD, "next": "/editors?a=b"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/editors?a=b")
    assert client.get("/editors").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example",
     "javascript:alert(1)", "evil.example", "/%0d%0aset-cookie:a=b\r\nx:y", "/sign-out", "/open/x", "", "/" + "x" * 600, "/ä", "/a b"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(shared: House, elsewhere: str) -> None:
    entered = shared.client().post("/sign-in", data={"name": "Ana", "password": PASSWORD, "next": elsewhere})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "evil" not in shared.client().get("/sign-in", params={"next": elsewhere}).text


def test_below_a_path_everything_stays_below_it(engine: Engine, tmp_path: Path, now: datetime) -> None:
    house = House(engine=engine, folder=tmp_path, now=now, settings=URL.replace("example", "example/desk", 1))
    house.account("Ana", DeskRole.ADMIN)
    client = house.client(base=SHARED)
    turned = client.get("/desk/editors")
    assert turned.headers["location"] == "/desk/sign-in?next=%2Feditors"
    assert 'action="/desk/sign-in"' in client.get("/desk/sign-in").text
    entered = client.post("/desk/sign-in", data={"name": "Ana", "password": PASSWORD, "next": "/editors"})
    assert entered.headers["location"] == "/desk/editors"
    assert client.get("/desk/editors").status_code == 200
    assert press(client, "/desk/editors", "/desk/sign-out").headers["location"] == "/desk/sign-in"


def test_who_is_not_in_learns_nothing_of_what_there_is(shared: House) -> None:
    shared.file.write_text("broken = [")
    client = shared.client()
    for path in ("/", "/editors", "/log", "/no-such-page", "/edition/weekly/weekly/20261123T0600Z", "/events"):
        assert client.get(path).status_code == 303, path
        assert client.get(path, headers={"sec-fetch-mode": "cors"}).status_code == 403, path
    page = client.get("/sign-in").text
    assert "broken" not in page
    assert "cannot be used" not in page
    assert "Weekly" not in page


def test_a_link_from_a_mail_is_asked_for_once_more_from_here(shared: House) -> None:
    """A browser sends no strict cookie along with it, signed in or not."""
    asked = shared.client().get("/log?who=%22%3E%3Cscript%3E", headers={"sec-fetch-site": "cross-site"})
    assert asked.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/log?who=%22%3E%3Cscript%3E"' in asked.text
    assert shared.client().get("/log", headers={"sec-fetch-site": "same-origin"}).status_code == 303


def test_who_cannot_sign_in_by_a_password_is_told_what_to_do(house: House, engine: Engine, tmp_path: Path, now: datetime) -> None:
    assert "digest desk" in house.client().get("/").text
    assert house.client().get("/sign-in").status_code == 404
    assert house.client().post("/sign-in", data={"name": "Ana", "password": PASSWORD}).status_code == 404
    behind = House(engine=engine, folder=tmp_path, now=now, settings=PROXY).client()
    answer = behind.get("/")
    assert (answer.status_code, "organisation" in answer.text) == (403, True)


def test_what_styles_the_page_and_what_watches_it_need_no_session(shared: House) -> None:
    client = shared.client()
    style = client.get("/sign-in").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert client.get(style).status_code == 200
    assert client.post(style).status_code == 405


# Names that a stranger points to this machine


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8020", "127.0.0.1.evil.example", "localhost.", "", "127.0.0.1@evil.example"])
def test_a_name_that_is_not_this_machines_gets_nothing(house: House, host: str) -> None:
    client = house.local()
    assert client.get("/", headers={"host": host}).status_code in (400, 421)
    assert client.post("/sign-out", headers={"host": host, "origin": f"http://{host}"}).status_code in (400, 421)


# What changes something


def test_a_post_needs_what_only_our_page_knows(house: House) -> None:
    client = house.local()
    token = csrf(client.get("/").text)
    for fields in ({}, {"csrf": ""}, {"csrf": token[:-1]}, {"csrf": token.upper()}, {"csrf": "😀"}):
        assert client.post("/sign-out", data=fields).status_code == 403
    assert client.get("/").status_code == 200
    assert client.post("/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/").status_code == 403


def test_a_script_may_bring_it_in_a_header_and_a_form_in_parts(house: House) -> None:
    script, form = house.local(), house.local()
    assert script.post("/sign-out", headers={"x-csrf-token": csrf(script.get("/").text)}).status_code == 303
    assert form.post("/sign-out", files={"csrf": (None, csrf(form.get("/").text))}).status_code == 303


def test_anothers_token_is_not_ones_own(house: House) -> None:
    one, other = house.local(), house.local()
    token = csrf(other.get("/").text)
    assert one.post("/sign-out", data={"csrf": token}).status_code == 403


def test_it_still_holds_after_the_signing_key_was_renewed(shared: House) -> None:
    client = shared.client()
    enter(client)
    token, cookie = csrf(client.get("/").text), {"cookie": f"__Host-desk={client.cookies['__Host-desk']}"}
    renewed = House(
        engine=shared.engine, folder=shared.folder, now=shared.now, settings=URL, environment={"DIGEST_PAGES__KEYS": "newest,a-key-of-the-tests"}
    ).client()
    assert csrf(renewed.get("/", headers=cookie).text) != token
    assert renewed.post("/sign-out", data={"csrf": token}, headers=cookie).status_code == 303


@pytest.mark.parametrize("headers", [
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"}, {"origin": "http://127.0.0.1:3000"},
    {"sec-fetch-site": "", "origin": "null"}, {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
])  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_no_other_site_and_no_other_port_asks_for_anything(house: House, headers: dict[str, str], method: str) -> None:
    client = house.local()
    token = csrf(client.get("/").text)
    assert client.request(method, "/sign-out", data={"csrf": token}, headers=headers).status_code == 403
    assert client.get("/").status_code == 200


def test_a_browser_of_before_2023_says_its_origin(house: House) -> None:
    client = house.local()
    token = csrf(client.get("/").text)
    del client.headers["sec-fetch-site"]
    assert client.post("/sign-out", data={"csrf": token}).status_code == 403
    assert client.post("/sign-out", data={"csrf": token}, headers={"origin": HERE}).status_code == 303


def test_nobody_is_signed_in_by_another_site(shared: House) -> None:
    """As somebody else, whose desk they would then take for their own."""
    client = shared.client()
    assert client.post("/sign-in", data={"name": "Ana", "password": PASSWORD}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert "set-cookie" not in client.get("/sign-in").headers


# Passwords


def test_a_wrong_password_is_told_without_saying_what_is_wrong(shared: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answers = [
        shared.client().post("/sign-in", data={"name": name, "password": password})
        for name, password in (("Ana", "wrong words in a row"), ("Zoe", PASSWORD), ("", ""), ("Ana", ""), ("a" * 500, "b" * 5_000))
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert all("not right" in answer.text and "set-cookie" not in answer.headers for answer in answers)
    assert "wrong words" not in "".join(answer.text for answer in answers) + caplog.text
    assert "Zoe" not in caplog.text


def test_a_client_behind_the_proxy_is_limited_by_itself(shared: House) -> None:
    client, far = shared.client(), {"x-forwarded-for": "198.51.100.9"}
    shared.use_up(PER_CLIENT, "198.51.100.9")
    tries = [client.post("/sign-in", data={"name": f"{number}", "password": "x"}, headers=far) for number in range(2)]
    assert [answer.status_code for answer in tries] == [403, 429]
    assert "too often" in tries[1].text
    assert client.post("/sign-in", data={"name": "Ana", "password": PASSWORD}, headers={"x-forwarded-for": "198.51.100.10"}).status_code == 303


def test_who_guesses_at_a_name_shuts_nobody_out_of_their_own_browser(shared: House) -> None:
    entrance = shared.entrance()
    ana, guesser = shared.client(entrance), shared.client(entrance)
    shared.use_up(PER_NAME, "name ana")
    assert [enter(ana), enter(guesser, password="x")] == [303, 429]
    press(ana, "/", "/sign-out")
    assert [enter(guesser), enter(ana, name="ANA")] == [429, 303]


def test_whoever_says_they_are_somebody_else_is_not_believed(shared: House) -> None:
    """Only a trusted proxy's X-Forwarded-For counts."""
    client = shared.client(peer="203.0.113.7")
    shared.use_up(PER_CLIENT, "203.0.113.7")
    tries = [client.post("/sign-in", data={"name": f"{n}", "password": "x"}, headers={"x-forwarded-for": f"198.51.100.{n}"}) for n in range(2)]
    assert [answer.status_code for answer in tries] == [403, 429]


# One's own account


def test_another_password_signs_out_every_other_browser(shared: House) -> None:
    entrance = shared.entrance()
    here, there = shared.client(entrance), shared.client(entrance)
    assert (enter(here), enter(there)) == (303, 303)
    other = "another four words in a row"
    assert press(here, "/me", "/me/password", {"old": "wrong", "new": other, "again": other}).status_code == 409
    assert press(here, "/me", "/me/password", {"old": PASSWORD, "new": other, "again": "something else"}).status_code == 409
    assert press(here, "/me", "/me/password", {"old": PASSWORD, "new": "short", "again": "short"}).status_code == 409
    assert press(here, "/me", "/me/password", {"old": PASSWORD, "new": other, "again": other}).headers["location"] == "/me?done=password"
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)
    assert enter(there) == 403
    assert enter(there, password=other) == 303


def test_one_signs_out_everywhere_else(shared: House) -> None:
    entrance = shared.entrance()
    here, there = shared.client(entrance), shared.client(entrance)
    assert (enter(here), enter(there)) == (303, 303)
    assert press(here, "/me", "/me/sign-out").status_code == 303
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 303)


def test_signing_out_ends_the_session_itself(shared: House) -> None:
    client = shared.client()
    enter(client)
    token = client.cookies["__Host-desk"]
    left = press(client, "/", "/sign-out")
    assert "max-age=0" in left.headers["set-cookie"].lower()
    client.cookies.set("__Host-desk", token)
    assert client.get("/").status_code == 303
    with shared.engine.connect() as connection:
        assert [line.what for line in latest(connection)] == ["sign out", "sign in"]


def test_a_closed_account_is_out_at_once(shared: House) -> None:
    client = shared.as_role(DeskRole.PUBLISHER)
    assert client.get("/").status_code == 200
    with shared.engine.begin() as connection:
        account = accounts.find(connection, "publisher of the tests")
    staff.close(shared.engine, account, who="Ana", now=shared.now)
    assert client.get("/").status_code == 303


# A proxy's word


def test_a_proxys_word_is_enough_and_leaves_no_session(engine: Engine, tmp_path: Path, now: datetime) -> None:
    house = House(engine=engine, folder=tmp_path, now=now, settings=PROXY)
    client = house.client()
    ana = {"remote-user": "Ana", "remote-groups": "staff,admin"}
    page = client.get("/editors", headers=ana)
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    fields = {"csrf": csrf(page.text), "name": "Ben", "role": "admin", "password": PASSWORD}
    assert client.post("/editors/add", data=fields, headers={"remote-user": "Eve", "remote-groups": "admin"}).status_code == 403
    assert client.post("/editors/add", data=fields, headers=ana).status_code == 303
    with engine.connect() as connection:
        assert [(line.who, line.detail["account"]) for line in latest(connection)] == [("Ana", "Ben")]
        assert connection.scalar(select(func.count()).select_from(SessionRow)) == 0


def test_from_anywhere_else_a_proxys_word_lets_nobody_in(engine: Engine, tmp_path: Path, now: datetime) -> None:
    house = House(engine=engine, folder=tmp_path, now=now, settings=PROXY)
    stranger = house.client(peer="203.0.113.7")
    assert stranger.get("/", headers={"remote-user": "Ana", "remote-groups": "admin"}).status_code == 403
    assert house.client().get("/", headers=[("remote-user", "Ana"), ("remote-user", "Ben")]).status_code == 400
    assert house.client().get("/", headers={"remote_user": "Ana"}).status_code == 400


# The tables


def test_a_page_costs_one_look_at_the_session_and_a_note_a_minute(shared: House, engine: Engine) -> None:
    client = shared.client()
    enter(client)
    with engine.connect() as connection:
        seen = connection.scalars(select(SessionRow.seen_at)).one()
    shared.wait(seconds=59)
    client.get("/me")
    with engine.connect() as connection:
        assert connection.scalars(select(SessionRow.seen_at)).one() == seen
    shared.wait(seconds=1)
    client.get("/me")
    with engine.connect() as connection:
        assert connection.scalars(select(SessionRow.seen_at)).one() == seen + timedelta(minutes=1)
        assert connection.scalars(select(SessionRow.ends_at)).one() == seen + sessions.LONGEST

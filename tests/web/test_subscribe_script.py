"""To subscribe by a script of any site: JSON, no cookies, open to everybody; and forms filled with anything at all."""

import json
import shutil
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from digest.database import open_database
from digest.sign_up import take_up
from digest.web.asked import Asked, Choice
from digest.web.proof import proven
from digest.web.sealed import seal, unseal
from subscribers.address import parse_address
from subscribers.suppression import suppress
from subscribers.tables import SuppressionReason
from subscribers.tokens import Purpose, sign_dated
from tests.web.signing_up import ADDRESS, KEYS, House, settings

JSON = {"Accept": "application/json", "Origin": "https://lantern.example"}
FIELDS = (
    "email",
    "name",
    "newsletters",
    "language",
    "time_zone",
    "page",
    "wording",
    "website",
    "stamp",
    "proof",
    "wish",
    "shown",
    "cadence-weekly",
    "sections-weekly",
)


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def asked(house: House, address: str = ADDRESS, *, wait: float = 3, **fields: Any) -> Any:
    """As the box's script does it: a stamp, some seconds, the form."""
    stamp = house.client.get("/stamp").json()["stamp"]
    house.wait(wait)
    return house.client.post("/subscribe", data={"email": address, "newsletters": "weekly", "stamp": stamp, **fields}, headers=JSON)


def test_a_script_of_any_site_may_ask_and_read_the_answer(house: House) -> None:
    preflight = house.client.options("/subscribe", headers={"Origin": "https://lantern.example", "Access-Control-Request-Method": "POST"})
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    answer = asked(house)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["ok"] is True
    assert "hello@lantern.example" in answer.json()["message"]


def test_only_what_a_box_needs_is_open_to_other_sites(house: House) -> None:
    for path in ("/subscribe", "/subscribe/weekly", "/box/weekly", "/proof.js", "/"):
        assert "Access-Control-Allow-Origin" not in house.client.get(path, headers=JSON).headers


def test_a_stamp_is_for_one_form_and_never_kept_by_a_browser(house: House) -> None:
    first, second = house.client.get("/stamp"), house.client.get("/stamp")
    assert first.headers["Cache-Control"] == "no-store"
    assert first.json()["stamp"] != second.json()["stamp"]
    assert (first.json()["wait"], first.json()["bits"]) == (2.0, 0)


def test_scripts_are_told_what_is_wrong(house: House) -> None:
    wrong = asked(house, "ann@localhost", language="en")
    assert (wrong.status_code, wrong.json()["ok"]) == (400, False)
    assert "does not look like" in wrong.json()["message"]
    quick = asked(house, wait=0)
    assert (quick.status_code, quick.json()["page"]) == (400, True)
    assert house.wishes() == []


def test_scripts_are_told_when_to_come_back(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(sign_ups_per_client=1))
    assert asked(house).status_code == 200
    busy = asked(house)
    assert (busy.status_code, busy.json()["ok"], busy.headers["Retry-After"]) == (429, False, "3601")


def test_known_unknown_and_suppressed_are_answered_alike(house: House) -> None:
    house.reader("weekly", address="known@example.org")
    with house.store() as connection:
        suppress(connection, parse_address("bad@example.org"), reason=SuppressionReason.BOUNCE, keys=KEYS, now=house.now)
    answers = [asked(house, f"{who}@example.org") for who in ("nobody", "known", "bad")]
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


def test_every_address_costs_the_same_statements(house: House, statements: Any) -> None:
    house.reader("weekly", address="known@example.org")
    counts = []
    for who in ("nobody", "known", "other"):
        statements()
        asked(house, f"{who}@example.org")
        counts.append(statements())
    assert len(set(counts)) == 1


def test_a_proof_of_work_is_asked_for_where_it_is_wanted(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(proof_of_work=8))
    stamp = house.client.get("/stamp").json()["stamp"]
    proof = next(str(number) for number in range(10_000) if proven(stamp, str(number), 8))
    lazy = next(str(number) for number in range(10_000) if not proven(stamp, str(number), 8))
    house.wait(3)
    form = {"email": ADDRESS, "newsletters": "weekly", "stamp": stamp}
    for wrong in ("", lazy, "x", "1" * 21, "²"):
        assert house.client.post("/subscribe", data={**form, "proof": wrong}, headers=JSON).json()["ok"] is False
    assert house.client.post("/subscribe", data={**form, "proof": proof}, headers=JSON).json()["ok"] is True


def test_without_a_proof_patience_will_do(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(proof_of_work=20))
    again = house.subscribe()
    assert "wait 10 seconds" in again.text
    wish = {"wish": again.text.split('name="wish" value="')[1].split('"')[0]}
    house.wait(9)
    assert house.client.post("/subscribe", data=wish).status_code == 400
    house.wait(1)
    assert house.client.post("/subscribe", data=wish).status_code == 200
    assert [one.address for one in house.wishes()] == [ADDRESS]


@given(
    st.builds(
        Asked,
        address=st.just(parse_address("Änn@exämple.org")),
        choices=st.lists(st.builds(Choice, newsletter=st.text(), cadence=st.text(), sections=st.lists(st.text()).map(tuple)), max_size=3).map(tuple),
        name=st.text(),
        origin=st.text(),
        wording=st.text(),
    )
)
def test_what_waits_for_one_more_press_comes_back_as_it_was(wish: Asked) -> None:
    now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    token = seal(wish, KEYS, now)
    found = unseal(token, KEYS, now)
    assert found is not None
    assert found[0] == wish
    assert unseal(token[:-1], KEYS, now) is None


def test_what_another_version_sealed_is_too_old_and_no_error() -> None:
    now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    said = urlsafe_b64encode(json.dumps(["of another form", 1]).encode()).decode().rstrip("=")
    assert unseal(sign_dated(Purpose.WISH, said, now, KEYS), KEYS, now) is None


values = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "ann@example.org",
            "weekly",
            "tides",
            "monthly",
            "en",
            "</p><script>alert(1)</script>",
            "x\r\nBcc: y@z.org",
            "\x00",
            "Ann",
            "Europe/Berlin",
            "a" * 5000,
        ]
    ),
)


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=12), json=st.booleans(), stamped=st.booleans())
def test_any_text_in_any_field_is_answered_and_makes_one_person_at_most(
    sqlite_template: Path, tmp_path: Path, fields: list[tuple[str, str]], json: bool, stamped: bool
) -> None:
    path = tmp_path / "any.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    house = House(engine=engine, now=datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    form: dict[str, list[str]] = {"stamp": [house.client.get("/stamp").json()["stamp"]]} if stamped else {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    house.wait(3)
    answer = house.client.post("/subscribe", data=form, headers={"Accept": "application/json"} if json else {})
    assert answer.status_code in (200, 400)
    assert "<script>alert" not in answer.text
    assert "bcc" not in answer.headers
    assert len(house.wishes()) <= 2  # one a newsletter, where each is wanted in its own way
    assert all("\n" not in wish.name and "\x00" not in wish.name for wish in house.wishes())
    take_up(engine, house.settings, keys=KEYS, now=house.now)
    assert house.people() == (answer.status_code == 200 and stamped)
    engine.dispose()

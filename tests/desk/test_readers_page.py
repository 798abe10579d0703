"""The desk's page for readers: found, put right, merged, suppressed, lifted, erased and taken along; and nothing of them kept anywhere else."""

import csv
import io
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from digest.accounts.roles import DeskRole
from digest.accounts.tables import DeedRow
from subscribers import consent
from subscribers.address import parse_address
from subscribers.consent import Person, Proof
from subscribers.people import find_reader
from subscribers.profile import Profile, profile
from subscribers.suppression import listed
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.desk.entering import KEYS, House, press

ANN, BOB = "ann.reader@example.com", "bob.reader@example.com"
SETTINGS = """
local_time = true
cadences.daily.schedule = "0 7 * * *"
sign_up = { sections = ["Sea", "Sky"], authors = ["Ada"] }
[newsletters.daily]
title = "The Lantern Daily"
from_address = "daily@lantern.example"
[segments.gold]
attributes.plan = ["gold"]
"""


@pytest.fixture
def house(engine: Engine, tmp_path: Path, now: datetime) -> House:
    house = House(engine=engine, folder=tmp_path, now=now, settings=SETTINGS)
    for address, newsletter in ((ANN, "weekly"), (ANN, "daily"), (BOB, "weekly")):
        person, proof = Person(address=parse_address(address), name="Ann <Quay>" if address == ANN else ""), Proof(how="form", origin="a fair")
        state = SubscriptionState.PENDING if address == BOB else SubscriptionState.CONFIRMED
        with engine.begin() as connection:
            consent.add(connection, person, newsletter=newsletter, state=state, proof=proof, keys=[KEYS], now=now - timedelta(days=1))
    return house


def post(house: House, what: str, **fields: Any) -> Any:
    return press(house.local(), "/readers", f"/readers/{what}", {"address": ANN, **fields})


def ann(house: House, address: str = ANN) -> Profile:
    with house.engine.begin() as connection:
        found = profile(connection, parse_address(address), keys=[KEYS])
    assert found is not None
    return found


def deeds(house: House) -> list[tuple[str, object]]:
    with house.engine.begin() as connection:
        rows = connection.execute(select(DeedRow.what, DeedRow.detail, DeedRow.who, DeedRow.newsletter).order_by(DeedRow.id)).all()
    assert "example.com" not in str(rows) and "Quay" not in str(rows)
    return [(row.what, row.detail.get("did")) for row in rows if row.what == "reader"]


def test_they_are_counted_by_newsletter_and_segment(house: House) -> None:
    post(house, "edit", **{"attributes": "plan=gold", "name": "Ann", "had-name": "Ann"})
    shown = house.local().get("/readers").text
    assert '<th scope="row">weekly</th><td class="figure">1</td><td class="figure">0</td><td class="figure">1</td>' in shown
    assert '<th scope="row">gold</th><td class="figure">2</td>' in shown
    assert "example.com" not in shown


def test_one_is_found_by_a_form_and_shown(house: House) -> None:
    answer = post(house, "person")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    for words in (ANN, "Ann &lt;Quay&gt;", "weekly", "daily", "a fair", "confirmed"):
        assert words in answer.text
    assert "Ann <Quay>" not in answer.text
    assert "Nobody has this address" in post(house, "person", address="cleo@example.com").text
    refused = post(house, "person", address="no address")
    assert refused.status_code == 409 and 'role="alert"' in refused.text
    assert deeds(house) == []


def test_what_is_known_is_put_right_and_only_what_was_changed_on_the_page(house: House) -> None:
    known = {"had-name": "Ann <Quay>", "name": "Ann", "had-language": "", "language": "de", "had-time_zone": "old", "time_zone": "old"}
    assert "Changed: name, language, attributes." in post(house, "edit", **known, attributes="plan=gold\ntown=Quay").text
    found = ann(house)
    assert (found.name, found.language, found.time_zone, dict(found.attributes)) == ("Ann", "de", "", {"plan": "gold", "town": "Quay"})
    post(house, "edit", **{"had-attributes": "plan=gold", "attributes": ""})
    assert dict(ann(house).attributes) == {"town": "Quay"}
    moved = post(house, "edit", new="ann@new.example")
    assert "ann@new.example" in moved.text and "the address is new" in moved.text
    assert ann(house, "ann@new.example").name == "Ann"
    assert deeds(house) == [("reader", "edited")] * 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"new": BOB}, "Another person has the new address"),
        ({"time_zone": "Europe/Nowhere"}, "the time zone is no name"),
        ({"attributes": "plan"}, "written as key=value"),
        ({"new": "no address"}, "Not changed"),
    ],
)
def test_what_cannot_be_put_right_is_said(house: House, fields: dict[str, str], said: str) -> None:
    before = ann(house)
    answer = post(house, "edit", **fields)
    assert answer.status_code == 409 and said in answer.text
    assert ann(house) == before
    assert deeds(house) == []


def test_what_they_chose_is_changed_as_on_their_own_page(house: House) -> None:
    chosen = {"cadence-weekly": "daily", "hour-weekly": "8", "sections-weekly/Sea": "follow", "authors-weekly/Ada": "mute", "pause": "2"}
    answer = post(house, "choose", newsletter="weekly", **chosen)
    assert "What they chose is changed. Nothing comes until the pause is over." in answer.text
    held = ann(house).subscriptions[0]
    assert (held.cadence, held.hour, held.sections, held.muted_authors) == ("daily", 8, ("Sea",), ("Ada",))
    assert held.paused_until == house.now + timedelta(weeks=2)
    assert ann(house).acted_at is None
    assert "It goes on." in post(house, "choose", newsletter="weekly", **{f"had-{name}": value for name, value in chosen.items()}, pause="0").text
    assert post(house, "choose", newsletter="none").status_code == 400
    assert "They do not have “daily”" in post(house, "choose", address=BOB, newsletter="daily").text
    assert deeds(house) == [("reader", "chose")] * 2


def test_two_become_one_when_it_was_asked(house: House) -> None:
    question = post(house, "merge", into=BOB)
    assert "Make one person of the two?" in question.text and "stronger than pending" in question.text
    assert ann(house).subscriptions
    assert "They are one person now." in post(house, "merge", into=BOB, sure="yes").text
    assert [one.newsletter for one in ann(house, BOB).subscriptions] == ["weekly", "daily"]
    assert deeds(house) == [("reader", "merged")]
    assert "Nobody has" in post(house, "merge", into="cleo@example.com").text


def test_an_address_is_suppressed_and_lifted_again_when_it_was_asked(house: House) -> None:
    assert "nothing is sent to this address any more" in post(house, "suppress", reason="complaint", note="by telephone").text
    assert "marked a mail as spam" in post(house, "lift").text
    with house.engine.begin() as connection:
        found = listed(connection, parse_address(ANN), keys=[KEYS])
    assert found is not None and (found.reason, found.note) == (SuppressionReason.COMPLAINT, "by telephone")
    assert "Lifted" in post(house, "lift", sure="yes").text
    assert "nothing changed" in post(house, "lift").text
    assert post(house, "suppress", reason="erased").status_code == 400
    assert deeds(house) == [("reader", "suppressed"), ("reader", "lifted")]


def test_one_is_erased_when_it_was_asked_once_more(house: House) -> None:
    question = post(house, "erase")
    assert "Erase for good" in question.text
    assert ann(house).name
    assert "Erased, and suppressed for good." in post(house, "erase", sure="yes").text
    with house.engine.begin() as connection:
        assert find_reader(connection, "weekly", ANN) is None
    assert deeds(house) == [("reader", "erased")]


def test_all_that_is_kept_of_one_and_all_of_them_are_taken_along(house: House) -> None:
    copied = post(house, "copy")
    assert copied.headers["content-disposition"] == 'attachment; filename="reader.json"'
    assert json.loads(copied.text)["person"]["address"] == ANN
    exported = post(house, "take-along", newsletter="weekly")
    rows = list(csv.DictReader(io.StringIO(exported.text)))
    assert [(row["email"], row["newsletter"]) for row in rows] == [(ANN, "weekly"), (BOB, "weekly")]
    assert len(list(csv.DictReader(io.StringIO(post(house, "take-along", segment="").text)))) == 3
    assert list(csv.DictReader(io.StringIO(post(house, "take-along", segment="gold").text))) == []
    assert post(house, "take-along", segment="none").status_code == 409
    assert deeds(house) == [("reader", "copied")] + [("reader", "exported")] * 3


def test_it_is_for_an_admin_alone(house: House) -> None:
    writer = house.as_role(DeskRole.PUBLISHER)
    assert writer.get("/readers").status_code == 403
    assert "/readers" not in writer.get("/").text


def test_nothing_of_a_reader_goes_to_a_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for what in ("person", "edit", "merge", "copy", "erase"):
            post(house, what, into=BOB, sure="yes" if what == "erase" else "")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("sqlalchemy", "httpx", "httpcore", "asyncio"))]
    assert not any("example.com" in line for line in ours)
    assert "example.com" not in house.local().get("/log").text

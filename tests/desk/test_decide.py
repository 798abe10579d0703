"""What becomes of an edition is decided at the desk: by whom, in which state, and told in words."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from digest.accounts.log import latest
from digest.accounts.roles import DeskRole
from digest.delivery.tables import DeliveryRow
from digest.due import publish_due
from digest.editions import store
from digest.editions.changes import Subject
from digest.editions.values import EditionState
from digest.personal import SAMPLE
from digest.preview import preview_message
from digest.working import change
from tests.desk.entering import KEYS, SHARED, House, csrf, press
from tests.desk.showing import PATH
from tests.review.newsroom import CUTOFF, HOUR
from tests.test_deliver import SLOT, fill

NOW = CUTOFF + HOUR
REVIEWED = 'schedule = "0 7 * * 1"\nreview = "approve"\n'


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    fill(engine)
    return House(engine=engine, folder=tmp_path, now=NOW, settings=REVIEWED)


def draft(house: House) -> None:
    list(publish_due(house.engine, house.studio.settings, now=CUTOFF, recheck=lambda articles, comments: 0))


def stored(house: House) -> store.StoredEdition:
    with house.engine.begin() as connection:
        found = store.find(connection, "weekly", "weekly", SLOT)
    assert found is not None
    return found


def decide(client: TestClient, what: str, **fields: str) -> str:
    """Presses a button of the page, and gives the page that follows."""
    before = client.get(PATH).text
    seen = re.search(r'name="seen" value="(\d+)"', before)
    answer = client.post(f"{PATH}/{what}", data={"csrf": csrf(before), "seen": seen[1] if seen else "0", **fields})
    if answer.status_code == 303:
        return str(client.get(answer.headers["location"]).text)
    return f"{answer.status_code} {answer.text}"


def buttons(html: str) -> list[str]:
    """By the ends of their addresses."""
    part = html.partition('class="decide row"')[2].partition("</form>")[0]
    return re.findall(rf'(?:formaction|href)="{PATH}/([a-z-]+)"', part)


def test_a_draft_is_approved_and_the_approval_taken_back(house: House) -> None:
    draft(house)
    client = house.local()
    assert buttons(client.get(PATH).text) == ["approve", "hold", "renew", "send-now", "cancel"]
    after = decide(client, "approve")
    assert "Approved." in after
    assert stored(house).state is EditionState.APPROVED
    assert buttons(after) == ["take-back", "hold", "renew", "send-now", "cancel"]
    assert "it is a draft again" in decide(client, "take-back")
    assert stored(house).state is EditionState.DRAFT


def test_it_is_held_with_a_reason_and_released(house: House) -> None:
    client = house.local()
    assert buttons(client.get(PATH).text) == ["approve", "hold", "send-now"], "it is not made yet"
    held = decide(client, "hold", reason="the  lead\tis <b>wrong</b>")
    assert "the lead is &lt;b&gt;wrong&lt;/b&gt;" in held
    assert stored(house).reason == "the lead is <b>wrong</b>"
    assert buttons(held) == ["release", "approve", "send-now", "cancel"]
    assert "it is a draft again" in decide(client, "release")


def test_what_cannot_be_taken_back_is_asked_for_twice(house: House) -> None:
    draft(house)
    client = house.local()
    asked = client.get(f"{PATH}/send-now").text
    assert "3 readers get it at once" in asked
    assert stored(house).state is EditionState.DRAFT
    answer = press(client, f"{PATH}/send-now", f"{PATH}/send-now", {"seen": "0"})
    assert "It goes out now." in client.get(answer.headers["location"]).text
    assert (stored(house).state, stored(house).moved_to) == (EditionState.SENDING, NOW)
    with house.engine.begin() as connection:
        assert set(connection.scalars(select(DeliveryRow.next_at))) == {NOW}
    assert buttons(client.get(PATH).text) == ["cancel"]
    press(client, f"{PATH}/cancel", f"{PATH}/cancel", {"reason": "the date is wrong"})
    assert (stored(house).state, stored(house).reason) == (EditionState.CANCELLED, "the date is wrong")
    assert buttons(client.get(PATH).text) == []


def test_nobody_approves_what_somebody_else_changed_meanwhile(house: House) -> None:
    draft(house)
    client = house.local()
    page = client.get(PATH).text
    change(house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, Subject(text="New"), who="Ben", now=NOW, seen=0)
    answer = client.post(f"{PATH}/approve", data={"csrf": csrf(page), "seen": "0"})
    assert (answer.status_code, "Ben changed this edition meanwhile" in answer.text) == (409, True)
    assert stored(house).state is EditionState.DRAFT
    assert "Approved." in decide(client, "approve")


def test_a_step_that_is_not_open_is_said_in_words(house: House) -> None:
    draft(house)
    client = house.local()
    decide(client, "cancel")
    told = decide(client, "approve")
    assert told.startswith("409")
    assert "cannot be approved: it is cancelled" in told
    assert decide(client, "approve", seen="none").startswith("409")
    assert client.post(f"{PATH.replace('weekly/weekly', 'weekly/monthly')}/hold", data={"csrf": csrf(client.get("/").text)}).status_code == 404


def test_what_is_not_made_yet_cannot_be_cancelled(house: House) -> None:
    assert decide(house.local(), "cancel").startswith("404")


def test_a_test_is_the_preview_byte_for_byte(house: House) -> None:
    draft(house)
    told = decide(house.local(), "test", address="ana@lantern.example")
    assert "It is on its way." in told
    [file] = (house.folder / "outbox").iterdir()
    settings = house.studio.settings
    reader = SAMPLE._replace(address="ana@lantern.example")
    assert file.read_bytes() == preview_message(house.engine, settings, settings.newsletter("weekly"), SLOT, reader, keys=[KEYS]).envelope.data


@pytest.mark.parametrize("address", ["nobody", "", "a@b@c", "ana@lantern.example\r\nBcc: all@lantern.example"])
def test_a_test_to_no_address_is_said_in_words(house: House, address: str) -> None:
    told = decide(house.local(), "test", address=address)
    assert told.startswith("422")
    assert 'role="alert"' in told
    assert not (house.folder / "outbox").exists()


@pytest.fixture
def shared(engine: Engine, tmp_path: Path) -> Iterator[House]:
    fill(engine)
    made = House(engine=engine, folder=tmp_path, now=NOW, settings=f'{REVIEWED}[desk]\nurl = "{SHARED}"\n')
    draft(made)
    yield made


@pytest.mark.parametrize(
    ("role", "there"),
    [
        (DeskRole.WRITER, []),
        (DeskRole.PUBLISHER, ["approve", "hold", "renew", "send-now", "cancel"]),
        (DeskRole.ADMIN, ["approve", "hold", "renew", "send-now", "cancel"]),
    ],
)
def test_everybody_sees_the_buttons_that_are_theirs(shared: House, role: DeskRole, there: list[str]) -> None:
    page = shared.as_role(role).get(PATH).text
    assert buttons(page) == there
    assert f'action="{PATH}/test"' in page


def test_a_writer_cannot_approve_but_test(shared: House) -> None:
    client = shared.as_role(DeskRole.WRITER)
    assert client.post(f"{PATH}/approve", data={"csrf": csrf(client.get(PATH).text), "seen": "0"}).status_code == 403
    assert client.get(f"{PATH}/send-now").status_code == client.get(f"{PATH}/cancel").status_code == 403
    assert stored(shared).state is EditionState.DRAFT
    assert "It is on its way." in decide(client, "test", address="ana@lantern.example")


def test_the_log_says_who_decided_and_not_to_whom_a_test_went(house: House) -> None:
    draft(house)
    client = house.local()
    for what in ("approve", "take-back", "hold", "release", "renew"):
        decide(client, what)
    decide(client, "test", address="ana@lantern.example")
    with house.engine.begin() as connection:
        lines = latest(connection)
    assert [line.what for line in lines][:6] == ["test", "renew", "release", "hold", "approve", "approve"]
    assert not any("lantern.example" in str(line) for line in lines)


def test_a_late_draft_says_that_it_goes_out_at_once(house: House) -> None:
    draft(house)
    house.now = SLOT + timedelta(hours=2)
    assert "It goes out at once, for its slot is past." in house.local().get(PATH).text

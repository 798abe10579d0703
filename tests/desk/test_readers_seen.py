"""The page for readers in a real browser: by keyboard, small and wide, light and dark."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest.database import open_database
from subscribers import consent
from subscribers.address import parse_address
from subscribers.consent import Person, Proof
from subscribers.suppression import suppress
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.desk.entering import KEYS, House
from tests.desk.showing import found, looking
from tests.desk.test_readers_page import SETTINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ANN, LONG = "ann@example.com", "somebody.with.a.rather.long.address.indeed@a.rather.long.domain.example.com"
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
VIEWS = [{"width": width, "color_scheme": scheme} for width in (360, 1280) for scheme in ("light", "dark")]


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "seen.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    with engine.begin() as connection:
        for address in (ANN, LONG):
            person = Person(address=parse_address(address), name="Ann <b>Quay</b>")
            for newsletter in ("weekly", "daily"):
                proof = Proof(how="form", origin="https://lantern.example/a/page/with/a/long/address", wording="Yes, send me the weekly.")
                state = SubscriptionState.CONFIRMED
                consent.add(connection, person, newsletter=newsletter, state=state, proof=proof, keys=[KEYS], now=NOW - timedelta(days=9))
        suppress(connection, parse_address(LONG), reason=SuppressionReason.COMPLAINT, keys=[KEYS], now=NOW, note="by telephone")
    yield House(engine=engine, folder=tmp_path, now=NOW, settings=SETTINGS)
    engine.dispose()


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_page_of_readers_is_right_for_everybody(browser: "Browser", house: House, view: dict[str, Any]) -> None:
    wrong = {}
    with looking(browser, house, **view) as sight:
        sight.go("/readers")
        wrong["all"] = found(sight)
        sight.page.fill("#address", LONG)
        sight.page.keyboard.press("Enter")
        sight.page.get_by_role("heading", name=LONG).wait_for()
        for summary in sight.page.locator("main summary").all():
            summary.press("Enter")
        wrong["one"] = found(sight)
        sight.page.get_by_role("button", name="Lift it").press("Enter")
        sight.page.get_by_role("heading", name="Take it off the list?").wait_for()
        wrong["asked"] = found(sight)
        assert sight.complaints == []
        assert "example.com" not in sight.page.url
    assert {name: complaints for name, complaints in wrong.items() if complaints} == {}


def test_one_is_found_changed_and_erased_by_keyboard(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        page = sight.page
        sight.go("/readers")
        page.locator("#address").focus()
        page.keyboard.type(ANN)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=ANN).wait_for()
        page.locator("summary").first.press("Enter")
        page.get_by_label("Sea", exact=True).select_option("follow")
        page.get_by_role("button", name="Save what they chose of weekly").press("Enter")
        page.get_by_role("status").filter(has_text="What they chose is changed.").wait_for()
        page.get_by_role("button", name="Erase").press("Enter")
        page.get_by_role("button", name="Leave it").press("Enter")
        page.get_by_role("heading", name=ANN).wait_for()
        page.get_by_role("button", name="Erase").press("Enter")
        page.get_by_role("button", name="Erase for good").press("Enter")
        page.get_by_role("status").filter(has_text="Erased, and suppressed for good.").wait_for()
        assert page.url.endswith("/readers/erase")

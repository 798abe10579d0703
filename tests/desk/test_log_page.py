"""The log page: the newest first and the older behind it, of one person or one kind of deed, with links to editions."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.accounts.log import Logged, write
from digest.accounts.roles import Deed
from digest.desk.deeds import details, did
from digest.editions.store import claim_slot
from digest.editions.values import EditionState
from tests.desk.entering import House
from tests.web.signing_up import words

SLOT = datetime.fromisoformat("2026-11-30T07:00:00+00:00")


@pytest.fixture
def house(engine: Engine, tmp_path: Path, now: datetime) -> House:
    return House(engine=engine, folder=tmp_path, now=now)


def logged(what: str, **detail: object) -> Logged:
    return Logged(id=1, at=SLOT, who="Ana", what=what, newsletter="weekly", edition_id=1, detail=detail)


def test_the_older_are_a_click_away(house: House) -> None:
    with house.engine.begin() as connection:
        for number in range(120):
            write(connection, at=house.now + timedelta(seconds=number), who="Ana", what=Deed.KEEP, detail={"weight": f"n{number:03}"})
        write(connection, at=house.now, who="Ben", what=Deed.THEME, detail={"file": "body.html"})
    client, seen, path = house.local(), [], "/log?who=Ana"
    while path:
        page = client.get(path).text
        seen += [word for word in words(page).split() if word.startswith("n") and word[1:].isdigit()]
        path = next((part.partition('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:] if "before=" in part.partition('"')[0]), "")
    assert seen == [f"n{number:03}" for number in reversed(range(120))]
    assert "body.html" in client.get("/log?what=theme").text
    assert "Nobody did such a thing" in client.get("/log?who=Zoe").text


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", f"before={10**30}", "before=٣", "what=nothing", "who=%00", "who=%ED%A0%80", "who=" + "x" * 500]
)
def test_a_question_that_makes_no_sense_is_no_fault(house: House, query: str) -> None:
    assert house.local().get(f"/log?{query}").status_code == 200


def test_a_line_leads_to_its_edition(house: House) -> None:
    letter = house.studio.settings.newsletter("weekly")
    with house.engine.begin() as connection:
        write(connection, at=house.now, who="Ana", what=Deed.CHANGE, newsletter="gone", edition_id=99)
        write(connection, at=house.now, who="Ana<script>", what=Deed.CHANGE, newsletter="weekly", detail={"change": {"do": "subject", "text": "<b>"}})
        about = {"newsletter": letter.slug, "cadence": letter.cadence, "slot": SLOT, "window_start": house.now, "cutoff": SLOT}
        edition = claim_slot(connection, **about, state=EditionState.DRAFT, now=house.now)  # type: ignore[arg-type]
        write(connection, at=house.now, who="Ana", what=Deed.HOLD, newsletter="weekly", edition_id=edition, detail={"reason": "A correction is due"})
    page = house.local().get("/log").text
    assert 'href="/edition/weekly/weekly/20261130T0700Z"' in page
    said = words(page)
    assert "Ana held The Lantern Weekly A correction is due" in said
    assert "<script>" not in page.partition("<main")[2]
    assert "subject, text <b>" in said


def test_a_deed_is_told_in_words() -> None:
    assert did(logged("approve")) == "approved"
    assert did(logged("account", did="role", account="Ben", role="admin")) == "gave a role to Ben"
    assert did(logged("account")) == "changed an account"
    assert did(logged("a word of a later version")) == "a word of a later version"
    assert all(did(logged(deed.value)) for deed in Deed)
    assert details(logged("change", number=3, change={"do": "drop", "item": "article", "id": 12, "text": ""})) == ["drop, item article, id 12"]
    assert details(logged("hold", reason="x" * 900)) == ["x" * 200 + "…"]

"""/preferences/TOKEN: a person's own page."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from digest.database import open_database
from digest.delivery.tables import DeliveryRow
from digest.settings import parse
from subscribers.address import parse_address
from subscribers.change import Choice
from subscribers.choices import Choices, Chosen, choose, load, save_person
from subscribers.consent import unsubscribe
from subscribers.people import history
from subscribers.tables import Subscription, SubscriptionState
from subscribers.tokens import Purpose, sign
from tests.web.pages import Filled, filled
from tests.web.signing_up import ADDRESS, KEYS, SETTINGS, House, words

CONFIRMED, LEFT = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def link(subscriber: str) -> str:
    return f"/preferences/{sign(Purpose.PREFERENCES, subscriber, KEYS)}"


def person(house: House, subscriber: str) -> Choices:
    with house.store() as connection:
        found = load(connection, subscriber)
    assert found is not None
    return found


def chosen(house: House, subscriber: str, newsletter: str) -> Chosen:
    return next(one for one in person(house, subscriber).subscriptions if one.newsletter == newsletter)


def opened(house: House, subscriber: str) -> Filled:
    """The page in a tab, nobody having touched it."""
    return filled(house.client.get(link(subscriber)).text)


def saved(house: House, subscriber: str, *, tab: Filled | None = None, more: dict[str, Any] | None = None, **changed: Any) -> str:
    """What is changed in a tab, by default a new one, and saved."""
    form = {**(tab or opened(house, subscriber)), **changed, **(more or {}), "do": "save"}
    answer = house.client.post(link(subscriber), data=form)
    assert answer.status_code == 200
    text: str = answer.text
    return text


def sections(*names: str, way: str = "follow") -> dict[str, str]:
    return {f"sections-weekly/{name}": way for name in names}


def letters(house: House) -> list[tuple[str, str]]:
    """Kind and newsletter of each letter that was queued."""
    with house.store() as connection:
        query = select(DeliveryRow.letter, Subscription.newsletter).join(Subscription).order_by(DeliveryRow.id)
        return [(row.letter, row.newsletter) for row in connection.execute(query)]


def test_the_page_shows_what_comes_and_what_could(house: House) -> None:
    ann = house.reader("weekly")
    page = house.client.get(link(ann)).text
    assert re.findall(r'name="newsletters" value="(\w+)"( checked)?', page) == [("weekly", " checked"), ("tides", ""), ("quick", "")]
    assert "Tides &amp; Winds" in page
    assert "Closed" not in page
    assert "a•••@example.org" in page
    assert ADDRESS not in page
    assert "come less often" in page


def test_what_is_closed_is_shown_to_those_who_get_it(house: House) -> None:
    ann = house.reader("closed")
    assert "Closed" in house.client.get(link(ann)).text
    saved(house, ann, newsletters=())
    assert chosen(house, ann, "closed").state is LEFT
    saved(house, ann, newsletters=("closed",))
    assert chosen(house, ann, "closed").state is LEFT


def test_opening_the_page_changes_nothing(house: House) -> None:
    ann = house.reader("weekly")
    before = person(house, ann)
    for _ in range(2):
        assert house.client.get(link(ann)).status_code == 200
        assert house.client.head(link(ann)).status_code == 200
    assert person(house, ann) == before


def test_newsletters_are_joined_and_left_by_one_save(house: House) -> None:
    ann = house.reader("weekly")
    page = saved(house, ann, newsletters=("tides",))
    assert "“Tides & Winds” now comes to you" in words(page)
    assert "“The Lantern Weekly” comes no more" in words(page)
    assert (chosen(house, ann, "weekly").state, chosen(house, ann, "tides").state) == (LEFT, CONFIRMED)
    with house.store() as connection:
        assert {one.how for one in history(connection, parse_address(ADDRESS))} == {"form", "preferences"}


def test_an_old_tab_brings_back_nothing_that_was_left_since(house: House) -> None:
    ann = house.reader("weekly")
    tab = opened(house, ann)
    with house.store() as connection:
        unsubscribe(connection, chosen_id(connection), how="one-click", now=house.now)
    assert "nothing to save" in saved(house, ann, tab=tab)
    assert chosen(house, ann, "weekly").state is LEFT


def chosen_id(connection: Any) -> str:
    found: str = connection.scalar(select(Subscription.public_id))
    return found


def test_cadence_and_sections_are_kept_as_far_as_they_are_offered(house: House) -> None:
    ann = house.reader("weekly")
    page = saved(house, ann, more={"cadence-weekly": "monthly", **sections("Kitchen", "Nonsense")})
    assert "comes as you chose" in words(page)
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("monthly", frozenset({"Kitchen"}))
    assert "come less often" not in page
    assert 'name="sections-weekly/Kitchen" value="follow" checked' in page
    saved(house, ann, more={"cadence-weekly": "hourly", **sections("Harbour", "Council", "Kitchen")})
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("", frozenset())


def test_an_old_tab_writes_only_what_was_changed_in_it(house: House) -> None:
    """Two tabs of one page: each choice of the newer one stands, but for what was chosen anew in the older."""
    ann = house.reader("weekly")
    first, second = opened(house, ann), opened(house, ann)
    newer = {"cadence-weekly": "monthly", **sections("Kitchen")}
    saved(house, ann, tab=first, more=newer, name="Annie", language="de", time_zone="Europe/Berlin")
    assert saved(house, ann, tab=second) == saved(house, ann)
    kept = person(house, ann)
    assert (kept.name, kept.language, kept.time_zone) == ("Annie", "de", "Europe/Berlin")
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("monthly", frozenset({"Kitchen"}))
    saved(house, ann, tab=second, more={"cadence-weekly": "weekly"}, time_zone="Europe/Rome")
    kept = person(house, ann)
    assert (kept.name, kept.language, kept.time_zone) == ("Annie", "de", "Europe/Rome")
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("weekly", frozenset({"Kitchen"}))
    saved(house, ann, tab=second, more=sections("Harbour"))
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == (
        "weekly",
        frozenset({"Harbour", "Kitchen"}),
    )


def test_a_choice_can_be_taken_back(house: House) -> None:
    ann = house.reader("weekly")
    saved(house, ann, more={"cadence-weekly": "monthly", **sections("Harbour", "Kitchen")}, name="Annie")
    saved(house, ann, more={"cadence-weekly": "", **sections("Harbour", "Kitchen", way="")}, name="")
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("", frozenset())
    assert person(house, ann).name == ""


def test_what_is_no_longer_offered_stays_until_something_else_is_chosen(house: House) -> None:
    ann = house.reader("weekly")
    with house.store() as connection:
        choose(connection, chosen_id(connection), Choice(cadence="hourly", sections=frozenset({"Kitchen", "Cellar"})), now=house.now)
    assert "nothing to save" in saved(house, ann)
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("hourly", frozenset({"Kitchen", "Cellar"}))
    saved(house, ann, more={**sections("Harbour"), **sections("Kitchen", "Cellar", way="")})
    assert (chosen(house, ann, "weekly").choice.cadence, chosen(house, ann, "weekly").choice.sections) == ("hourly", frozenset({"Harbour"}))


def test_who_joins_on_their_own_page_is_welcomed(house: House) -> None:
    ann = house.reader("weekly")
    saved(house, ann)
    assert letters(house) == []
    saved(house, ann, newsletters=("weekly", "tides", "quick"))
    assert letters(house) == [("welcome", "tides")]  # one letter for all
    saved(house, ann)
    assert letters(house) == [("welcome", "tides")]


def test_where_nobody_is_to_be_welcomed_joining_brings_no_letter(engine: Engine, now: datetime) -> None:
    silent = {**SETTINGS["newsletters"], "tides": {**SETTINGS["newsletters"]["tides"], "sign_up": {"welcome": "none"}}}
    house = House(engine=engine, now=now, settings=parse({**SETTINGS, "newsletters": silent}, folder=Path()))
    ann = house.reader("weekly")
    saved(house, ann, newsletters=("weekly", "tides"))
    assert chosen(house, ann, "tides").state is CONFIRMED
    assert letters(house) == []


def test_joining_and_leaving_all_day_floods_no_mailbox(house: House) -> None:
    """The link to the page is passed on with any mail."""
    ann = house.reader("weekly")
    for _ in range(2 * house.settings.pages.limits.letters_per_mailbox):
        saved(house, ann, newsletters=("weekly", "tides"))
        assert chosen(house, ann, "tides").state is CONFIRMED
        saved(house, ann, newsletters=("weekly",))
    assert len(letters(house)) == house.settings.pages.limits.letters_per_mailbox


def test_a_pause_begins_and_ends(house: House) -> None:
    ann = house.reader("weekly")
    page = saved(house, ann, more={"pause-weekly": "2"})
    assert chosen(house, ann, "weekly").paused_until == house.now + timedelta(weeks=2)
    assert "paused until December 7, 2026" in page
    assert "nothing to save" in saved(house, ann, more={"pause-weekly": ""})
    assert chosen(house, ann, "weekly").paused_until == house.now + timedelta(weeks=2)
    assert "goes on" in saved(house, ann, more={"pause-weekly": "0"})
    assert chosen(house, ann, "weekly").paused_until == house.now


@pytest.mark.parametrize("weeks", ["3", "-1", "99999999999", "x", "²"])
def test_a_pause_that_is_not_offered_is_none(house: House, weeks: str) -> None:
    ann = house.reader("weekly")
    assert "nothing to save" in saved(house, ann, more={"pause-weekly": weeks})


def test_name_language_and_zone_are_the_persons_own(house: House) -> None:
    ann = house.reader("weekly")
    page = saved(house, ann, name="Ann O’Neill", language="de", time_zone="Pacific/Auckland")
    assert '<html lang="de"' in page
    found = person(house, ann)
    assert (found.name, found.language, found.time_zone) == ("Ann O’Neill", "de", "Pacific/Auckland")
    saved(house, ann, name="<b>x", language="xx", time_zone="Nowhere/Else")
    found = person(house, ann)
    assert (found.name, found.language, found.time_zone) == ("<b>x", "", "")
    assert "<b>" not in house.client.get(link(ann)).text


def test_a_name_brought_along_stays_though_it_could_not_be_typed(house: House) -> None:
    ann = house.reader("weekly")
    with house.store() as connection:
        save_person(connection, ann, name="J.R.Tolkien", language="pt-BR", time_zone="", now=house.now)
    assert "nothing to save" in saved(house, ann)
    assert (person(house, ann).name, person(house, ann).language) == ("J.R.Tolkien", "pt-BR")
    saved(house, ann, name="J.R.R.Tolkien", language="tlh")
    assert (person(house, ann).name, person(house, ann).language) == ("", "")


def test_everything_is_left_by_one_press(house: House) -> None:
    ann = house.reader("weekly", "tides")
    assert "left everything" in house.client.post(link(ann), data={"do": "leave"}).text
    assert {one.state for one in person(house, ann).subscriptions} == {LEFT}


def test_the_link_to_ones_data_comes_by_mail(house: House) -> None:
    ann = house.reader("weekly")
    page = house.client.post(link(ann), data={"do": "data"})
    assert "is on its way" in page.text
    assert "/data/" not in page.text
    with house.store() as connection:
        assert list(connection.scalars(select(DeliveryRow.letter))) == ["data"]
    assert house.woken == 1


def test_a_button_that_is_not_there_does_nothing(house: House) -> None:
    ann = house.reader("weekly")
    before = person(house, ann)
    assert house.client.post(link(ann), data={"do": "burn"}).status_code == 200
    assert house.client.post(link(ann)).status_code == 200
    assert person(house, ann) == before


def test_a_forged_link_opens_nothing_and_that_of_nobody_says_so(house: House) -> None:
    ann = house.reader("weekly")
    for token in (sign(Purpose.LEAVE, ann, KEYS), link(ann)[:-1].rpartition("/")[2], "x"):
        assert house.client.get(f"/preferences/{token}").status_code == 404
        assert house.client.post(f"/preferences/{token}", data={"do": "leave"}).status_code == 404
    assert "Nobody is kept" in house.client.get(link("nobody")).text
    assert "Nobody is kept" in house.client.post(link("nobody"), data={"do": "save"}).text


NAMES = (
    *("do", "had", "newsletters", "name", "language", "time_zone", "cadence-weekly", "sections-weekly", "pause-weekly", "pause-tides"),
    *(
        "had-cadence-weekly",
        "had-sections-weekly",
        "had-name",
        "had-language",
        "had-time_zone",
        "sections-weekly/Kitchen",
        "authors-weekly/Mara Finch",
    ),
    *("hour-weekly", "had-hour-weekly", "had-authors-weekly", "had-muted_sections-weekly", "had-muted_authors-weekly"),
)
values = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["save", "save", "leave", "weekly", "tides", "monthly", "Kitchen", "follow", "mute", "8", "2", "0", "de", "UTC", "</textarea><script>x"]
    ),
)


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=12))
def test_any_text_in_any_field_is_answered_with_the_page(sqlite_template: Path, tmp_path: Path, fields: list[tuple[str, str]]) -> None:
    path = tmp_path / "any.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    house = House(engine=engine, now=datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    ann = house.reader("weekly")
    form: dict[str, list[str]] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    answer = house.client.post(link(ann), data=form)
    assert answer.status_code == 200
    assert "<script>x" not in answer.text
    assert house.people() == 1
    engine.dispose()

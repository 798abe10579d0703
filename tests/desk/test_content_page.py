"""The last word, by forms alone: every change, undone and made again, two editors at once, and what is not possible."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from digest.accounts import log
from digest.accounts.roles import DeskRole
from digest.desk.edition_now import edition_now
from digest.editions import change_store, store
from digest.editions.changes import Change, Changes, Subject
from digest.editions.values import Edition, EditionState
from digest.working import change
from tests.desk.entering import SHARED, House, csrf
from tests.desk.showing import PATH, add_article, filled
from tests.test_deliver import SLOT


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)), readers=1)


def edition(house: House) -> Edition:
    return edition_now(house.studio, house.studio.settings.newsletter("weekly"), SLOT)


def order(house: House) -> list[str]:
    return [story.title.split(" of ")[1] for story in edition(house).stories]


def changes(house: House) -> Changes:
    with house.engine.begin() as connection:
        found = store.find(connection, "weekly", "weekly", SLOT)
        return change_store.load(connection, found.id) if found else Changes()


def deeds(house: House) -> list[str]:
    """What the log says was done to it, the newest first."""
    with house.engine.begin() as connection:
        return [one.what for one in log.latest(connection) if one.edition_id]


def by_somebody_else(house: House, made: Change, who: str = "Ben") -> None:
    letter = house.studio.settings.newsletter("weekly")
    change(house.engine, house.studio.settings, letter, SLOT, made, who=who, now=house.now, seen=changes(house).revision)


def send(client: TestClient, path: str = "/content", *, page: str = "/content", **fields: Any) -> Any:
    shown = client.get(PATH + page).text
    seen = re.search(r'name="seen" value="(\d+)"', shown)
    assert seen
    return client.post(PATH + path, data={"csrf": csrf(shown), "seen": seen[1], **fields})


def press(client: TestClient, button: str, *, page: str = "/content") -> Any:
    """Presses the button with that id as a browser without scripts does."""
    shown = client.get(PATH + page).text
    found = re.search(rf"<button [^>]*id=\"{button}\" name=\"(\w+)\" value='([^']*)'", shown)
    assert found, f"no {button}"
    return send(client, page=page, **{found[1]: unescape(found[2])})


def test_a_story_leads_moves_is_pinned_and_dropped_by_buttons_alone(house: House) -> None:
    client = house.local()
    first = edition(house).stories
    second = first[1].article_id

    answer = press(client, f"lead-{second}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}/content?did=1#story-{second}")
    assert edition(house).stories[0].article_id == second
    assert "You made “" in client.get(answer.headers["location"]).text
    press(client, f"pin-{first[3].article_id}")
    press(client, f"drop-{first[2].article_id}")
    assert first[2].article_id not in [story.article_id for story in edition(house).stories]
    press(client, f"back-article-{first[2].article_id}")
    assert first[2].article_id in [story.article_id for story in edition(house).stories]
    assert deeds(house) == ["change"] * 4


def test_a_story_is_moved_one_down_and_one_up(house: House) -> None:
    client = house.local()
    before = order(house)
    moved = re.findall(r'id="down-(\d+)" name="change" value=\'{"', client.get(f"{PATH}/content").text)[0]

    press(client, f"down-{moved}")
    assert order(house) != before
    press(client, f"up-{moved}")
    assert order(house) == before


def test_another_comment_or_none_is_chosen(house: House) -> None:
    client = house.local()
    story = edition(house).stories[0]
    assert story.quote

    page = client.get(f"{PATH}/content/quotes/{story.article_id}").text
    assert "quoted now" in page
    assert "Neighbour" in page
    press(client, "quote-none", page=f"/content/quotes/{story.article_id}")

    assert edition(house).stories[0].quote is None
    press(client, f"quote-this-{story.quote.comment_id}", page=f"/content/quotes/{story.article_id}")
    assert edition(house).stories[0].quote == story.quote


def test_a_story_is_swapped_for_one_that_is_searched(house: House) -> None:
    house.file.write_text(house.file.read_text() + "[newsletters.weekly.limits]\narticles = 3\nreserves = 0\n")
    client = house.local()
    out = edition(house).stories[1]
    page = f"/content/swap/{out.article_id}"
    title = re.findall(r"<bdi>The \w+ of (house \d+) ", client.get(PATH + page).text.partition('class="picking"')[2])[0]

    found = re.findall(r'id="swap-in-(\d+)"', client.get(f"{PATH}{page}?q={title.upper()}").text)
    assert len(found) == 1
    press(client, f"swap-in-{found[0]}", page=f"{page}?q={title}")

    stories = [story.article_id for story in edition(house).stories]
    assert int(found[0]) in stories
    assert out.article_id not in stories
    assert "Nothing else was published" in client.get(f"{PATH}/content/swap/{out.article_id}?q=zeppelin").text


def test_words_are_set_and_left_to_the_program_again(house: House) -> None:
    client = house.local()
    made, story = edition(house).subject, edition(house).stories[0]

    send(client, do="subject", text="Ours & <b>nobody’s</b>")
    send(client, do="preheader", text="And what stands behind it")
    send(client, do="excerpt", article=story.article_id, text="Told by a person.")

    assert (edition(house).subject, edition(house).preheader) == ("Ours & <b>nobody’s</b>", "And what stands behind it")
    assert edition(house).stories[0].excerpt == "Told by a person."
    page = client.get(f"{PATH}/content").text
    assert 'value="Ours &amp; &lt;b&gt;nobody’s&lt;/b&gt;"' in page
    assert "<b>nobody" not in page
    press(client, "subject-back")
    assert edition(house).subject == made
    assert "Told by a person." in client.get(f"{PATH}/content/words/{story.article_id}").text


def test_an_introduction_is_looked_at_before_it_is_kept(house: House) -> None:
    client = house.local()
    written = "Dear **neighbours**,\n\n<script>alert(1)</script> [here](https://lamp.example) [not](javascript:alert(1))"

    page = send(client, "/content/introduction", markdown=written)

    assert page.status_code == 200
    assert "<strong>neighbours</strong>" in page.text
    assert 'href="https://lamp.example"' in page.text
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text
    assert changes(house).all == ()
    send(client, do="introduction", markdown=written)
    assert edition(house).introduction[0] == "Dear **neighbours**,"
    assert "Dear **neighbours**," in client.get(f"{PATH}/content").text


def test_a_sponsor_of_this_edition_alone(house: House) -> None:
    client = house.local()

    send(client, do="sponsored", title="Rope & Daughters", text="By the metre.", url="https://rope.example", label="Anzeige")

    sponsor = edition(house).sponsor
    assert sponsor
    assert (sponsor.label, sponsor.title) == ("Anzeige", "Rope & Daughters")
    assert "of this edition alone" in client.get(f"{PATH}/content").text
    press(client, "sponsor-none")
    assert edition(house).sponsor is None
    refused = send(client, do="sponsored", title="Rope", text="x", url="javascript:alert(1)")
    assert refused.status_code == 409
    assert "no web address" in refused.text


def test_undo_and_redo_from_the_page_and_from_the_history(house: House) -> None:
    client = house.local()
    before = order(house)
    send(client, do="subject", text="One")
    press(client, f"drop-{edition(house).stories[1].article_id}")

    press_undo(client, "undo")
    assert order(house) == before
    press_undo(client, "redo")
    assert order(house) != before
    history = client.get(f"{PATH}/history").text
    assert "set the subject to “One”" in history
    answer = send(client, "/content/undo", page="/history", number=1, back="history")
    assert answer.headers["location"] == f"{PATH}/history?did=5"
    assert edition(house).subject != "One"
    assert "Do it again" in client.get(answer.headers["location"]).text
    assert send(client, "/content/undo", number=1).status_code == 409
    assert deeds(house) == ["undo", "undo", "undo", "change", "change"]


def press_undo(client: TestClient, which: str) -> None:
    number = re.search(rf'id="{which}"[^>]* value="(\d+)"', client.get(f"{PATH}/content").text)
    assert number
    assert send(client, f"/content/{which}", number=number[1]).status_code == 303


def test_two_editors_at_once_are_both_heard(house: House) -> None:
    client = house.local()
    page = client.get(f"{PATH}/content").text
    by_somebody_else(house, Subject(text="Ben’s <script>subject</script>"))

    answer = client.post(f"{PATH}/content", data={"csrf": csrf(page), "seen": 0, "do": "subject", "text": "Mine"})

    assert answer.status_code == 409
    assert "Ben’s &lt;script&gt;subject&lt;/script&gt;" in answer.text
    assert "<bdi>Mine</bdi>" in answer.text
    assert edition(house).subject == "Ben’s <script>subject</script>"
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))
    assert fields["seen"] == "1"
    again = client.post(f"{PATH}/content", data={name: unescape(value) for name, value in fields.items()})
    assert again.status_code == 303
    assert edition(house).subject == "Mine"


def test_a_third_one_in_between_is_told_of_too(house: House) -> None:
    client = house.local()
    page = client.get(f"{PATH}/content").text
    by_somebody_else(house, Subject(text="Two"))
    first = client.post(f"{PATH}/content", data={"csrf": csrf(page), "seen": 0, "do": "subject", "text": "Mine"})
    by_somebody_else(house, Subject(text="Three"), who="Cleo")

    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', first.text))
    second = client.post(f"{PATH}/content", data={name: unescape(value) for name, value in fields.items()})

    assert second.status_code == 409
    assert "Cleo" in second.text
    assert "<bdi>Ben</bdi>" not in second.text


def test_an_edition_that_is_out_cannot_be_changed(house: House) -> None:
    client = house.local()
    send(client, do="subject", text="One")
    with house.engine.begin() as connection:
        found = store.find(connection, "weekly", "weekly", SLOT)
        assert found
        store.change_state(connection, found.id, was=EditionState.DRAFT, becomes=EditionState.CANCELLED, now=house.now)

    page = client.get(f"{PATH}/content").text

    assert "nothing of it can be changed" in page
    assert 'name="change"' not in page
    assert client.post(f"{PATH}/content", data={"csrf": csrf(client.get("/").text), "seen": 1, "do": "subject", "text": "x"}).status_code == 409


def test_hostile_titles_and_addresses_stay_words(house: House) -> None:
    add_article(house, 50, title="</script><script>alert(1)</script> \" onmouseover='alert(1)' " + "long " * 60, section='"><img src=x>')
    client = house.local()

    for page in ("/content", "/why", "/history", "/weights"):
        shown = client.get(PATH + page)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
        assert "' onmouseover" not in re.sub(r'"[^"]*"', "", shown.text)
    changed = json.loads(unescape(re.search(r"value='(\{[^']*move section[^']*img[^']*\})'", client.get(f"{PATH}/content").text)[1]))  # type: ignore[index]
    assert changed["do"] == "move section"


@pytest.mark.parametrize("path", ["/content/quotes/x", "/content/words/0", "/content/words/99999", "/content/swap/" + "9" * 30])
def test_what_is_not_there_is_not_found(house: House, path: str) -> None:
    assert house.local().get(PATH + path).status_code == 404


def test_a_page_without_what_it_showed_changes_nothing(house: House) -> None:
    client = house.local()
    for seen in ("", "-1", "x", "9" * 40):
        answer = client.post(f"{PATH}/content", data={"csrf": csrf(client.get(f"{PATH}/content").text), "seen": seen, "do": "subject", "text": "x"})
        assert answer.status_code == 409
    assert changes(house).all == ()


def test_a_writer_changes_editions_but_keeps_no_weights(engine: Engine, tmp_path: Path) -> None:
    house = filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2), settings=f'[desk]\nurl = "{SHARED}"\n'), readers=1)
    client = house.as_role(DeskRole.WRITER)

    assert send(client, do="subject", text="By a writer").status_code == 303
    weights = client.get(f"{PATH}/weights?articles.freshness=0.9").text
    assert "takes a publisher" in weights
    assert "Keep in digest.toml" not in weights
    assert client.post(f"{PATH}/weights", data={"csrf": csrf(weights), "articles.freshness": "0.9", "seen": "x"}).status_code == 403


def test_queries_are_few_however_much_there_is(house: House, statements: Any) -> None:
    client = house.local()
    counts = []
    for number in (8, 30):
        for more in range(60, 60 + number):
            add_article(house, more)
        statements()
        assert "Stories" in client.get(f"{PATH}/content").text
        counts.append(statements())
    assert counts[1] <= counts[0] <= 30

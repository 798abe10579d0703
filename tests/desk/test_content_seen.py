"""The last word in a real browser: by keyboard, by mouse, by two editors, without script; what is shown follows, and so does what is said."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.database import open_database
from digest.editions.changes import Lead, Subject
from tests.desk.entering import House
from tests.desk.showing import PATH, Sight, add_article, filled, found, looking
from tests.desk.test_content_page import by_somebody_else, edition
from tests.test_deliver import SLOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = f"{PATH}/content"


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "seen.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)))
    engine.dispose()


def order(sight: Sight) -> list[str]:
    return [str(one) for one in sight.page.eval_on_selector_all(".story", "stories => stories.map(one => one.dataset.story)")]


def focus(sight: Sight) -> str:
    return str(sight.page.evaluate("document.activeElement.id"))


def stands(sight: Sight, story: str, place: int) -> None:
    """Waits until the story is in that place, counted from 0; a page that never gets there fails the test."""
    sight.page.locator(".story").nth(place).and_(sight.page.locator(f'[data-story="{story}"]')).wait_for()


def told(sight: Sight, words: str) -> None:
    """Waits until that is said to whoever does not see it."""
    sight.page.locator("#said", has_text=words).wait_for(state="attached")


def test_a_story_is_moved_by_keys_and_keeps_the_focus(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        first, second, third = order(sight)[1:4]
        sight.page.focus(f"#handle-{first}")

        sight.page.keyboard.press("ArrowDown")

        told(sight, "You moved")
        assert order(sight)[1:4] == [second, first, third]
        assert focus(sight) == f"handle-{first}"
        sight.page.keyboard.press("ArrowDown")
        stands(sight, first, 3)
        sight.page.keyboard.press("Home")
        stands(sight, first, 1)
        sight.page.keyboard.press("l")
        stands(sight, first, 0)
        assert focus(sight) == f"handle-{first}"
        sight.page.keyboard.press("j")
        assert focus(sight) != f"handle-{first}"
        sight.page.keyboard.press("Control+z")
        told(sight, "Undone")
        assert order(sight)[1:4] == [first, second, third]
        assert sight.complaints == []
    assert edition(house).stories[1].article_id == int(first)


def test_keys_pressed_faster_than_the_desk_answers_are_all_heard(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        first = order(sight)[1]
        group = sight.page.eval_on_selector(f"#story-{first}", "story => story.parentElement.children.length")
        sight.page.focus(f"#handle-{first}")

        for _ in range(group - 1):
            sight.page.keyboard.press("ArrowDown")

        stands(sight, first, group)


def test_another_comment_is_chosen_by_keys_and_the_phone_shows_it(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        first = order(sight)[0]
        phone = sight.page.frame_locator("#phone")
        phone.get_by_text("I lived beside house 0").first.wait_for()
        sight.page.focus(f"#handle-{first}")

        sight.page.keyboard.press("q")
        sight.page.wait_for_selector("#dialog[open]")
        assert found(sight) == []
        sight.page.focus("#quote-none")
        sight.page.keyboard.press("Enter")

        told(sight, "You took the quote from")
        assert focus(sight) == f"handle-{first}"
        phone.get_by_text("I lived beside house 0").first.wait_for(state="detached")
        sight.page.keyboard.press("q")
        sight.page.wait_for_selector("#dialog[open]")
        sight.page.keyboard.press("Escape")
        assert focus(sight) == f"handle-{first}"
        assert sight.complaints == []


def test_a_story_is_dragged_to_another_place_and_to_the_lead(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.page.set_viewport_size({"width": 1280, "height": 2_400})
        sight.go(HERE)
        lead, first, second, third = order(sight)[:4]

        drag(sight, third, first, above=True)
        stands(sight, third, 1)
        assert order(sight)[1:4] == [third, first, second]
        assert focus(sight) == f"handle-{third}"
        drag(sight, second, lead, above=False)
        stands(sight, second, 0)
        assert sight.complaints == []
    assert edition(house).stories[0].article_id == int(second)


def test_a_drag_that_ends_nowhere_or_is_broken_off_changes_nothing(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        before = order(sight)
        box = sight.page.locator(f"#handle-{before[1]}").bounding_box()
        assert box

        sight.page.mouse.move(box["x"] + 8, box["y"] + 8)
        sight.page.mouse.down()
        sight.page.mouse.move(4, box["y"] + 90, steps=4)
        sight.page.mouse.up()
        sight.page.mouse.move(box["x"] + 8, box["y"] + 8)
        sight.page.mouse.down()
        sight.page.mouse.move(box["x"] + 40, box["y"] + 200, steps=4)
        sight.page.keyboard.press("Escape")
        sight.page.mouse.up()

        assert order(sight) == before
        assert sight.page.locator(".dragged, .before, .behind").count() == 0


def drag(sight: Sight, story: str, onto: str, *, above: bool) -> None:
    handle, target = (sight.page.locator(f"#{one}").bounding_box() for one in (f"handle-{story}", f"story-{onto}"))
    assert handle
    assert target
    sight.page.mouse.move(handle["x"] + 8, handle["y"] + handle["height"] / 2)
    sight.page.mouse.down()
    sight.page.mouse.move(target["x"] + 60, target["y"] + (6 if above else target["height"] - 6), steps=8)
    sight.page.mouse.up()


def test_a_new_subject_is_counted_kept_and_shown(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        sight.page.fill("#subject", "Goose & <i>kettle</i>: everything found beside a house")
        assert "a phone cuts it off" in sight.page.inner_text("#form-subject output")

        sight.page.keyboard.press("Enter")

        told(sight, "You set the subject")
        assert focus(sight) == "subject"
        assert sight.page.input_value("#subject").startswith("Goose & <i>kettle</i>")
        sight.page.fill("#introduction", "Dear **neighbours**")
        sight.page.locator("#preview strong").wait_for()
        sight.page.click("#subject-back")
        told(sight, "left the subject to the program again")
        assert sight.page.input_value("#introduction") == "Dear **neighbours**"


def test_words_that_are_being_written_outlive_somebody_elses_change(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        last = order(sight)[-1]
        sight.page.fill("#subject", "Half written")

        by_somebody_else(house, Lead(article=int(last)))

        stands(sight, last, 0)
        assert sight.page.input_value("#subject") == "Half written"
        sight.page.click("#keep-subject")
        sight.page.wait_for_selector("#conflict")
        assert focus(sight) == "conflict"
        assert "Ben made “" in sight.page.inner_text("#conflict")
        assert found(sight) == []
        sight.page.click("#mine-too")
        sight.page.wait_for_selector("#did")
        assert sight.page.input_value("#subject") == "Half written"
        assert order(sight)[0] == last


def test_two_browsers_at_once_never_write_over_each_other(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        sight.go(HERE)
        sight.page.evaluate("document.querySelector('#form-subject [name=seen]').value = 0")
        by_somebody_else(house, Subject(text="Ben’s"))
        sight.page.fill("#subject", "Ours")
        sight.page.click("#keep-subject")
        sight.page.wait_for_selector("#conflict")
        sight.page.get_by_text("Leave mine").click()
        sight.page.wait_for_selector("#subject")
        assert sight.page.input_value("#subject") == "Ben’s"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_each_page_is_readable_by_everybody(browser: "Browser", house: House, width: int, colours: str) -> None:
    add_article(house, 50, title="Neverendingly" * 20 + " <b>bold</b>", section="A section of a very long name, longer than any other" * 2)
    by_somebody_else(house, Subject(text="Words" * 45))
    with looking(browser, house, width=width, color_scheme=colours) as sight:
        for path in ("/content", "/why", "/weights?articles.freshness=9", "/history", "/content/quotes/1", "/content/swap/1", "/content/words/1"):
            sight.go(PATH + path)
            assert (path, found(sight)) == (path, [])
        assert sight.complaints == []


def test_without_script_every_button_works(browser: "Browser", house: House) -> None:
    with looking(browser, house, java_script_enabled=False) as sight:
        sight.go(HERE)
        second = sight.page.locator(".story").nth(1).get_attribute("data-story")

        sight.page.click(f"#lead-{second}")

        assert "You made “" in sight.page.inner_text("#did")
        assert sight.page.locator(".story").first.get_attribute("data-story") == second
        sight.page.click(f"#quote-{second}")
        sight.page.click("#quote-none")
        sight.page.click("#undo")
        assert "Undone: took the quote from" in sight.page.inner_text("#did")
        sight.page.locator(f"#handle-{second}").wait_for(state="hidden")
        sight.page.fill("#q", "house 3")
        sight.page.click("#search-it")
        assert "Nothing that is not in has all these words" in sight.page.inner_text("#out")


def test_sliders_are_tried_while_they_move(browser: "Browser", house: House) -> None:
    house.file.write_text(house.file.read_text() + "[newsletters.weekly.limits]\narticles = 2\nreserves = 0\n")
    add_article(house, 40, title="Brand new, and nobody has said a word", published_at=SLOT - timedelta(minutes=40))
    with looking(browser, house) as sight:
        sight.go(f"{PATH}/weights")
        sight.page.fill('input[name="articles.freshness"]', "30")

        sight.page.locator("#result .came").wait_for()
        assert "Brand new" in sight.page.inner_text("#result .came")
        sight.page.frame_locator("#tried-frame").get_by_text("Brand new").first.wait_for()
        told(sight, "1 in, 1 out")
        sight.page.get_by_role("button", name="Back to 0.15: Freshness").click()
        sight.page.locator("#result .came").wait_for(state="detached")
        slider = sight.page.get_by_role("slider", name="A picture")
        slider.focus()
        sight.page.keyboard.press("ArrowRight")
        assert sight.page.input_value('input[name="articles.image"]') == "0.06"
        sight.page.get_by_role("button", name="Keep in digest.toml").click()
        sight.page.get_by_text("1 weight stands in digest.toml now").wait_for()
        assert sight.complaints == []
    assert "image = 0.06" in house.file.read_text()

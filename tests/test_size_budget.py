"""An edition above its size budget takes no more steps of shortening than it needs."""

from typing import Any

import pytest

from digest.content.values import Snapshot
from digest.editions.choose import choose
from digest.editions.compose import compose
from digest.editions.shorten import shorten
from digest.editions.values import Edition
from digest.editions.window import Window
from digest.newsletter import Newsletter
from digest.prepare import Chosen, Gathered, Prepared, prepare
from digest.render.compile import compile_edition
from digest.render.compiled import CompiledEdition
from digest.render.draw import Look, draw
from digest.render.inline import inline
from digest.settings import Settings
from tests.editions.snapshots import CUTOFF, START, article, comment, newsletter

SETTINGS = Settings()


def text(number: int) -> str:
    return "".join(f"Nobody on quay {number}{line} had thought that boat {number}{line} would ever float again. " for line in range(20))


SNAPSHOT = Snapshot(
    articles=tuple(article(number, text=text(number), section=f"S{number % 2}", votes=100 - number) for number in range(1, 17)),
    comments=tuple(comment(number, number, text=text(number + 50), author_name=f"Reader {number}", hours=number) for number in range(1, 17)),
)


def chosen_for(letter: Newsletter) -> Chosen:
    window = Window(start=START, cutoff=CUTOFF, reach=START)
    gathered = Gathered(newsletter=letter, slot=CUTOFF, window=window, snapshot=SNAPSHOT, last_subject="")
    return Chosen(gathered=gathered, choice=choose(SNAPSHOT, letter, window_start=START, cutoff=CUTOFF))


def within(budget: int, **given: Any) -> Prepared:
    return prepare(chosen_for(newsletter(limits={"articles": 14, "html_bytes": budget}, **given)), SETTINGS)


def compiled(edition: Edition, letter: Newsletter) -> CompiledEdition:
    drawn = draw(edition, Look.of(SETTINGS.publication, letter))
    return compile_edition(drawn.with_html(inline(drawn.html)))


def one_step_after_the_other(budget: int) -> tuple[Edition, CompiledEdition, tuple[str, ...]]:
    letter = newsletter(limits={"articles": 14, "html_bytes": budget})
    name = SETTINGS.publication.name
    edition = compose(chosen_for(letter).choice, SNAPSHOT, letter, slot=CUTOFF, publication_name=name, site_url=SETTINGS.publication.url)
    made, notes, step = compiled(edition, letter), list[str](), 0
    while made.html_bytes > budget:
        shorter = shorten(edition, step)
        assert shorter is not None
        edition, step = shorter[0], step + 1
        notes.extend(shorter[1])
        made = compiled(edition, letter)
    return edition, made, tuple(notes)


@pytest.mark.parametrize("budget", [100_000, 40_000, 30_000, 20_000])
def test_as_few_steps_as_the_budget_takes(budget: int) -> None:
    edition, made, notes = one_step_after_the_other(budget)
    found = within(budget)
    assert bool(notes) is (budget < 100_000)
    assert (found.edition, found.notes, found.compiled) == (edition, notes, made)


def test_where_nothing_is_left_to_shorten_the_notes_say_so() -> None:
    found = within(20_000, introduction=text(1) * 20)
    assert found.edition.lead is not None
    assert not found.edition.sections
    assert found.notes[-1] == f"The HTML is {found.compiled.html_bytes:,} bytes, above the budget of 20,000, with nothing left to shorten."

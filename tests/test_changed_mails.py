"""Whatever editors change and readers choose, each mail is the one that would be made for its reader alone, and says what the editors wanted."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from digest.content.tables import ArticleRow
from digest.database import open_database
from digest.editions import store
from digest.editions.changes import Change, Excerpt, Introduction, Say, Subject, Undo
from digest.editions.pool import Plan
from digest.editions.values import Choice, Edition, Kind, Place
from digest.personal import Writer
from digest.prepare import composed
from digest.publish import publish
from digest.settings import Settings
from digest.working import Working, change, fix, working
from subscribers.wish import Wish
from tests.editions.changing import placing
from tests.test_deliver import KEYS, SLOT
from tests.test_personal_mails import CHOSEN, HOUR, LANGUAGES, Chosen, Press, check, claim_all, parsed, part, printed, settings_at, subscribe

__all__ = ["printed"]

WORDS = st.sampled_from((Subject(text="Our own subject"), Introduction(markdown="Our *own* words."), Excerpt(article=1, text="An excerpt of ours.")))
MADE = st.lists(st.one_of(placing, placing, WORDS, st.builds(Undo, number=st.integers(1, 3))), min_size=1, max_size=8)


class Changing(Press):
    """The long way of an edition that editors changed: its readers' plans may hold what they would not have asked for."""

    def plan(self, wish: Wish) -> Plan | None:
        return None


def as_composed(work: Working, settings: Settings) -> Mapping[str, Edition]:
    return {language: composed(work.chosen, settings, language) for language in LANGUAGES}


def press_buttons(engine: Engine, settings: Settings, made: list[Change], *, fixed: bool) -> Working:
    letter = settings.newsletter("weekly")
    undone: set[int] = set()
    for number, one in enumerate(made):
        if fixed and number == len(made) // 2:
            fix(engine, settings, letter, SLOT, now=SLOT - HOUR)
        with engine.begin() as connection:
            before = working(connection, settings, letter, SLOT, SLOT).changes
        if isinstance(one, Undo) and (one.number in undone or one.number not in {changed.number for changed in before.standing}):
            continue
        undone |= {one.number} if isinstance(one, Undo) else set()
        change(engine, settings, letter, SLOT, one, who="Ana", now=SLOT - HOUR, seen=before.revision)
    with engine.begin() as connection:
        return working(connection, settings, letter, SLOT, SLOT)


def everybodys(choice: Choice) -> set[int]:
    return {pick.id for pick in choice.picks if pick.place in (Place.LEAD, Place.SECTION)}


@hypothesis_settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(chosen=st.lists(CHOSEN, min_size=6, max_size=15), made=MADE, fixed=st.booleans())
def test_each_mail_of_a_changed_edition_is_what_would_be_made_for_its_reader_alone(
    printed: Path, tmp_path_factory: pytest.TempPathFactory, chosen: list[Chosen], made: list[Change], fixed: bool
) -> None:
    path = tmp_path_factory.mktemp("one") / "digest.db"
    shutil.copy(printed, path)
    settings, engine = settings_at(path), open_database(f"sqlite:///{path}")
    letter = settings.newsletter("weekly")
    with engine.begin() as connection:
        for number, one in enumerate(chosen, start=1):
            subscribe(connection, number, one)
        numbers = {row.id: int(row.key[1:]) for row in connection.execute(select(ArticleRow.id, ArticleRow.key))}
    work = press_buttons(engine, settings, made, fixed=fixed)
    press = Changing(settings=settings, editions=as_composed(work, settings), numbers=numbers)
    published = publish(engine, settings, letter, SLOT, now=SLOT)
    assert (published.edition.is_out, work.live) == (work.chosen.choice.enough, not (fixed and work.stored and work.stored.chosen_at))
    if not work.chosen.choice.enough:
        return
    with engine.begin() as connection:
        stored = store.load_bytes(connection, published.edition.id)
        claimed = claim_all(connection, published.edition.id)
    writer = Writer(letter, settings, keys=KEYS, slot=SLOT, stored=stored)
    for row in claimed:
        number = int(row.address.removeprefix("reader").partition("@")[0])
        if number:
            check(press, writer, row, chosen[number - 1], pooled=False)
        mail = parsed(writer.envelope(row).data)
        shown = {int(found) for found in re.findall(r"In house (\d+) somebody", part(mail, "html"))}
        dropped = {item for (kind, item), say in work.changes.says.items() if kind is Kind.ARTICLE and say is Say.DROPPED}
        assert shown.isdisjoint({numbers[item] for item in dropped})
        kept = {pick.id for pick in work.chosen.choice.picks if pick.kept and pick.kind is Kind.ARTICLE}
        reworded = {one.change.article for one in work.changes.standing if isinstance(one.change, Excerpt)}
        assert {numbers[item] for item in kept - reworded} <= shown
        if any(isinstance(one.change, Subject) for one in work.changes.standing):
            assert mail["Subject"] == "Our own subject"
        if any(isinstance(one.change, Introduction) for one in work.changes.standing):
            assert "Our <em>own</em> words." in part(mail, "html")
        if row.plan == "":
            assert shown == {numbers[item] for item in everybodys(work.chosen.choice) - reworded}
    engine.dispose()

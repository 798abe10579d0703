"""What the checker finds before a send: an edition that must not go out does not, and somebody who has seen it can let it go."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from digest.checking import findings_of, look_over, stopping
from digest.content.store import save_comments
from digest.delivery.tables import DeliveryRow
from digest.editions import store
from digest.editions.changes import Introduction
from digest.editions.values import EditionState
from digest.errors import HeldBack
from digest.hold_back import CHECKER
from digest.prepare import prepare
from digest.publish import Published, publish
from digest.render.environment import templates_folder
from digest.review.steps import approve, release
from digest.working import change, working
from tests.review.newsroom import CUTOFF, HOUR, newsroom
from tests.test_deliver import SLOT, comment, fill, settings_for

BROKEN = "Hello {{ reader }}, welcome back."


def sent(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.execute(select(func.count()).select_from(DeliveryRow)).scalar_one()


def published(engine: Engine, database_url: str, *, despite_findings: bool = False, **newsletter: Any) -> Published:
    settings = settings_for(database_url, **newsletter)
    return publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT, despite_findings=despite_findings)


def test_what_is_fit_to_be_sent_is_sent(engine: Engine, database_url: str) -> None:
    fill(engine)
    assert published(engine, database_url).queued == 3


def test_template_text_keeps_an_edition_from_going_out_and_the_error_says_how_to_go_on(engine: Engine, database_url: str) -> None:
    fill(engine)
    with pytest.raises(HeldBack) as stopped:
        published(engine, database_url, introduction=BROKEN)
    text = str(stopped.value)
    assert "'{{ reader }}'" in text and "template.left" in text
    assert "`digest lint weekly --at 2026-11-23T07:00`" in text
    assert "`digest send weekly --at 2026-11-23T07:00 --despite-findings`" in text
    with engine.begin() as connection:
        assert store.find(connection, "weekly", "weekly", SLOT) is None
    assert sent(engine) == 0
    assert published(engine, database_url).queued == 3  # mended


def test_somebody_may_send_it_all_the_same(engine: Engine, database_url: str) -> None:
    fill(engine)
    assert published(engine, database_url, introduction=BROKEN, despite_findings=True).queued == 3


@pytest.mark.parametrize(
    ("checks", "stops"),
    [({}, False), ({"stop_at": "never"}, False), ({"stop_at": "warning"}, True), ({"stop_at": "warning", "ignore": ["clients"]}, False)],
)
def test_the_level_says_what_stops_it(engine: Engine, database_url: str, *, checks: dict[str, object], stops: bool) -> None:
    fill(engine)
    known = {"clients": ["none-such"], **checks}
    if stops:
        with pytest.raises(HeldBack, match="There is no mail program “none-such”"):
            published(engine, database_url, checks=known)
    else:
        assert published(engine, database_url, checks=known).queued == 3


def test_never_is_the_publishers_own_word(engine: Engine, database_url: str) -> None:
    fill(engine)
    assert published(engine, database_url, introduction=BROKEN, checks={"stop_at": "never"}).queued == 3


def test_no_reader_can_stop_an_edition_by_what_they_write(engine: Engine, database_url: str) -> None:
    fill(engine)
    words = "{{ secret }} and {% raw %} and {name} and NLxa1b2c3d4e5xVIEWx and &lt;p&gt; and *|FNAME|* there"
    spiteful = f"My mother lived beside house 5 for nine years because she kept {words}, and it was never about the money in all that time."
    with engine.begin() as connection:
        loved = replace(comment(5), body=f"<p>{spiteful}</p>", votes_up=50)
        save_comments(connection, "site", [loved], now=SLOT - timedelta(hours=7))
    made = published(engine, database_url, checks={"stop_at": "error"})
    assert made.queued == 3
    settings = settings_for(database_url)
    over = look_over(engine, settings, settings.newsletter("weekly"), SLOT)
    assert over.message is not None and "{{ secret }}" in over.message.html
    assert "template.looks" in {one.rule for one in over.findings}
    assert stopping(over.findings, settings.newsletter("weekly")) == ()


def test_a_draft_is_held_with_the_reason_and_whoever_releases_it_lets_it_go(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="window", introduction=BROKEN)
    room.look(CUTOFF)
    room.look(SLOT)
    held = room.there()
    assert held.state is EditionState.HELD and "'{{ reader }}'" in held.reason
    assert (room.deeds()[-1].who, sent(engine)) == (CHECKER, 0)
    room.look(SLOT + HOUR)
    assert room.state() is EditionState.HELD
    release(engine, held.id, who="Ana", now=SLOT + HOUR)
    room.look(SLOT + HOUR)
    assert room.state() is EditionState.SENDING
    assert sent(engine) == 3


def test_what_was_approved_is_held_once_and_goes_out_when_it_is_approved_again(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, introduction=BROKEN)
    room.look(CUTOFF)
    for when, state in ((SLOT - HOUR, EditionState.HELD), (SLOT, EditionState.SENDING)):
        approve(engine, room.settings, room.letter, SLOT, who="Ana", now=when)
        room.look(SLOT)
        assert room.state() is state


def test_something_else_that_is_wrong_after_that_holds_it_again(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="window", introduction=BROKEN)
    room.look(CUTOFF)
    room.look(SLOT)
    release(engine, room.there().id, who="Ana", now=SLOT)
    change(engine, room.settings, room.letter, SLOT, Introduction(markdown="Now [[first name]] is in it."), who="Ben", now=SLOT, seen=0)
    room.look(SLOT)
    assert room.state() is EditionState.HELD
    assert "[[first name]]" in room.there().reason


def test_frames_in_other_languages_are_looked_over_too(engine: Engine, database_url: str, tmp_path: Path) -> None:
    theirs = tmp_path / "themes" / "mine"
    theirs.mkdir(parents=True)
    footer = (templates_folder() / "editions" / "classic" / "footer.html").read_text()
    (theirs / "footer.html").write_text(footer + "{% if look.language == 'de' %}{% raw %}<p>{{ oops }}</p>{% endraw %}{% endif %}")
    fill(engine)
    settings = settings_for(database_url, theme="mine").model_copy(update={"folder": tmp_path})
    letter = settings.newsletter("weekly")
    with engine.begin() as connection:
        work = working(connection, settings, letter, SLOT, SLOT)
    gathered = work.chosen.gathered
    chosen = replace(work.chosen, gathered=replace(gathered, demand=replace(gathered.demand, languages=frozenset({"de"}))))
    found = [one.what for one in findings_of(prepare(chosen, settings), chosen, settings) if one.rule == "template.left"]
    assert found == ["For readers of “de”: The HTML holds '{{ oops }}', which looks like unresolved template text."]


def test_an_edition_that_is_out_is_looked_over_as_it_went_out(engine: Engine, database_url: str) -> None:
    fill(engine)
    published(engine, database_url, introduction=BROKEN, despite_findings=True)
    mended = settings_for(database_url)
    over = look_over(engine, mended, mended.newsletter("weekly"), SLOT)
    assert "template.left" in {one.rule for one in over.findings}

"""What editors' changes make of a choice: what they want is in, what they do not want is out, and nothing comes in that may not be shown."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from digest.content.values import ArticleState, CommentState, Role, Snapshot
from digest.editions.changes import (
    UNCHANGED,
    Back,
    Change,
    Changes,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    MoveSection,
    Pin,
    Quote,
    Say,
    Sponsored,
    Subject,
    Swap,
    Undo,
)
from digest.editions.choose import choose
from digest.editions.demand import Demand
from digest.editions.gates import Gates
from digest.editions.layout import Layout
from digest.editions.record import from_json, to_json
from digest.editions.rework import rework
from digest.editions.talks import talks
from digest.editions.values import Choice, Kind, Pick, Place
from digest.newsletter import Newsletter
from tests.editions.changing import changes, histories, placing
from tests.editions.snapshots import CUTOFF, SITE, START, article, article_ids, chosen, comment, letters, newsletter, picked, snapshots, why_not

A, C = Kind.ARTICLE, Kind.COMMENT


def reworked(snapshot: Snapshot, *made: Change, letter: Newsletter | None = None, who: str = "Ana") -> Choice:
    letter = letter or newsletter()
    return rework(chosen(snapshot, letter), changes(*made, who=who), snapshot, letter, personal=False)


def week(count: int = 14, sections: tuple[str, ...] = ("Harbour", "Town")) -> Snapshot:
    """So many articles, the higher the number the better, with a comment or two on each; the sections take turns."""
    every = tuple(article(number, hours=100 - number, views=100 * number, section=sections[number % len(sections)]) for number in range(1, count + 1))
    said = [comment(number, number, text=f"{_WORDS[number % 7]} {number}: {STORY.format(number=number)}") for number in range(1, count + 1)]
    said += [
        comment(100 + number, number, text=f"{_WORDS[number % 5]}, {number * 7}: {OTHER.format(number=number)}") for number in range(1, count + 1)
    ]
    return Snapshot(articles=every, comments=tuple(said))


_WORDS = ("Anchors", "Barges", "Cables", "Docks", "Eels", "Ferries", "Gulls")
STORY = "in house {number} I bought a boat in 18{number:02} because my brother had sold his own, and {number} neighbours came to see it go down."
OTHER = "what nobody says of pier {number} is that its {number} planks were laid by hand, which I saw myself when I was {number} years old."


def quotes(choice: Choice) -> dict[int, int]:
    return {pick.article_id: pick.id for pick in picked(choice, Place.QUOTE)}


def note(choice: Choice, number: int) -> str:
    return next(pick.note for pick in choice.picks if (pick.kind, pick.id) == (A, number))


def test_without_changes_it_is_the_very_same_choice() -> None:
    choice = chosen(week())
    assert rework(choice, UNCHANGED, week(), newsletter(), personal=False) is choice
    undone = changes(Drop(item=A, id=choice.picks[0].id), Undo(number=1))
    assert rework(choice, undone, week(), newsletter(), personal=False) is choice


@settings(max_examples=150, deadline=None)
@given(snapshots(), letters, histories(placing))
def test_any_changes_leave_an_edition_that_may_be_sent(snapshot: Snapshot, letter: Newsletter, made: Changes) -> None:
    for personal in (False, True):
        demand = Demand(sections=frozenset({"sea"}), muted=True) if personal else Demand()
        before = choose(snapshot, letter, window_start=START, cutoff=CUTOFF, site_host=SITE, allow_few=True, demand=demand)
        after = rework(before, made, snapshot, letter, personal=personal)
        assert after == rework(before, made, snapshot, letter, personal=personal)
        assert from_json(to_json(after)) == after
        check(after, made, snapshot, letter)
        assert len(article_ids(after)) <= max(letter.limits.articles, len(made.asked) + 1)


def check(choice: Choice, made: Changes, snapshot: Snapshot, letter: Newsletter) -> None:
    shown = talks(snapshot, Gates(letter, choice.cutoff, made.asked)).all
    items = [(pick.kind, pick.id) for pick in choice.picks]
    answers = [(C, pick.reply_id) for pick in choice.picks if pick.reply_id is not None]
    named = [(A, number) for pick in choice.picks for number in pick.also]
    every = [*items, *answers, *named]
    assert len(set(items)) == len(items)
    assert len(set(every)) == len(every)
    assert not {(one.kind, one.id) for one in choice.passed_over} & set(items)
    says = made.says
    assert not [item for item in every if says.get(item) is Say.DROPPED]
    assert all(pick.article_id in shown for pick in choice.picks)
    assert all(number in shown[pick.article_id].by_id for pick in choice.picks for number in comments_of(pick))
    assert all(says.get((A, pick.article_id)) is not Say.DROPPED for pick in choice.picks)
    for (kind, number), say in says.items():
        if say is Say.PINNED and kind is A and number in shown:
            assert number in article_ids(choice)
    layout = Layout.of(choice.picks)
    assert layout.picks == choice.picks
    assert sum(told.article.place is Place.LEAD for told in layout.stories) == bool(layout.stories)
    assert layout.with_sections(layout.sections.values()) == layout
    assert {pick.article_id for pick in picked(choice, Place.QUOTE)} <= {told.id for told in (*layout.stories, *layout.beside)}


def comments_of(pick: Pick) -> set[int]:
    own = {pick.id} if pick.kind is C else set()
    return own | ({pick.reply_id} if pick.reply_id is not None else set())


def test_a_runner_up_is_pinned_and_the_lowest_makes_room() -> None:
    before = chosen(week())
    out = next(number for number in range(1, 15) if number not in article_ids(before))
    after = reworked(week(), Pin(item=A, id=out))
    assert out in article_ids(after)
    assert len(article_ids(after)) == 9
    lowest = min((pick for pick in picked(before, Place.LEAD, Place.SECTION)), key=lambda pick: pick.score)
    assert set(article_ids(before)) - set(article_ids(after)) == {lowest.id}
    pinned = next(pick for pick in after.picks if (pick.kind, pick.id) == (A, out))
    assert (pinned.kept, pinned.note) == (True, "pinned by Ana")
    assert quotes(after)[out] in (out, 100 + out)
    assert next(pick for pick in picked(after, Place.RESERVE) if pick.kind is A).id == lowest.id


def test_what_falls_then_is_replaced_by_what_made_room() -> None:
    out = next(number for number in range(1, 15) if number not in article_ids(chosen(week())))
    lead = article_ids(chosen(week()))[0]
    pinned = reworked(week(), Pin(item=A, id=out))
    room = next(pick.id for pick in picked(pinned, Place.RESERVE) if pick.kind is A)
    assert room in article_ids(reworked(week(), Pin(item=A, id=out), Drop(item=A, id=lead)))


def test_a_name_with_a_comma_is_one_name() -> None:
    (first, *_) = article_ids(chosen(week()))
    after = reworked(week(), Pin(item=A, id=first), who="Ana, pinned, still being discussed")
    assert note(after, first) == "pinned by Ana  pinned  still being discussed"


def test_more_pins_than_there_is_room_for_all_come_in_beside_the_lead() -> None:
    after = reworked(week(), *(Pin(item=A, id=number) for number in range(1, 13)))
    assert article_ids(after)[0] == article_ids(chosen(week()))[0] == 14
    assert sorted(article_ids(after)) == [*range(1, 13), 14]


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        ({"state": ArticleState.WITHDRAWN}, "withdrawn at its source"),
        ({"tags": ("sponsored",)}, "a sponsored article"),
        ({"text": "This post is password protected."}, "protected by a password"),
        ({"hours": -1}, "dated after the cut-off"),
        ({"source": "elsewhere"}, "from the source “elsewhere”, which this newsletter does not use"),
    ],
)
def test_what_may_not_be_shown_never_comes_in(given_: dict[str, object], why: str) -> None:
    letter = newsletter(sources=["site"])
    hours = given_.pop("hours", 24)
    assert isinstance(hours, int)
    bad = replace(article(20, hours=hours), **given_)  # type: ignore[arg-type]
    snapshot = replace(week(), articles=(*week().articles, bad))
    for change in (Pin(item=A, id=20), Lead(article=20), Swap(out=14, into=20)):
        after = rework(chosen(snapshot, letter), changes(change), snapshot, letter, personal=False)
        assert 20 not in {pick.article_id for pick in after.picks}
        what = "brings nothing in" if isinstance(change, Swap) else "has no effect"
        assert f"Change 1, by Ana, {what}: the article 20 may not be shown ({why}" in after.notes[-1]
    gone = reworked(week(), Pin(item=A, id=999))
    assert gone.notes[-1] == "Change 1, by Ana, has no effect: the article 999 may not be shown (it is not there, or not any more)."


@pytest.mark.parametrize("given_", [{"section": "Adverts"}, {"tags": ("fish",)}, {"hours": 0.1}, {"hours": 24 * 60}])
def test_what_only_the_rules_keep_out_comes_in_if_an_editor_wants_it(given_: dict[str, object]) -> None:
    letter = newsletter(exclude_sections=["Adverts"], exclude_tags=["fish"])
    hours = given_.pop("hours", 24)
    assert isinstance(hours, int | float)
    snapshot = replace(week(), articles=(*week().articles, replace(article(20, hours=hours), **given_)))  # type: ignore[arg-type]
    assert 20 not in article_ids(chosen(snapshot, letter))
    assert 20 in article_ids(rework(chosen(snapshot, letter), changes(Pin(item=A, id=20)), snapshot, letter, personal=False))


def test_what_is_dropped_is_nowhere_and_a_reserve_steps_in() -> None:
    before = chosen(week())
    lead, second, *_ = article_ids(before)
    reserve = next(pick.id for pick in picked(before, Place.RESERVE) if pick.kind is A)
    after = reworked(week(), Drop(item=A, id=second))
    assert second not in {pick.article_id for pick in after.picks}
    assert reserve in article_ids(after)
    assert article_ids(after)[0] == lead
    assert why_not(after, A, second) == "dropped by Ana"
    assert f"The article {second} was dropped by Ana; {reserve} stepped in from the reserve." in after.notes


def test_where_the_lead_is_dropped_the_best_of_the_others_leads() -> None:
    before = chosen(week())
    lead = article_ids(before)[0]
    after = reworked(week(), Drop(item=A, id=lead))
    best = max((pick for pick in picked(before, Place.SECTION) if pick.kind is A), key=lambda pick: pick.score)
    assert article_ids(after)[0] == best.id
    assert len(article_ids(after)) == len(article_ids(before))


def test_taking_back_a_drop_is_as_if_it_had_never_been() -> None:
    second = article_ids(chosen(week()))[1]
    assert article_ids(reworked(week(), Drop(item=A, id=second), Back(item=A, id=second))) == article_ids(chosen(week()))
    pinned = reworked(week(), Drop(item=A, id=second), Pin(item=A, id=second))
    assert article_ids(pinned) == article_ids(chosen(week()))


def test_another_article_leads_and_the_old_lead_is_first_of_its_section() -> None:
    before = chosen(week())
    lead, *rest = article_ids(before)
    after = reworked(week(), Lead(article=rest[-1]))
    assert article_ids(after)[0] == rest[-1]
    assert sorted(article_ids(after)) == sorted(article_ids(before))
    section = next(pick.section for pick in before.picks if pick.id == lead)
    assert next(pick.id for pick in picked(after, Place.SECTION) if pick.section == section) == lead
    assert next(pick for pick in after.picks if pick.place is Place.LEAD).first
    twice = reworked(week(), Lead(article=rest[-1]), Lead(article=rest[0]))
    assert [pick.id for pick in twice.picks if pick.first] == [rest[0]]


def test_a_runner_up_that_leads_comes_in() -> None:
    out = next(number for number in range(1, 15) if number not in article_ids(chosen(week())))
    after = reworked(week(), Lead(article=out))
    assert article_ids(after)[0] == out
    assert len(article_ids(after)) == 9


def test_articles_are_moved_within_their_section() -> None:
    before = chosen(week())
    harbour = [pick.id for pick in picked(before, Place.SECTION) if pick.section == "Harbour"]
    first = reworked(week(), Move(article=harbour[-1], after=0))
    assert [pick.id for pick in picked(first, Place.SECTION) if pick.section == "Harbour"] == [harbour[-1], *harbour[:-1]]
    second = reworked(week(), Move(article=harbour[0], after=harbour[1]))
    assert [pick.id for pick in picked(second, Place.SECTION) if pick.section == "Harbour"][:2] == [harbour[1], harbour[0]]
    assert note(second, harbour[0]) == "moved by Ana"
    town = next(pick.id for pick in picked(before, Place.SECTION) if pick.section == "Town")
    other = reworked(week(), Move(article=harbour[0], after=town))
    assert article_ids(other) == article_ids(before)
    assert other.notes[-1] == f"Change 1, by Ana, has no effect: the article {town} is not below the lead in the same section."


def test_sections_are_moved() -> None:
    sections = list(dict.fromkeys(pick.section for pick in picked(chosen(week()), Place.SECTION)))
    for after in (
        reworked(week(), MoveSection(section=sections[1].upper(), after="")),
        reworked(week(), MoveSection(section=sections[0], after=sections[1])),
    ):
        assert list(dict.fromkeys(pick.section for pick in picked(after, Place.SECTION))) == sections[::-1]
    vain = reworked(week(), MoveSection(section="Nowhere", after=""))
    assert vain.notes[-1] == "Change 1, by Ana, has no effect: there is no section “Nowhere”."


def test_a_swap_keeps_the_place() -> None:
    before = chosen(week())
    lead, second, *_ = article_ids(before)
    out = next(number for number in range(1, 15) if number not in article_ids(before))
    swapped = reworked(week(), Swap(out=lead, into=out))
    assert article_ids(swapped)[0] == out
    assert lead not in {pick.article_id for pick in swapped.picks}
    assert why_not(swapped, A, lead) == f"swapped for the article {out} by Ana"
    assert article_ids(reworked(week(), Swap(out=lead, into=out), Swap(out=out, into=lead))) == article_ids(before)
    both = reworked(week(), Swap(out=lead, into=second))
    assert (lead in article_ids(both), second in article_ids(both), len(article_ids(both))) == (False, True, 9)
    none = reworked(week(), Swap(out=out, into=lead), Swap(out=999, into=out))
    assert none.notes[-1] == f"Change 2, by Ana, brings nothing in: the article {out} finds no place, for the article 999 was not in."


def test_another_comment_is_quoted_or_none() -> None:
    before = chosen(week())
    lead = article_ids(before)[0]
    old = quotes(before)[lead]
    other = 100 + lead if old == lead else lead
    after = reworked(week(), Quote(article=lead, comment=other))
    assert quotes(after)[lead] == other
    assert sum(other in comments_of(pick) for pick in after.picks) == 1
    none = reworked(week(), Quote(article=lead, comment=0))
    assert lead not in quotes(none)
    assert why_not(none, C, old) == "left out by Ana"
    foreign = reworked(week(), Quote(article=lead, comment=article_ids(before)[1]))
    assert "does not stand under the article" in foreign.notes[-1]


def test_the_staffs_answer_comes_along() -> None:
    lead = article_ids(chosen(week()))[0]
    answer = comment(500, lead, parent_id=100 + lead, role=Role.STAFF, text="We measured it again, and you are right: it is nine planks, not ten.")
    snapshot = replace(week(), comments=(*week().comments, answer))
    after = reworked(snapshot, Quote(article=lead, comment=100 + lead))
    assert next(pick.reply_id for pick in after.picks if pick.id == 100 + lead) == 500


def test_a_dropped_comment_is_quoted_nowhere() -> None:
    before = chosen(week())
    lead = article_ids(before)[0]
    old = quotes(before)[lead]
    after = reworked(week(), Drop(item=C, id=old))
    assert old not in {number for pick in after.picks for number in comments_of(pick)}
    assert why_not(after, C, old) == "dropped by Ana"


def test_a_comment_is_pinned_among_the_top_comments() -> None:
    before = chosen(week())
    lead = article_ids(before)[0]
    under = quotes(before)[lead]
    after = reworked(week(), Pin(item=C, id=under))
    assert [pick.kept for pick in picked(after, Place.TOP) if pick.id == under] == [True]
    assert quotes(after).get(lead) != under
    full = newsletter(limits={"top_comments": 1})
    both = rework(chosen(week(), full), changes(Pin(item=C, id=under), Pin(item=C, id=101)), week(), full, personal=False)
    assert [pick.id for pick in picked(both, Place.TOP)] == [under, 101]
    without = newsletter(blocks=["lead", "sections"])
    vain = rework(chosen(week(), without), changes(Pin(item=C, id=under)), week(), without, personal=False)
    assert vain.notes[-1] == "Change 1, by Ana, has no effect: this newsletter has no block of top comments."


def test_a_held_comment_is_never_quoted() -> None:
    lead = article_ids(chosen(week()))[0]
    held = comment(500, lead, state=CommentState.HELD)
    snapshot = replace(week(), comments=(*week().comments, held))
    for change in (Quote(article=lead, comment=500), Pin(item=C, id=500)):
        assert "the comment 500 may not be shown" in reworked(snapshot, change).notes[-1]


def test_words_are_noted_on_what_they_are_of() -> None:
    before = chosen(week())
    lead = article_ids(before)[0]
    after = reworked(week(), Excerpt(article=lead, text="Ours."), Subject(text="Ours"))
    assert note(after, lead) == "reworded by Ana"
    assert replace(after, picks=before.picks) == before
    bare = newsletter(blocks=["lead"])
    for change in (Introduction(markdown="Hello."), Sponsored(sponsor=None)):
        vain = rework(chosen(week(), bare), changes(change), week(), bare, personal=False)
        assert "this newsletter has no block for" in vain.notes[-1]
    assert "the article 1 is not in" in reworked(week(), Excerpt(article=1, text="Ours.")).notes[-1]


def test_for_readers_of_their_own_choice_what_makes_room_is_next_in_the_ranking() -> None:
    letter, snapshot = newsletter(), week(30)
    demand = Demand(sections=frozenset({"town"}), muted=True)
    before = choose(snapshot, letter, window_start=START, cutoff=CUTOFF, site_host=SITE, demand=demand)
    out = next(number for number in range(1, 31) if number not in {pick.id for pick in before.picks if pick.kind is A})
    after = rework(before, changes(Pin(item=A, id=out)), snapshot, letter, personal=True)
    (room,) = set(article_ids(before)) - set(article_ids(after))
    assert picked(after, Place.NEXT)[0].id == room

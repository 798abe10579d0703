"""An edition as it stands: live, then fixed, then out; and what editors change of it, from the press of a button to the mail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine, select

from digest.accounts import log
from digest.content.store import remove_comments, save_articles, save_comments, withdraw_articles
from digest.content.tables import ArticleRow
from digest.delivery.memory import MemoryTransport
from digest.editions import store
from digest.editions.change_store import ChangedMeanwhile
from digest.editions.changes import (
    Change,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    Pin,
    Preheader,
    Quote,
    Sponsored,
    Subject,
    Swap,
    Undo,
)
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import Choice, EditionState, Kind, Place
from digest.errors import WrongState
from digest.newsletter import Sponsor
from digest.personal import SAMPLE
from digest.preview import preview_message
from digest.publish import Published, publish
from digest.refresh import refresh
from digest.settings import Settings
from digest.working import Working, change, fix, renew, working
from tests.test_deliver import KEYS, SLOT, article, comment, fill, hand_over, settings_for

HOUR = timedelta(hours=1)
BEFORE = SLOT - 12 * HOUR
A, C = Kind.ARTICLE, Kind.COMMENT


class Newsroom:
    """A weekly with fourteen articles and two readers, of which an edition is made."""

    def __init__(self, engine: Engine, database_url: str, **newsletter: Any) -> None:
        self.engine = engine
        self.settings: Settings = settings_for(database_url, **newsletter)
        self.letter = self.settings.newsletter("weekly")
        fill(engine, articles=14, readers=2)

    def now(self) -> Working:
        with self.engine.begin() as connection:
            return working(connection, self.settings, self.letter, SLOT, BEFORE)

    def change(self, made: Change, who: str = "Ana", seen: int | None = None) -> Working:
        seen = self.now().changes.revision if seen is None else seen
        return change(self.engine, self.settings, self.letter, SLOT, made, who=who, now=BEFORE, seen=seen)

    def fix(self) -> Working:
        return fix(self.engine, self.settings, self.letter, SLOT, now=BEFORE)

    def publish(self, **more: Any) -> Published:
        return publish(self.engine, self.settings, self.letter, SLOT, now=SLOT, **more)

    def preview(self) -> EmailMessage:
        return parsed(preview_message(self.engine, self.settings, self.letter, SLOT, SAMPLE, keys=KEYS).envelope.data)

    def mails(self) -> list[bytes]:
        transport = MemoryTransport()
        hand_over(self.engine, self.settings, transport)
        return [envelope.data for envelope in transport.sent]

    def keys(self, *ids: int) -> list[str]:
        with self.engine.begin() as connection:
            rows = {row.id: row.key for row in connection.execute(select(ArticleRow.id, ArticleRow.key))}
        return [rows[number] for number in ids]

    def withdraw(self, *ids: int) -> None:
        keys = self.keys(*ids)
        with self.engine.begin() as connection:
            assert withdraw_articles(connection, "site", keys) == len(ids)


@pytest.fixture
def room(engine: Engine, database_url: str) -> Newsroom:
    return Newsroom(engine, database_url)


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str = "html") -> str:
    found = message.get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content.replace("\r\n", "\n")


def stories(choice: Choice) -> list[int]:
    return [pick.id for pick in choice.picks if pick.place in (Place.LEAD, Place.SECTION)]


def out(work: Working) -> int:
    """A runner-up that is not even in reserve."""
    return next(one.id for one in work.automatic.passed_over if one.kind is A)


def test_a_slot_without_a_row_is_live_and_makes_none(room: Newsroom) -> None:
    found = room.now()
    assert (found.stored, found.live, found.changes.all) == (None, True, ())
    assert found.automatic == found.chosen.choice
    with room.engine.begin() as connection:
        assert connection.scalars(select(EditionRow.id)).all() == []


def test_a_change_makes_a_live_draft_and_a_line_in_the_log(room: Newsroom) -> None:
    dropped = stories(room.now().automatic)[1]
    found = room.change(Drop(item=A, id=dropped))
    assert found.stored is not None
    assert (found.stored.state, found.stored.chosen_at, found.live) == (EditionState.DRAFT, None, True)
    assert dropped in stories(found.automatic) and dropped not in stories(found.chosen.choice)
    with room.engine.begin() as connection:
        (line,) = log.of_edition(connection, found.stored.id)
    assert (line.who, line.what, line.newsletter, line.at) == ("Ana", "change", "weekly", BEFORE)
    assert line.detail == {"number": 1, "change": {"do": "drop", "item": "article", "id": dropped}}


def test_undoing_is_logged_as_such_and_all_is_as_before(room: Newsroom) -> None:
    before = room.now().chosen.choice
    room.change(Lead(article=stories(before)[2]))
    found = room.change(Undo(number=1))
    assert found.chosen.choice == before
    assert found.stored is not None
    with room.engine.begin() as connection:
        assert [line.what for line in log.of_edition(connection, found.stored.id)] == ["undo", "change"]


def test_a_live_draft_follows_the_store_with_the_changes_on_top(room: Newsroom) -> None:
    second = stories(room.now().automatic)[1]
    room.change(Pin(item=A, id=second))
    room.change(Subject(text="Ours"))
    fresh = replace(article(50), published_at=SLOT - 20 * HOUR, votes=900, views=90_000)
    with room.engine.begin() as connection:
        save_articles(connection, "site", [fresh], now=BEFORE, first=False)
        number = connection.scalars(select(ArticleRow.id).where(ArticleRow.key == "a50")).one()
    found = room.now()
    assert number in stories(found.chosen.choice)
    assert second in stories(found.chosen.choice)
    assert room.preview()["Subject"] == "Ours"


def test_the_published_edition_is_the_previewed_one_byte_for_byte(room: Newsroom) -> None:
    first = room.now()
    lead, second, third, *_ = stories(first.automatic)
    made: tuple[Change, ...] = (
        Lead(article=third),
        Drop(item=A, id=second),
        Pin(item=A, id=out(first)),
        Quote(article=lead, comment=0),
        Subject(text="What we found in the archive"),
        Preheader(text="And what the archive found in us."),
        Introduction(markdown="Dear *all*,\n\nsee [the archive](https://lamp.example/archive?a=1&b=2).\n\n- one\n- two"),
        Excerpt(article=third, text="In our own words."),
        Sponsored(sponsor=Sponsor(title="Rope & Sons", text="By the yard.", url="https://rope.example/")),
    )
    for one in made:
        room.change(one)
    seen = preview_message(room.engine, room.settings, room.letter, SLOT, SAMPLE, keys=KEYS)
    assert not seen.published
    published = room.publish()
    assert (published.edition.state, published.queued) == (EditionState.SENDING, 2)
    again = preview_message(room.engine, room.settings, room.letter, SLOT, SAMPLE, keys=KEYS)
    assert again.published and again.envelope.data == seen.envelope.data
    message = parsed(seen.envelope.data)
    page = part(message)
    assert message["Subject"] == "What we found in the archive"
    for words in (
        "And what the archive found in us.",
        "<em>all</em>",
        "https://lamp.example/archive?a=1&amp;b=2",
        "In our own words.",
        "Rope &amp; Sons",
    ):
        assert words in page
    text = part(message, "plain")
    assert "see the archive (https://lamp.example/archive?a=1&b=2)." in text
    assert "- one\n- two\n" in text
    mails = [parsed(data) for data in room.mails()]
    assert len(mails) == 2
    assert all(mail["Subject"] == message["Subject"] and "In our own words." in part(mail) for mail in mails)


def test_the_same_store_and_changes_give_the_same_bytes(room: Newsroom) -> None:
    room.change(Lead(article=stories(room.now().automatic)[3]))
    room.change(Introduction(markdown="*Once*."))
    assert room.preview().as_bytes() == room.preview().as_bytes()


def test_a_fixed_draft_does_not_take_in_what_comes_later(room: Newsroom) -> None:
    room.change(Subject(text="Ours"))
    fixed = room.fix()
    assert fixed.stored is not None
    assert (fixed.live, fixed.stored.chosen_at, fixed.stored.state) == (False, BEFORE, EditionState.DRAFT)
    before = room.preview().as_bytes()
    fresh = replace(article(50), published_at=SLOT - 20 * HOUR, votes=900, views=90_000)
    with room.engine.begin() as connection:
        save_articles(connection, "site", [fresh], now=BEFORE, first=False)
        save_comments(connection, "site", [replace(comment(50), votes_up=99)], now=BEFORE)
    assert room.now().automatic == fixed.automatic
    assert room.preview().as_bytes() == before
    assert room.fix().stored == fixed.stored


def test_fixing_keeps_what_was_seen_live(room: Newsroom) -> None:
    live = room.change(Pin(item=A, id=out(room.now())))
    fixed = room.fix()
    assert fixed.automatic == live.automatic
    assert fixed.chosen.choice == live.chosen.choice


def test_what_is_removed_falls_out_of_a_fixed_draft_and_a_reserve_steps_in(room: Newsroom) -> None:
    fixed = room.fix()
    lead, second, *_ = stories(fixed.chosen.choice)
    reserve = next(pick.id for pick in fixed.automatic.picks if pick.place is Place.RESERVE and pick.kind is A)
    room.change(Pin(item=A, id=second))
    room.withdraw(lead, second)
    found = room.now()
    assert {lead, second}.isdisjoint({pick.article_id for pick in found.chosen.choice.picks})
    assert reserve in stories(found.chosen.choice)
    assert f"Change 1, by Ana, has no effect: the article {second} may not be shown" in found.chosen.choice.notes[-1]
    assert room.publish().edition.state is EditionState.SENDING
    assert found.chosen.choice.picks == room.now().chosen.choice.picks


def test_a_comment_removed_at_its_source_is_not_quoted_though_an_editor_chose_it(room: Newsroom) -> None:
    lead = stories(room.now().automatic)[0]
    key = room.keys(lead)[0]
    with room.engine.begin() as connection:
        save_comments(connection, "site", [replace(comment(60), article_key=key)], now=BEFORE)
    theirs = next(one.id for one in room.now().chosen.gathered.snapshot.comments if one.key == "c60")
    found = room.change(Quote(article=lead, comment=theirs))
    assert [pick.id for pick in found.chosen.choice.picks if (pick.place, pick.article_id) == (Place.QUOTE, lead)] == [theirs]
    room.fix()
    with room.engine.begin() as connection:
        remove_comments(connection, "site", ["c60"])
    found = room.now()
    assert theirs not in {pick.id for pick in found.chosen.choice.picks if pick.kind is C}
    room.publish()
    assert "house 60" not in part(parsed(room.mails()[0]))


def test_what_is_removed_on_the_way_leaves_the_editors_words(room: Newsroom) -> None:
    room.change(Subject(text="Ours, whatever falls"))
    room.change(Introduction(markdown="We *said* so."))
    edition = room.publish().edition
    lead = stories(room.now().chosen.choice)[0]
    room.withdraw(lead)
    assert refresh(room.engine, room.settings, room.letter, edition, now=SLOT)
    mail = parsed(room.mails()[0])
    assert mail["Subject"] == "Ours, whatever falls"
    assert "<em>said</em>" in part(mail)


def test_an_article_of_long_ago_is_brought_in(room: Newsroom) -> None:
    old = replace(article(70), published_at=SLOT - timedelta(days=300), title="The flood of last winter")
    with room.engine.begin() as connection:
        save_articles(connection, "site", [old], now=SLOT - timedelta(days=299), first=True)
        save_comments(connection, "site", [replace(comment(70), posted_at=SLOT - timedelta(days=299))], now=SLOT - timedelta(days=298))
        number = connection.scalars(select(ArticleRow.id).where(ArticleRow.key == "a70")).one()
    before = room.now().automatic
    found = room.change(Pin(item=A, id=number))
    assert number in stories(found.chosen.choice)
    assert found.automatic == before
    assert "The flood of last winter" in part(room.preview())
    assert room.fix().chosen.choice == found.chosen.choice
    room.publish()
    assert "The flood of last winter" in part(parsed(room.mails()[0]))


def test_what_was_dropped_had_its_turn(room: Newsroom) -> None:
    dropped = stories(room.now().automatic)[0]
    room.change(Drop(item=A, id=dropped))
    edition = room.publish().edition
    with room.engine.begin() as connection:
        places = select(EditionItem.place).where(EditionItem.edition_id == edition.id, EditionItem.kind == A, EditionItem.item_id == dropped)
        assert connection.scalars(places).all() == [None]
    later = SLOT + timedelta(days=7)
    with room.engine.begin() as connection:
        found = working(connection, room.settings, room.letter, later, later)
    assert dropped not in stories(found.automatic)


def test_a_held_edition_is_not_published_and_a_released_one_is(room: Newsroom) -> None:
    stored = room.fix().stored
    assert stored is not None
    with room.engine.begin() as connection:
        assert store.change_state(connection, stored.id, was=EditionState.DRAFT, becomes=EditionState.HELD, now=BEFORE)
    assert (room.publish().edition.state, room.publish().queued) == (EditionState.HELD, None)
    with room.engine.begin() as connection:
        assert store.change_state(connection, stored.id, was=EditionState.HELD, becomes=EditionState.DRAFT, now=BEFORE)
    assert room.publish().queued == 2


def test_what_waits_for_an_approval_is_published_only_with_one(engine: Engine, database_url: str) -> None:
    room = Newsroom(engine, database_url, review="approve")
    stored = room.fix().stored
    assert stored is not None
    assert room.publish().queued is None
    with engine.begin() as connection:
        assert store.change_state(connection, stored.id, was=EditionState.DRAFT, becomes=EditionState.APPROVED, now=BEFORE)
    room.change(Subject(text="Changed after all"))
    assert room.now().stored is not None and room.publish().queued is None
    with engine.begin() as connection:
        assert store.change_state(connection, stored.id, was=EditionState.DRAFT, becomes=EditionState.APPROVED, now=BEFORE)
    assert room.publish().queued == 2


def test_what_is_out_is_not_changed_fixed_or_renewed(room: Newsroom) -> None:
    room.publish()
    with pytest.raises(WrongState, match="it is sending"):
        room.change(Subject(text="Too late"))
    with pytest.raises(WrongState, match="it is sending"):
        room.fix()
    with pytest.raises(WrongState, match="nothing to take in anew: the edition is sending"):
        renew(room.engine, room.settings, room.letter, SLOT, who="Ana", now=SLOT)
    assert not room.now().live


def meanwhile(act: Callable[[], object]) -> Callable[[Any, Any], int]:
    done: list[bool] = []

    def ask(articles: object, comments: object) -> int:
        if not done:
            done.append(True)
            act()
        return 0

    return ask


def test_a_change_made_while_it_is_published_is_in_it(room: Newsroom) -> None:
    room.change(Subject(text="First"))
    assert room.publish(recheck=meanwhile(lambda: room.change(Subject(text="Second")))).edition.subject == "Second"


def test_the_first_change_made_while_it_is_published_is_in_it(room: Newsroom) -> None:
    published = room.publish(recheck=meanwhile(lambda: room.change(Subject(text="Only"))))
    assert (published.edition.subject, published.queued) == ("Only", 2)


def test_two_editors_and_a_publisher_at_once_lose_no_word(room: Newsroom) -> None:
    def press(who: str) -> str:
        try:
            return room.change(Subject(text=who), who=who, seen=0).changes.all[-1].who
        except (ChangedMeanwhile, WrongState) as error:
            return type(error).__name__

    with ThreadPoolExecutor(3) as pool:
        said = [pool.submit(press, who) for who in ("Ana", "Ben")]
        published = pool.submit(room.publish)
        words = [one.result() for one in said]
        edition = published.result().edition
    taken = [who for who in words if who in ("Ana", "Ben")]
    assert edition.subject in (taken or [edition.subject])
    assert {"Ana", "Ben"}.isdisjoint({edition.subject}) or taken == [edition.subject]


def test_renewing_takes_in_what_is_new_and_keeps_the_changes(room: Newsroom) -> None:
    room.fix()
    room.change(Subject(text="Ours"))
    fresh = replace(article(50), published_at=SLOT - 2 * HOUR, votes=900, views=90_000)
    with room.engine.begin() as connection:
        save_articles(connection, "site", [fresh], now=SLOT - 1.5 * HOUR, first=False)
        number = connection.scalars(select(ArticleRow.id).where(ArticleRow.key == "a50")).one()
    found = renew(room.engine, room.settings, room.letter, SLOT, who="Ana", now=SLOT - HOUR)
    assert number in found.chosen.choice.considered
    assert found.stored is not None
    assert (found.stored.chosen_at, found.stored.cutoff, found.live) == (SLOT - HOUR, SLOT - HOUR, False)
    assert found.changes.revision == 1
    with room.engine.begin() as connection:
        assert [line.what for line in log.of_edition(connection, found.stored.id)] == ["renew", "change"]
    assert room.publish().edition.subject == "Ours"


def test_a_live_draft_is_not_renewed(room: Newsroom) -> None:
    with pytest.raises(WrongState, match="nothing to take in anew: the edition is not made yet"):
        renew(room.engine, room.settings, room.letter, SLOT, who="Ana", now=BEFORE)
    room.change(Subject(text="Ours"))
    with pytest.raises(WrongState, match="follows the store anyway"):
        renew(room.engine, room.settings, room.letter, SLOT, who="Ana", now=BEFORE)


def test_too_little_to_say_is_skipped_and_can_be_sent_all_the_same(engine: Engine, database_url: str) -> None:
    room = Newsroom(engine, database_url, limits={"min_new": 20})
    room.change(Subject(text="Ours"))
    skipped = room.publish()
    assert (skipped.edition.state, skipped.edition.chosen_at) == (EditionState.SKIPPED, None)
    sent = room.publish(allow_few=True)
    assert (sent.edition.state, sent.edition.subject) == (EditionState.SENDING, "Ours")


def test_an_item_that_another_edition_had_meanwhile_leaves_a_fixed_draft(room: Newsroom) -> None:
    fixed = room.fix()
    other = SLOT - HOUR
    publish(room.engine, room.settings, room.letter, other, now=other)
    assert stories(fixed.chosen.choice)
    assert set(stories(room.now().chosen.choice)).isdisjoint(stories(fixed.chosen.choice))


def test_moves_and_swaps_are_in_the_mail_in_that_order(room: Newsroom) -> None:
    first = room.now()
    lead = stories(first.automatic)[0]
    sections: dict[str, list[int]] = {}
    for pick in first.automatic.picks:
        if pick.place is Place.SECTION:
            sections.setdefault(pick.section, []).append(pick.id)
    ids = next(ids for ids in sections.values() if len(ids) > 1)
    room.change(Move(article=ids[-1], after=0))
    found = room.change(Swap(out=lead, into=out(first)))
    titles = {one.id: one.title for one in found.chosen.gathered.snapshot.articles}
    page = part(room.preview())
    places = [page.index(f">{titles[number]}<") for number in stories(found.chosen.choice)]
    assert places == sorted(places)
    assert titles[lead] not in page

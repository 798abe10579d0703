"""What is removed while a personal edition goes out leaves every plan that is not sent yet, and what comes next steps in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, select

from digest.content.store import remove_comments, save_comments, withdraw_articles
from digest.content.tables import ArticleRow, CommentRow
from digest.delivery.memory import MemoryTransport
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState, Envelope, Outcome, OutcomeKind
from digest.editions import store
from digest.editions.plan import plan
from digest.editions.pool import Plan
from digest.editions.pool_record import from_bytes
from digest.editions.values import EditionState
from subscribers.wish import Wish
from tests.test_deliver import SLOT, THINGS, Clock, comment, fill, hand_over, publish_at, settings_for
from tests.test_personal_edition import HOUR, articles, follow, part, reader

LIMITS = {"articles": 4, "min_new": 1, "filler": 0, "reserves": 2}
SEA, TOWN, BOTH = (Wish(sections=frozenset(names)) for names in ({"Sea"}, {"Town"}, {"Sea", "Town"}))
QUIET = Wish(muted_sections=frozenset({"Town"}))
WISHES = (SEA, SEA, TOWN, TOWN, BOTH, BOTH, QUIET, QUIET, Wish(), Wish())
PUT_OFF = {reader(number) for number in range(1, 10, 2)}


def plans(engine: Engine, edition_id: int) -> Mapping[Wish, Plan | None]:
    with engine.begin() as connection:
        pool = from_bytes(store.load_bytes(connection, edition_id).pool)
    return {wish: plan(pool, wish) for wish in set(WISHES)}


def half(envelope: Envelope) -> Outcome:
    """Every second reader's server has no time at first."""
    later = envelope.recipient in PUT_OFF
    return Outcome(kind=OutcomeKind.DEFERRED, code=450) if later else Outcome(kind=OutcomeKind.ACCEPTED, code=250)


def test_mails_not_yet_sent_lack_what_fell_and_the_next_of_each_plan_steps_in(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits=LIMITS)
    fill(engine, articles=30, readers=len(WISHES))
    words = [" ".join(f"{thing}{number}" for thing in THINGS) for number in range(30)]
    said = [replace(comment(number), body=f"<p>I kept a {words[number]}, because it was not about money.</p>") for number in range(30)]
    with engine.begin() as connection:
        save_comments(connection, "site", said, now=SLOT - 6 * HOUR)
    follow(engine, *WISHES)
    edition = publish_at(engine, settings).edition
    before, first = plans(engine, edition.id), MemoryTransport(half)
    hand_over(engine, settings, first)
    assert {mail.recipient for mail in first.sent} == {reader(number) for number in range(0, 10, 2)}
    quiet, plain = before[QUIET], before[Wish()]
    assert quiet and plain and quiet.lead
    with engine.begin() as connection:
        picks: Any = store.load_choice(connection, edition.id)["picks"]
        quoted = next(pick["id"] for pick in picks if pick["place"] == "quote" and pick["article_id"] in {*plain.ranked} - {quiet.lead})
        numbers = {row.id: int(row.key[1:]) for row in connection.execute(select(ArticleRow.id, ArticleRow.key))}
        assert withdraw_articles(connection, "site", [f"a{numbers[quiet.lead]}"]) == 1
        word = connection.execute(select(CommentRow.key, CommentRow.author_name).where(CommentRow.id == quoted)).one()
        assert remove_comments(connection, "site", [word.key]) == 1
    second = MemoryTransport()
    stand = hand_over(engine, settings, second, Clock(SLOT + HOUR))
    assert stand.edition.state is EditionState.SENT
    assert {mail.recipient for mail in second.sent} == PUT_OFF
    after = plans(engine, edition.id)
    for number, wish in enumerate(WISHES):
        if number % 2:
            check(next(mail for mail in second.sent if mail.recipient == reader(number)), after[wish], numbers, word.author_name)
    for wish in WISHES:
        old, new = before[wish], after[wish]
        assert old and new and len(new.ranked) == len(old.ranked) == 4
        assert set(old.ranked) - {quiet.lead} <= set(new.ranked)
    assert quiet.lead not in {number for own in after.values() if own for number in own.ranked}
    with engine.begin() as connection:
        notes = str(store.load_choice(connection, edition.id)["notes"])
    assert f"article {quiet.lead}" in notes and "fell before the send" in notes
    assert f"comment {quoted} fell" in notes


def check(mail: Envelope, own: Plan | None, numbers: Mapping[int, int], silent: str) -> None:
    assert own is not None
    page = part(mail.data, "html")
    assert {numbers[number] for number in own.ranked} <= articles(mail.data)
    assert silent not in page + part(mail.data, "plain")
    told = Counter({number: page.count(f"In house {number} somebody") for number in numbers.values()})
    assert +told == Counter(numbers[number] for number in own.ranked)


def test_whose_only_article_fell_gets_no_mail_and_all_others_theirs(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits=LIMITS)
    fill(engine, articles=3, readers=len(WISHES))
    follow(engine, *WISHES)
    edition = publish_at(engine, settings).edition
    with engine.begin() as connection:
        assert withdraw_articles(connection, "site", ["a2"]) == 1  # all there is of the sea
    transport = MemoryTransport()
    stand = hand_over(engine, settings, transport)
    assert {mail.recipient for mail in transport.sent} == {reader(number) for number in range(2, 10)}
    assert (stand.edition.state, stand.tally.accepted, stand.tally.skipped) == (EditionState.SENT, 8, 2)
    assert all("In house 2 somebody" not in part(mail.data, "html") for mail in transport.sent)
    with engine.begin() as connection:
        skipped = select(DeliveryRow.text).where(DeliveryRow.edition_id == edition.id, DeliveryRow.state == DeliveryState.SKIPPED)
        assert set(connection.scalars(skipped)) == {"what it held for them was removed at its source before it was sent"}
        notes = store.load_choice(connection, edition.id)["notes"]
    assert "fell before the send" in str(notes)

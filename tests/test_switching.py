"""Who changes the cadence gets nothing twice and misses nothing: stories of one reader, published by the real parts but for drawing the mails."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from digest.content.store import save_articles
from digest.content.tables import ArticleRow
from digest.content.values import FoundArticle
from digest.delivery import queue
from digest.delivery.tables import DeliveryRow
from digest.due import due_slots
from digest.editions import store
from digest.editions.ledger import LedgerItem, had, write_ledger
from digest.editions.values import EditionState, Kind, Place
from digest.merge import merge
from digest.newsletter import Newsletter
from digest.prepare import choose_from, gather_for
from digest.readership import readership
from digest.settings import Settings, parse
from digest.switching import on_choice, on_pause
from subscribers import choices
from subscribers.address import parse_address
from subscribers.change import Choice
from subscribers.consent import Person, Proof, add, unsubscribe
from subscribers.tables import Subscriber, Subscription, SubscriptionState
from subscribers.wish import Served

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 11, 2, 7, tzinfo=UTC)
KEYS = ["a-key"]
PROOF = Proof(how="test")
DAILY: dict[str, Any] = {"schedule": "0 7 * * *"}
EVERY: dict[str, Any] = {"every_article": True, "schedule": "0 1/6 * * *"}  # not every ten minutes: a slot costs a look at the store
MONTHLY: dict[str, Any] = {"schedule": "0 7 1 * *"}


def paper(**letter: Any) -> Settings:
    said = {"title": "Weekly", "from_address": "post@lamp.example", "limits": {"min_new": 1}, "cadences": {"daily": DAILY, "every article": EVERY}}
    return parse({"newsletters": {"weekly": {**said, **letter}}}, folder=Path())


@dataclass
class Town:
    """A paper with an article every five hours and a quarter, and Ann, who changes her mind. `got`: her articles, edition by edition."""

    engine: Engine
    settings: Settings = field(default_factory=paper)
    now: datetime = MONDAY
    got: list[tuple[str, datetime, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        moments = [MONDAY - 8 * DAY + number * timedelta(hours=5, minutes=15) for number in range(140)]
        found = [FoundArticle(key=f"{moment:%m%dT%H%M}", title=f"Lamp {moment:%j%H}", url=f"https://lamp.example/{moment:%j%H}", published_at=moment,
                              body=f"<p>It was seen at {moment:%j%H}.</p>") for moment in moments]  # fmt: skip
        with self.engine.begin() as connection:
            save_articles(connection, "site", found, now=moments[0], first=True)
            self.ann = self.subscribe(connection, "ann@example.com")

    def subscribe(self, connection: Connection, address: str) -> str:
        person = Person(address=parse_address(address))
        state = SubscriptionState.CONFIRMED
        return add(connection, person, newsletter="weekly", state=state, proof=PROOF, keys=KEYS, now=self.now - HOUR).subscription

    @property
    def letter(self) -> Newsletter:
        return self.settings.newsletter("weekly")

    def until(self, moment: datetime) -> None:
        """Lets time pass; what falls due goes out."""
        slots = sorted({slot for letter in self.letter.in_every_cadence() for slot in letter.slots(self.now, moment)})
        for slot in slots:
            self.due(slot)
        self.now = moment

    def due(self, now: datetime) -> None:
        for letter, slot in due_slots(self.engine, self.settings, now):
            with self.engine.begin() as connection:
                self._publish(connection, letter, slot)

    def _publish(self, connection: Connection, letter: Newsletter, slot: datetime) -> None:
        chosen = choose_from(gathered := gather_for(connection, letter, slot), site="")
        if not chosen.choice.enough:
            return
        made: dict[str, Any] = {"window_start": gathered.window.start, "cutoff": slot, "state": EditionState.SENDING, "now": slot}
        edition_id = store.claim_slot(connection, newsletter="weekly", cadence=letter.cadence, slot=slot, **made)
        assert edition_id is not None
        places = {pick.id: pick.place for pick in chosen.choice.picks}
        lines = [LedgerItem(kind=Kind.ARTICLE, item_id=one, place=places.get(one)) for one in sorted(chosen.choice.considered)]
        write_ledger(connection, edition_id, [line for line in lines if line.place is not Place.RESERVE])
        queue.enqueue(connection, edition_id, readership(letter, slot), slot)
        mine = select(DeliveryRow.id).join(Subscription).where(Subscription.public_id == self.ann, DeliveryRow.edition_id == edition_id)
        if connection.scalar(mine) is None:
            return
        articles = set(chosen.choice.considered)
        if stood := Served.parse(self.served(connection)):
            oldest = slot - timedelta(days=letter.articles.maximum_age_days)
            theirs = had(connection, "weekly", letter.cadence, slot, stood, oldest=oldest)
            articles = (articles | theirs.missed) - theirs.articles
        connection.execute(update(Subscription).where(Subscription.public_id == self.ann).values(served=""))
        keys = sorted(connection.scalars(select(ArticleRow.key).where(ArticleRow.id.in_(articles))))
        self.got.append((letter.cadence, slot, keys))

    def served(self, connection: Connection) -> str:
        return connection.scalars(select(Subscription.served).where(Subscription.public_id == self.ann)).one()

    def choose(self, cadence: str) -> str:
        with self.engine.begin() as connection:
            served = on_choice(connection, self.letter, self.ann, cadence, self.now)
            assert choices.choose(connection, self.ann, Choice(cadence=cadence), now=self.now, served=served)
            return self.served(connection)

    def pause(self, until: datetime) -> None:
        with self.engine.begin() as connection:
            served = on_pause(connection, self.letter, self.ann, until, self.now)
            assert choices.pause(connection, self.ann, until=until, now=self.now, served=served)

    def keys(self, start: datetime, end: datetime) -> list[str]:
        """The articles published in between, but for the newest half hour."""
        grace = timedelta(minutes=30)
        with self.engine.begin() as connection:
            theirs = ArticleRow.published_at >= start, ArticleRow.published_at <= end - grace
            return sorted(connection.scalars(select(ArticleRow.key).where(*theirs)))

    @property
    def times(self) -> Counter[str]:
        return Counter(key for _, _, keys in self.got for key in keys)

    def all_of(self, start: datetime, end: datetime) -> None:
        """Ann got what was published then, each article once."""
        assert sorted(self.times.elements()) == self.keys(start, end)


@pytest.fixture
def town(engine: Engine) -> Iterator[Town]:
    town = Town(engine)
    town.due(MONDAY)
    yield town


def test_who_stays_gets_each_article_once(town: Town) -> None:
    town.until(MONDAY + WEEK)
    assert [(cadence, slot) for cadence, slot, _ in town.got] == [("weekly", MONDAY), ("weekly", MONDAY + WEEK)]
    town.all_of(MONDAY - WEEK, MONDAY + WEEK)


def test_from_weekly_to_daily(town: Town) -> None:
    town.until(MONDAY + 2 * DAY + 5 * HOUR)
    assert town.choose("daily") == f"weekly {MONDAY:%Y%m%dT%H%MZ}"
    town.until(MONDAY + WEEK)
    assert {cadence for cadence, slot, _ in town.got if slot > MONDAY} == {"daily"}
    assert len(town.got[1][2]) > len(town.got[2][2])  # what went by in the daily, in the first she got
    town.all_of(MONDAY - WEEK, MONDAY + WEEK)


def test_from_daily_to_weekly(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + 2 * DAY + 5 * HOUR)
    assert town.choose("weekly") == f"daily {MONDAY + 2 * DAY:%Y%m%dT%H%MZ}"
    town.until(MONDAY + 2 * WEEK)
    assert [cadence for cadence, _, _ in town.got] == ["weekly", "daily", "daily", "weekly", "weekly"]
    town.all_of(MONDAY - WEEK, MONDAY + 2 * WEEK)


def test_there_and_back_before_anything_came(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + DAY + 5 * HOUR)
    stood = town.choose("weekly")
    town.until(MONDAY + 3 * DAY + HOUR)
    assert town.choose("daily") == stood
    town.until(MONDAY + 5 * DAY)
    assert [slot for _, slot, _ in town.got[2:]] == [MONDAY + 4 * DAY, MONDAY + 5 * DAY]
    town.all_of(MONDAY - WEEK, MONDAY + 5 * DAY)


def test_through_all_cadences(town: Town) -> None:
    for day, cadence in enumerate(("daily", "every article", "weekly", "every article", "daily", "weekly", "every article", "daily")):
        town.until(MONDAY + day * DAY + 5 * HOUR)
        town.choose(cadence)
    town.until(MONDAY + 9 * DAY)
    town.all_of(MONDAY - WEEK, MONDAY + 9 * DAY)


def test_cadences_at_the_same_slot_all_go_out_and_each_reader_is_in_one(town: Town) -> None:
    with town.engine.begin() as connection:
        bob = town.subscribe(connection, "bob@example.com")
    town.choose("daily")
    town.until(MONDAY + WEEK)
    with town.engine.begin() as connection:
        query = select(Subscription.public_id, DeliveryRow.edition_id).join(DeliveryRow, DeliveryRow.subscription_id == Subscription.id)
        editions = {edition.id: edition.cadence for edition in store.of_slot(connection, "weekly", MONDAY + WEEK)}
        rows = [(reader, editions[number]) for reader, number in connection.execute(query) if number in editions]
    assert sorted(editions.values()) == ["daily", "every article", "weekly"]
    assert sorted(rows) == sorted([(town.ann, "daily"), (bob, "weekly")])


def test_who_never_got_anything_owes_and_is_owed_nothing(engine: Engine) -> None:
    town = Town(engine)
    assert town.choose("daily") == ""
    town.due(MONDAY)
    town.until(MONDAY + DAY)
    town.all_of(MONDAY - DAY, MONDAY + DAY)


def test_what_goes_by_in_a_pause_before_the_change_is_not_owed(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + DAY + HOUR)
    town.pause(MONDAY + 3 * DAY + HOUR)
    town.until(MONDAY + 3 * DAY + 5 * HOUR)
    town.choose("weekly")
    town.until(MONDAY + WEEK)
    assert max(town.times.values()) == 1
    assert town.got[-1][2] == town.keys(MONDAY + 3 * DAY - timedelta(minutes=30), MONDAY + WEEK)


def test_who_comes_back_from_a_pause_gets_the_next_edition_and_one_mail(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + DAY + HOUR)
    town.pause(MONDAY + 10 * DAY + HOUR)
    town.until(MONDAY + 11 * DAY)
    assert [slot for _, slot, _ in town.got[1:]] == [MONDAY + DAY, MONDAY + 11 * DAY]
    assert town.got[-1][2] == town.keys(MONDAY + 10 * DAY - timedelta(minutes=30), MONDAY + 11 * DAY)


@pytest.mark.parametrize("early", [False, True])
def test_a_pause_after_the_change_brings_no_backlog(town: Town, early: bool) -> None:
    town.until(MONDAY + 2 * DAY + HOUR)
    town.choose("daily")
    town.pause(MONDAY + 16 * DAY + HOUR)
    town.until(MONDAY + 9 * DAY + HOUR)
    if early:
        town.pause(town.now)
    back = MONDAY + (9 if early else 16) * DAY
    town.until(back + DAY)
    assert [slot for _, slot, _ in town.got] == [MONDAY, back + DAY]
    assert max(town.times.values()) == 1
    assert town.got[-1][2] == town.keys(back - timedelta(minutes=30), back + DAY)


@pytest.mark.parametrize("early", [False, True])
def test_a_pause_in_which_nothing_goes_by_takes_nothing(town: Town, early: bool) -> None:
    town.until(MONDAY + 2 * DAY + HOUR)
    town.choose("daily")
    town.pause(MONDAY + 2 * DAY + (20 * DAY if early else 5 * HOUR))
    town.now += 2 * HOUR
    if early:
        town.pause(town.now)
    town.until(MONDAY + 4 * DAY)
    town.all_of(MONDAY - WEEK, MONDAY + 4 * DAY)


def test_a_pause_that_is_on_when_the_cadence_changes_brings_no_backlog(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + DAY + HOUR)
    town.pause(MONDAY + 16 * DAY + HOUR)
    town.choose("weekly")
    town.until(MONDAY + 3 * WEEK)
    assert [(cadence, slot) for cadence, slot, _ in town.got[2:]] == [("weekly", MONDAY + 3 * WEEK)]
    assert town.got[-1][2] == town.keys(MONDAY + 2 * WEEK - timedelta(minutes=30), MONDAY + 3 * WEEK)


def test_who_left_and_comes_back_begins_anew(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + DAY + HOUR)
    town.choose("weekly")
    with town.engine.begin() as connection:
        assert unsubscribe(connection, town.ann, how="test", now=town.now)
        subscriber = choices.load(connection, connection.scalars(select(Subscriber.public_id)).one())
        assert subscriber is not None
        assert choices.join(connection, subscriber.subscriber, "weekly", proof=PROOF, now=town.now + DAY)
        assert town.served(connection) == ""


def test_another_default_that_is_new_begins_where_its_readers_stood(town: Town) -> None:
    """Nobody chose anything; digest.toml changes under them."""
    town.until(MONDAY + 2 * DAY + HOUR)
    town.settings = paper(cadence="weekdays", schedule="0 8 * * 1-5", cadences={"weekly": {"schedule": "0 7 * * 1"}})
    town.until(MONDAY + WEEK + 2 * HOUR)
    assert {cadence for cadence, slot, _ in town.got if slot > MONDAY} == {"weekdays"}
    town.all_of(MONDAY - WEEK, MONDAY + WEEK + HOUR)


def test_a_cadence_that_is_gone_leaves_its_readers_to_the_default(town: Town) -> None:
    town.choose("daily")
    town.until(MONDAY + 2 * DAY + HOUR)
    town.settings = paper(cadences={})
    town.until(MONDAY + WEEK)
    # A change that nobody made: the weekly brings again what the daily had, and nothing is lost.
    assert town.got[-1] == ("weekly", MONDAY + WEEK, town.keys(MONDAY - timedelta(minutes=30), MONDAY + WEEK))


def test_every_article_loses_none_and_leaves_no_trace_of_a_silent_night(engine: Engine) -> None:
    town = Town(engine, settings=paper(cadence="every article", every_article=True, cadences={}))
    town.due(MONDAY)
    town.until(MONDAY + 12 * HOUR)
    assert [len(keys) for _, _, keys in town.got] == [1, 1]
    town.all_of(MONDAY, MONDAY + 12 * HOUR)
    with engine.begin() as connection:
        assert len(store.latest(connection, limit=1000)) == len(town.got)


def test_articles_within_ten_minutes_share_a_mail(engine: Engine) -> None:
    town = Town(engine, settings=paper(cadence="every article", every_article=True, cadences={}))
    early = MONDAY + timedelta(minutes=41)
    found = [FoundArticle(key=f"x{number}", title=f"Two {'lions' if number else 'hats'}", url=f"https://lamp.example/x{number}",
                          published_at=early + timedelta(minutes=number)) for number in range(2)]  # fmt: skip
    with engine.begin() as connection:
        save_articles(connection, "site", found, now=early, first=True)
    town.due(MONDAY)
    town.until(MONDAY + HOUR + timedelta(minutes=30))
    assert [keys for _, _, keys in town.got if "x0" in keys] == [["x0", "x1"]]


def test_too_few_articles_wait_for_more(engine: Engine) -> None:
    waits = {"every_article": True, "schedule": "0 * * * *", "limits": {"min_new": 2}}
    town = Town(engine, settings=paper(cadence="every article", cadences={}, **waits))
    town.due(MONDAY)
    town.until(MONDAY + DAY)
    assert [len(keys) for _, _, keys in town.got] == [2, 2]
    assert sorted(town.times) == town.keys(MONDAY, MONDAY + DAY)[:4]
    assert max(town.times.values()) == 1


def test_a_cadence_that_is_new_sends_for_no_slot_that_is_long_past(town: Town) -> None:
    town.until(MONDAY + 2 * DAY + HOUR)
    town.settings = paper(cadences={"daily": DAILY, "monthly": MONTHLY})
    assert due_slots(town.engine, town.settings, town.now) == []
    [due] = due_slots(town.engine, town.settings, datetime(2026, 12, 1, 7, 5, tzinfo=UTC))[2:]
    assert (due[0].cadence, due[1]) == ("monthly", datetime(2026, 12, 1, 7, tzinfo=UTC))


def test_of_two_addresses_of_one_person_the_later_editions_count_as_had(town: Town) -> None:
    with town.engine.begin() as connection:
        bob = town.subscribe(connection, "bob@example.com")
    town.choose("daily")
    town.until(MONDAY + 2 * DAY + HOUR)
    merge(town.engine, parse_address("ann@example.com"), parse_address("bob@example.com"), keys=KEYS, now=town.now, shut=False)
    with town.engine.begin() as connection:
        served = connection.scalars(select(Subscription.served).where(Subscription.public_id == bob)).one()
    assert served == f"daily {MONDAY + 2 * DAY:%Y%m%dT%H%MZ}"

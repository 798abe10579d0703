"""Each reader's own edition, from publishing to hand-over: what they follow, in their language, at their hour; what is previewed is what is sent."""

import email
import email.policy
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, select, update

from digest.content.store import withdraw_articles
from digest.content.tables import ArticleRow
from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.delivery.tables import DeliveryRow, PlanRow
from digest.delivery.values import Claimed, DeliveryState, Envelope
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import NothingNew
from digest.local_time import FIRST
from digest.personal import addressed
from digest.preview import preview_message
from digest.publish import Published, publish
from digest.refresh import refresh
from digest.settings import Settings
from digest.stand import edition_stands
from digest.steer import cancel, pause, resume
from digest.viewing import mail_page
from subscribers.people import find_reader
from subscribers.tables import Subscriber, Subscription
from subscribers.wish import Served, Wish
from tests.test_deliver import KEYS, SLOT, Clock, fill, hand_over, room_for, settings_for

SEA, SKY = Wish(sections=frozenset({"Sea"})), Wish(sections=frozenset({"Sky"}))
HOUR = timedelta(hours=1)
LOCAL_SLOT = datetime.combine(date(2026, 11, 23), time(7), ZoneInfo(FIRST)).astimezone(UTC)
ZONES = ("Pacific/Kiritimati", "Asia/Tokyo", "Europe/Berlin", "", "America/Los_Angeles")
OWN = {"limits": {"filler": 0}}


def reader(number: int) -> str:
    return f"reader{number}@example.com"


def set_reader(connection: Connection, number: int, **values: object) -> None:
    theirs = select(Subscriber.id).where(Subscriber.address == reader(number)).scalar_subquery()
    person = {name: value for name, value in values.items() if name in ("language", "time_zone", "name")}
    if person:
        connection.execute(update(Subscriber).where(Subscriber.address == reader(number)).values(**person))
    if rest := {name: value for name, value in values.items() if name not in person}:
        connection.execute(update(Subscription).where(Subscription.subscriber_id == theirs).values(**rest))


def follow(engine: Engine, *wishes: Wish) -> None:
    with engine.begin() as connection:
        for number, wish in enumerate(wishes):
            sets = {name: getattr(wish, name) for name in ("sections", "authors", "muted_sections", "muted_authors", "served")}
            set_reader(connection, number, **sets)


def live(engine: Engine, *zones: str, hours: dict[int, int] | None = None) -> None:
    with engine.begin() as connection:
        for number, zone in enumerate(zones):
            set_reader(connection, number, time_zone=zone, hour=(hours or {}).get(number))


def publish_now(engine: Engine, settings: Settings, slot: datetime = SLOT) -> Published:
    return publish(engine, settings, settings.newsletter("weekly"), slot, now=slot, allow_few=True)


def sent(engine: Engine, settings: Settings, clock: Clock | None = None) -> dict[str, Envelope]:
    transport = MemoryTransport()
    deliver(room_for(engine, settings, transport, clock or Clock()))
    assert len({envelope.recipient for envelope in transport.sent}) == len(transport.sent)
    return {envelope.recipient: envelope for envelope in transport.sent}


def known(engine: Engine, number: int) -> Claimed:
    with engine.begin() as connection:
        found = find_reader(connection, "weekly", reader(number))
    assert found is not None
    return addressed(found)


def previewed(engine: Engine, settings: Settings, number: int, slot: datetime = SLOT) -> bytes:
    return preview_message(engine, settings, settings.newsletter("weekly"), slot, known(engine, number), keys=KEYS).envelope.data


def part(mail: bytes, kind: str) -> str:
    found = email.message_from_bytes(mail, policy=email.policy.default).get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content


def header(mail: bytes, name: str) -> str:
    return str(email.message_from_bytes(mail, policy=email.policy.default)[name])


def articles(mail: bytes) -> set[int]:
    """Their numbers, by their addresses."""
    return {int(number) for number in re.findall(r"https://lamp\.example/(\d+)", part(mail, "html"))}


def test_each_gets_what_they_follow_and_sees_before_what_they_get(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=14, readers=4)
    follow(engine, SEA, Wish(), Wish(muted_sections=frozenset({"Sea"})), Wish(sections=frozenset({"Town", "sea"})))
    before = [previewed(engine, settings, number) for number in range(4)]
    assert publish_now(engine, settings).queued == 4
    after = [previewed(engine, settings, number) for number in range(4)]
    mails = sent(engine, settings)
    assert before == after == [mails[reader(number)].data for number in range(4)]
    shown = [articles(mail) for mail in after]
    assert shown[0] and all(number % 3 == 2 for number in shown[0])
    assert {number % 3 for number in shown[1]} == {0, 1, 2}
    assert shown[2] and all(number % 3 != 2 for number in shown[2])
    assert shown[3] and {number % 3 for number in shown[3]} == {1, 2}
    assert len({header(mail, "Subject") for mail in after}) > 1


def test_for_whom_there_is_nothing_new_gets_no_mail_and_is_counted(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=9, readers=3)
    follow(engine, SEA, SKY, SKY)
    published = publish_now(engine, settings)
    assert published.queued == 1
    with pytest.raises(NothingNew, match="nothing new"):
        previewed(engine, settings, 1)
    assert sent(engine, settings).keys() == {reader(0)}
    with engine.begin() as connection:
        (stand,) = edition_stands(connection, [store.get(connection, published.edition.id)], 0.0, SLOT)
    assert (stand.edition.state, stand.tally.accepted, stand.nothing_new) == (EditionState.SENT, 1, 2)
    assert stand.as_json()["deliveries"]["nothing_new"] == 2  # type: ignore[index]


def test_an_edition_with_nothing_for_anybody_is_sent_to_nobody(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=9, readers=2)
    follow(engine, SKY, SKY)
    assert publish_now(engine, settings).queued == 0
    stand = hand_over(engine, settings, MemoryTransport())
    assert (stand.edition.state, stand.tally.total) == (EditionState.SENT, 0)


def test_where_nobody_wants_anything_of_their_own_nothing_is_kept_for_it(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=2)
    edition = publish_now(engine, settings).edition.id
    with engine.begin() as connection:
        stored = store.load_bytes(connection, edition)
        assert (stored.pool, stored.frames) == (b"", {})
        assert connection.scalars(select(DeliveryRow.plan_id)).all() == [None, None]
        assert connection.scalars(select(PlanRow.id)).all() == []


def test_the_frame_is_in_the_reader_s_language_as_far_as_it_was_drawn(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=9, readers=5)
    with engine.begin() as connection:
        for number, language in enumerate(("de-AT", "ar", "tlh", "en-GB", "")):
            set_reader(connection, number, language=language)
    follow(engine, SEA)
    edition = publish_now(engine, settings).edition.id
    with engine.begin() as connection:
        assert store.load_bytes(connection, edition).frames.keys() == {"ar", "de"}
        set_reader(connection, 4, language="fr")  # since: it was not drawn in French
    delivered = sent(engine, settings)
    mails = {number: delivered[reader(number)].data for number in range(5)}
    assert [previewed(engine, settings, number) for number in range(5)] == [mails[number] for number in range(5)]
    ways = [re.findall(r'<html lang="(\w+)"[^>]* dir="(\w+)"', part(mails[number], "html")) for number in range(5)]
    assert ways == [[("de", "ltr")], [("ar", "rtl")], [("en", "ltr")], [("en", "ltr")], [("en", "ltr")]]
    assert articles(mails[0]) < articles(mails[1]) == articles(mails[4])
    assert "abbestellen" in part(mails[0], "plain").lower()


def test_a_hundred_plans_in_three_languages_cost_three_runs_of_the_inliner(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import premailer

    runs: list[object] = []
    inliner = premailer.Premailer.transform

    def transform(self: object) -> object:
        runs.append(self)
        return inliner(self)

    monkeypatch.setattr(premailer.Premailer, "transform", transform)
    settings = settings_for(database_url)
    fill(engine, articles=9, readers=100)
    follow(engine, *(Wish(sections=frozenset({"Sea", f"Section {number}"})) for number in range(100)))
    with engine.begin() as connection:
        for number in range(100):
            set_reader(connection, number, language=("", "de", "fr")[number % 3])
    publish_now(engine, settings)
    assert len(sent(engine, settings)) == 100
    assert len(runs) == 3


def test_each_gets_it_at_seven_where_they_are_and_nobody_waits_for_the_others(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, local_time=True, time_zone="Europe/London")
    fill(engine, readers=5)
    live(engine, *ZONES, hours={2: 20})
    clock = Clock(LOCAL_SLOT)
    edition = publish_now(engine, settings, LOCAL_SLOT).edition
    with engine.begin() as connection:
        (stand,) = edition_stands(connection, [edition], 1.0, LOCAL_SLOT)
    assert stand.progress is not None
    assert stand.progress.seconds_left == 26 * 3600  # the last is in Berlin, who wants it in the evening
    arrived: dict[str, datetime] = {}
    for hour in range(27):
        clock.now = LOCAL_SLOT + HOUR * hour
        for address, envelope in sent(engine, settings, clock).items():
            assert address not in arrived
            arrived[address] = clock.now
            assert envelope.data == previewed(engine, settings, int(address[6]), LOCAL_SLOT)
            written = email.utils.parsedate_to_datetime(header(envelope.data, "Date"))
            assert written == clock.now
    there = [arrived[reader(number)].astimezone(ZoneInfo(zone or "Europe/London")) for number, zone in enumerate(ZONES)]
    assert [(moment.day, moment.hour) for moment in there] == [(23, 7), (23, 7), (23, 20), (23, 7), (23, 7)]
    with engine.begin() as connection:
        assert store.get(connection, edition.id).state is EditionState.SENT


@pytest.mark.parametrize(("before", "after"), [(0, 4), (4, 0), (1, 4), (4, 1)])
def test_who_moves_while_it_is_on_its_way_gets_exactly_one(engine: Engine, database_url: str, before: int, after: int) -> None:
    settings = settings_for(database_url, local_time=True)
    fill(engine, readers=1)
    live(engine, ZONES[before])
    publish_now(engine, settings, LOCAL_SLOT)
    live(engine, ZONES[after])
    clock, mails = Clock(LOCAL_SLOT), []
    for hour in range(30):
        clock.now = LOCAL_SLOT + HOUR * hour
        mails += [(clock.now, envelope.data) for envelope in sent(engine, settings, clock).values()]
    ((at, mail),) = mails
    assert email.utils.parsedate_to_datetime(header(mail, "Date")) <= at


def test_an_edition_open_for_a_day_is_paused_resumed_and_cancelled_as_any_other(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, local_time=True)
    fill(engine, readers=5)
    live(engine, *ZONES)
    edition = publish_now(engine, settings, LOCAL_SLOT).edition.id
    clock = Clock(LOCAL_SLOT)
    assert sent(engine, settings, clock).keys() == {reader(0)}
    clock.now += 6 * HOUR
    pause(engine, edition, now=clock.now)
    assert sent(engine, settings, clock) == {}
    resume(engine, edition, now=clock.now)
    assert sent(engine, settings, clock).keys() == {reader(1)}
    steered = cancel(engine, edition, now=clock.now)
    assert (steered.moved, steered.tally.accepted, steered.tally.cancelled) == (3, 2, 3)


def test_nobody_is_woken_however_late_it_is_handed_over(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, quiet_hours="22:00-07:00", schedule="0 12 * * 1", time_zone="Europe/Berlin")
    fill(engine, readers=3)
    live(engine, "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles")
    slot = SLOT + 4 * HOUR  # 12:00, 20:00 and 3:00
    publish_now(engine, settings, slot)
    clock = Clock(slot + 3 * HOUR)  # nobody handed it over before: 15:00, 23:00 and 6:00
    assert sent(engine, settings, clock).keys() == {reader(0)}
    clock.now = slot + 4 * HOUR
    assert sent(engine, settings, clock).keys() == {reader(2)}
    clock.now = datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert sent(engine, settings, clock).keys() == {reader(1)}


def withdrawn(engine: Engine, section: str) -> None:
    with engine.begin() as connection:
        keys = connection.scalars(select(ArticleRow.key).where(ArticleRow.section == section)).all()
        assert withdraw_articles(connection, "site", keys)


def test_what_is_removed_at_its_source_leaves_every_plan_and_who_is_left_with_nothing_gets_none(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=14, readers=4)
    follow(engine, SEA, Wish(), Wish(sections=frozenset({"Sea", "Town"})))
    with engine.begin() as connection:
        set_reader(connection, 2, language="de")
    edition = publish_now(engine, settings).edition
    withdrawn(engine, "Sea")
    mails = sent(engine, settings)
    assert mails.keys() == {reader(1), reader(2), reader(3)}
    assert all(number % 3 != 2 for mail in mails.values() for number in articles(mail.data))
    assert 'lang="de"' in part(mails[reader(2)].data, "html")
    with engine.begin() as connection:
        skipped = connection.execute(select(DeliveryRow.state, DeliveryRow.text).where(DeliveryRow.state == DeliveryState.SKIPPED)).all()
        assert store.get(connection, edition.id).state is EditionState.SENT
    assert [tuple(row) for row in skipped] == [(DeliveryState.SKIPPED, "what it held for them was removed at its source before it was sent")]


def test_a_letter_in_hand_that_holds_nothing_any_more_is_not_handed_over(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=14, readers=30)
    follow(engine, *[SEA] * 29)
    edition = publish_now(engine, settings).edition
    first: list[str] = []

    class Slow(MemoryTransport):
        """While the first message is handed over, all that most follow is removed."""

        def hand_over(self, envelope, following=None):  # type: ignore[no-untyped-def]
            first.append(envelope.recipient)
            if len(first) == 1:
                withdrawn(engine, "Sea")
                assert refresh(engine, settings, settings.newsletter("weekly"), edition, now=SLOT)
            return (yield from super().hand_over(envelope, following))

    small = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"connections": 1, "batch": 5})})
    stand = hand_over(engine, small, Slow())
    assert stand.edition.state is EditionState.SENT
    assert stand.tally.accepted == len(first) == len(set(first))
    assert stand.tally.accepted + stand.tally.skipped == 30
    assert stand.tally.skipped > 20
    assert reader(29) in first


def test_the_page_of_a_mail_shows_the_plan_it_was_sent_with(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=14, readers=2)
    follow(engine, SEA, Wish())
    publish_now(engine, settings)
    mails = sent(engine, settings)
    follow(engine, Wish(sections=frozenset({"Town"})), SEA)
    for number in range(2):
        token = known(engine, number).subscription_token
        page = mail_page(engine, settings, newsletter="weekly", slot=SLOT, subscription=token, keys=KEYS)
        assert page == part(mails[reader(number)].data, "html")


def test_who_came_from_another_cadence_has_arrived_once_they_are_queued(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=9, readers=2)
    came = str(Served(cadence="daily", until=SLOT - timedelta(days=2)))
    follow(engine, Wish(served=came), Wish(sections=SKY.sections, served=came))
    assert publish_now(engine, settings).queued == 1
    with engine.begin() as connection:
        assert connection.scalars(select(Subscription.served).order_by(Subscription.id)).all() == ["", came]


def test_a_plan_too_large_for_a_page_loses_its_last(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits={"articles": 50, "html_bytes": 20_000, "filler": 0})
    fill(engine, articles=60, readers=2)
    follow(engine, SEA, Wish())
    publish_now(engine, settings)
    sizes = {address: len(part(mail.data, "html").encode()) for address, mail in sent(engine, settings).items()}
    assert all(12_000 < size <= 20_500 for size in sizes.values())


def test_the_same_reader_has_the_same_message_id_whatever_they_follow(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=14, readers=1)
    plain = header(previewed(engine, settings, 0), "Message-ID")
    follow(engine, SEA)
    assert header(previewed(engine, settings, 0), "Message-ID") == plain

"""Publishers that meet: on one slot, on two slots of one newsletter, out of order, and beside a sync. An item is in one edition, a slot has one."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from digest.content.store import save_articles, withdraw_articles
from digest.content.values import FoundArticle
from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.delivery.tables import DeliveryRow
from digest.delivery.tally import tally
from digest.due import publish_due
from digest.editions import store
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import EditionState, Kind
from digest.newsletter import Newsletter
from digest.prepare import gather_for
from digest.publish import Published, Recheck, publish
from digest.settings import Settings
from tests.test_deliver import SLOT, article, fill, publish_at, room_for, settings_for

DAY = timedelta(days=1)


def publishing(engine: Engine, settings: Settings, slot: datetime, recheck: Recheck, *, allow_few: bool = False) -> Published:
    return publish(engine, settings, settings.newsletter("weekly"), slot, now=slot, allow_few=allow_few, recheck=recheck)


def meanwhile(act: Callable[[], object]) -> Recheck:
    """`publish` asks this between gathering and storing: then `act` happens, once."""
    done: list[bool] = []

    def ask(articles: Collection[int], comments: Collection[int]) -> int:
        if not done:
            done.append(True)
            act()
        return 0

    return ask


def shown(engine: Engine) -> list[tuple[str, int]]:
    with engine.begin() as connection:
        rows = connection.execute(select(EditionItem.kind, EditionItem.item_id).where(EditionItem.place.is_not(None)))
        return [(row.kind, row.item_id) for row in rows]


def editions(engine: Engine) -> list[EditionState]:
    with engine.begin() as connection:
        return list(connection.scalars(select(EditionRow.state).order_by(EditionRow.slot)))


def test_the_second_of_two_publishers_finds_the_first_one_s_edition(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=12)
    inner: list[Published] = []
    outer = publishing(engine, settings, SLOT, meanwhile(lambda: inner.append(publish_at(engine, settings))))
    assert (inner[0].queued, outer.queued) == (3, None)
    assert outer.edition.id == inner[0].edition.id
    with engine.begin() as connection:
        assert tally(connection, outer.edition.id).total == 3


def begun(engine: Engine, database_url: str) -> Settings:
    """A newsletter that has had one edition, a week before, and twelve new articles since."""
    settings = settings_for(database_url, limits={"min_new": 1, "articles": 4})
    with engine.begin() as connection:
        save_articles(connection, "site", [dated(30, SLOT - 8 * DAY)], now=SLOT - 8 * DAY, first=True)
    publish_at(engine, settings, SLOT - 7 * DAY)
    fill(engine, articles=12)
    return settings


def dated(number: int, moment: datetime) -> FoundArticle:
    return replace(article(number), published_at=moment)


def test_two_slots_published_at_once_share_no_item(engine: Engine, database_url: str) -> None:
    settings = begun(engine, database_url)
    later = SLOT + timedelta(hours=1)
    publishing(engine, settings, SLOT, meanwhile(lambda: publish_at(engine, settings, later)))
    found = shown(engine)
    assert len(found) == len(set(found)) > 1


def test_an_earlier_slot_published_after_a_later_one_repeats_nothing(engine: Engine, database_url: str) -> None:
    settings = begun(engine, database_url)
    publish_at(engine, settings, SLOT + 7 * DAY)
    publish_at(engine, settings, SLOT)
    found = shown(engine)
    assert len(found) == len(set(found)) > 1


def test_threads_that_publish_at_once_make_one_edition(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=12, readers=20)
    together = threading.Barrier(3)

    def ask(articles: Collection[int], comments: Collection[int]) -> int:
        together.wait()
        return 0

    with ThreadPoolExecutor(3) as pool:
        done = [future.result() for future in [pool.submit(publishing, engine, settings, SLOT, ask) for _ in range(3)]]
    assert sorted(one.queued or 0 for one in done) == [0, 0, 20]
    assert editions(engine) == [EditionState.SENDING]
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(DeliveryRow)) == 20


def test_two_who_open_a_skipped_slot_again_queue_once(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits={"min_new": 5})
    fill(engine, articles=2)
    assert publish_at(engine, settings).edition.state is EditionState.SKIPPED
    together = threading.Barrier(2)

    def ask(articles: Collection[int], comments: Collection[int]) -> int:
        together.wait()
        return 0

    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(publishing, engine, settings, SLOT, ask, allow_few=True) for _ in range(2)]
        done = [future.result() for future in work]
    assert sorted(one.queued or 0 for one in done) == [0, 3]
    transport = MemoryTransport()
    (stand,) = deliver(room_for(engine, settings, transport))
    assert (stand.edition.state, len(transport.sent)) == (EditionState.SENT, 3)


def test_a_sync_that_takes_an_article_back_in_the_middle_keeps_it_out_of_the_mails(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=12)

    def sync() -> None:
        with engine.begin() as connection:
            withdraw_articles(connection, "site", ["a3"])

    assert publishing(engine, settings, SLOT, meanwhile(sync)).queued == 3
    transport = MemoryTransport()
    deliver(room_for(engine, settings, transport))
    assert len(transport.sent) == 3
    assert not [mail for mail in transport.sent if b"house 3 and" in mail.data.replace(b"=\r\n", b"")]


def test_a_sync_that_brings_an_article_in_the_middle_loses_none(engine: Engine, database_url: str) -> None:
    """Its clock was read before the slot, its transaction ends after the edition was gathered."""
    settings = settings_for(database_url, limits={"min_new": 1})
    fill(engine, articles=6)

    def sync() -> None:
        with engine.begin() as connection:
            save_articles(connection, "site", [article(20)], now=SLOT - timedelta(seconds=10), first=False)

    publishing(engine, settings, SLOT, meanwhile(sync))
    assert editions(engine) == [EditionState.SENDING]
    assert following(engine, settings) == {"a20"}


def following(engine: Engine, settings: Settings, slot: datetime = SLOT + 7 * DAY) -> set[str]:
    """The keys of the articles that are new to the next edition."""
    with engine.begin() as connection:
        gathered = gather_for(connection, settings.newsletter("weekly"), slot)
    return {one.key for one in gathered.snapshot.articles if one.id not in gathered.snapshot.considered}


def test_an_article_that_was_away_at_its_slot_gets_its_turn_when_it_comes_back(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=8)
    with engine.begin() as connection:
        save_articles(connection, "site", [article(100)], now=SLOT - 4 * DAY, first=True)  # published five days before the slot
        withdraw_articles(connection, "site", ["a100"])
    publish_at(engine, settings)
    with engine.begin() as connection:
        save_articles(connection, "site", [article(number) for number in (0, 1, 100)], now=SLOT + 2 * DAY, first=False)
    assert following(engine, settings) == {"a100"}


def test_an_article_that_was_sent_does_not_come_back_with_a_new_date(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=8)
    publish_at(engine, settings)
    moved = SLOT + 40 * DAY
    with engine.begin() as connection:
        again = [dated(number, moved) for number in range(8)]
        save_articles(connection, "site", again, now=moved, first=False)
    assert following(engine, settings, moved + DAY) == set()


def test_what_comes_after_an_edition_that_was_sent_before_its_slot_gets_its_turn(engine: Engine, database_url: str) -> None:
    settings = begun(engine, database_url)
    early = SLOT + 7 * DAY
    assert publish(engine, settings, settings.newsletter("weekly"), early, now=SLOT).queued
    with engine.begin() as connection:
        save_articles(connection, "site", [dated(50, SLOT + DAY)], now=SLOT + DAY, first=False)
    assert following(engine, settings, early + 7 * DAY) == {"a50"}


def test_a_cancelled_edition_gives_its_items_back(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=8)
    edition = publish_at(engine, settings).edition
    assert following(engine, settings) == set()
    with engine.begin() as connection:
        store.change_state(connection, edition.id, was=EditionState.SENDING, becomes=EditionState.CANCELLED, now=SLOT)
    assert following(engine, settings) == {f"a{number}" for number in range(8)}


@pytest.mark.parametrize("number", [2, 3])
def test_publishing_what_is_due_twice_at_once_for_several_newsletters(engine: Engine, database_url: str, number: int) -> None:
    settings = settings_for(database_url)
    weekly = settings.newsletter("weekly")
    letters = {slug: Newsletter.model_validate({**weekly.model_dump(by_alias=True), "slug": slug}) for slug in ("weekly", "daily", "sea")}
    settings = settings.model_copy(update={"newsletters": letters})
    fill(engine, articles=12)
    together = threading.Barrier(number)

    def work() -> list[int | None]:
        together.wait()
        return [result.queued for _, result in publish_due(engine, settings, now=SLOT, recheck=lambda *ids: 0) if isinstance(result, Published)]

    with ThreadPoolExecutor(number) as pool:
        done = [future.result() for future in [pool.submit(work) for _ in range(number)]]
    queued = [one for ones in done for one in ones if one is not None]
    assert sorted(queued) == [0, 0, 3]
    assert len(editions(engine)) == 3
    with engine.begin() as connection:
        kinds = connection.scalars(select(EditionItem.kind).distinct()).all()
    assert Kind.ARTICLE in kinds

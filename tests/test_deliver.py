"""The use cases on a store of their own: publishing, delivering and taking out again, counted query by query and run by run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2
import premailer
import pytest
from sqlalchemy import Connection, Engine, update

from digest.content.store import remove_comments, save_articles, save_comments, withdraw_articles
from digest.content.values import FoundArticle, FoundComment
from digest.deliver import Delivered, deliver
from digest.delivery import queue, workers
from digest.delivery.memory import MemoryTransport, accept
from digest.delivery.retry import Backoff
from digest.delivery.route import Route
from digest.delivery.settle import settle
from digest.delivery.transport import Transport
from digest.delivery.values import Envelope, Outcome, OutcomeKind, Settled
from digest.delivery.workers import Worker
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import TransportDown
from digest.hand_over.mailroom import Mailroom
from digest.prepare import gather_for
from digest.publish import Published, publish
from digest.refresh import refresh
from digest.settings import Settings, parse
from subscribers.address import parse_address
from subscribers.consent import Person, Proof, add, unsubscribe
from subscribers.people import find_reader
from subscribers.tables import Subscriber, SubscriptionState

SLOT = datetime(2026, 11, 23, 7, tzinfo=UTC)
KEYS = ["a-key"]
THINGS = ("anchor", "barrel", "candle", "drum", "engine", "feather", "goose", "hammer", "island", "jacket", "kettle", "ladder")


def settings_for(database_url: str, **newsletter: object) -> Settings:
    return parse(
        {
            "publication": {"name": "The Lamp", "postal_address": "1 Wick Lane", "url": "https://lamp.example"},
            "pages": {"url": "https://lamp.example/letters", "keys": KEYS[0]},
            "database": {"url": database_url},
            "newsletters": {"weekly": {"title": "Weekly", "from_address": "post@lamp.example", **newsletter}},
        },
        folder=Path(),
    )


def fill(engine: Engine, articles: int = 6, readers: int = 3) -> None:
    """Articles of the week before the slot, each with one comment worth quoting, and confirmed readers."""
    with engine.begin() as connection:
        save_articles(connection, "site", [article(number) for number in range(articles)], now=SLOT - timedelta(days=8), first=True)
        save_comments(connection, "site", [comment(number) for number in range(articles)], now=SLOT - timedelta(days=1))
        for number in range(readers):
            subscribe(connection, f"reader{number}@example.com")


def article(number: int) -> FoundArticle:
    thing = THINGS[number % len(THINGS)]
    return FoundArticle(
        key=f"a{number}",
        title=f"The {thing} of house {number} and what became of its {THINGS[(number * 5 + 3) % len(THINGS)]}",
        url=f"https://lamp.example/{number}",
        section=("News", "Town", "Sea")[number % 3],
        published_at=SLOT - timedelta(hours=10 + number % 150),
        body=f"<p>In house {number} somebody found a {thing}, and nobody who was asked about it gave the same answer twice.</p>",
    )


def comment(number: int) -> FoundComment:
    thing = THINGS[(number * 7 + 1) % len(THINGS)]
    return FoundComment(
        key=f"c{number}",
        article_key=f"a{number}",
        author_name=f"Neighbour {number}",
        body=f"<p>I lived beside house {number} for {number + 4} years because my mother kept a {thing} there, and it was never about the money.</p>",
        posted_at=SLOT - timedelta(hours=8),
        permalink=f"https://lamp.example/{number}#c{number}",
        votes_up=number,
        votes_down=0,
    )


def subscribe(connection: Connection, address: str) -> None:
    person, proof = Person(address=parse_address(address)), Proof(how="test")
    add(connection, person, newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=proof, keys=KEYS, now=SLOT - timedelta(days=30))


def room_for(engine: Engine, settings: Settings, transport: MemoryTransport, clock: Callable[[], datetime] = lambda: SLOT) -> Mailroom:
    return room_with(engine, settings, lambda: transport, clock, idempotent=transport.idempotent)


def room_with(
    engine: Engine,
    settings: Settings,
    opened: Callable[[], Transport],
    clock: Callable[[], datetime] = lambda: SLOT,
    *,
    idempotent: bool = False,
    **more: Any,
) -> Mailroom:
    """With one route, over as many connections as the settings say."""
    route = Route(name="memory", open=opened, idempotent=idempotent, connections=settings.delivery.connections)
    return Mailroom(engine=engine, settings=settings, routes=(route,), keys=KEYS, clock=clock, **more)


def publish_at(engine: Engine, settings: Settings, slot: datetime = SLOT) -> Published:
    return publish(engine, settings, settings.newsletter("weekly"), slot, now=slot)


def hand_over(engine: Engine, settings: Settings, transport: MemoryTransport, clock: Callable[[], datetime] = lambda: SLOT) -> Delivered:
    (stand,) = deliver(room_for(engine, settings, transport, clock))
    return stand


@dataclass
class Clock:
    now: datetime = SLOT

    def __call__(self) -> datetime:
        return self.now


def test_a_thousand_readers_cost_one_run_of_jinja_and_one_of_premailer(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: Counter[str] = Counter()
    jinja, inliner = jinja2.Template.render, premailer.Premailer.transform

    def render(self: jinja2.Template, *values: object, **more: object) -> str:
        runs[str(self.name)] += 1
        return jinja(self, *values, **more)

    def transform(self: object) -> object:
        runs["premailer"] += 1
        return inliner(self)

    monkeypatch.setattr(jinja2.Template, "render", render)
    monkeypatch.setattr(premailer.Premailer, "transform", transform)
    database = tmp_path / "digest.db"
    database.write_bytes(sqlite_template.read_bytes())
    settings = settings_for(f"sqlite:///{database}")
    from digest.database import open_database

    engine = open_database(settings.database.url)
    fill(engine, readers=1_000)
    publish_at(engine, settings)
    transport = MemoryTransport()
    assert hand_over(engine, settings, transport).tally.accepted == 1_000
    engine.dispose()
    assert len({envelope.recipient for envelope in transport.sent}) == len(transport.sent) == 1_000
    assert runs == {"body.html": 1, "body.txt": 1, "premailer": 1}


def test_gathering_asks_the_same_number_of_queries_for_few_and_for_many(engine: Engine, database_url: str, statements: Callable[[], int]) -> None:
    settings = settings_for(database_url)
    counts = []
    for articles in (5, 300):
        fill(engine, articles=articles, readers=1)
        statements()
        with engine.begin() as connection:
            gathered = gather_for(connection, settings.newsletter("weekly"), SLOT)
        counts.append(statements())
    assert len(gathered.snapshot.articles) > 100
    assert counts[0] == counts[1] <= 7


def test_claim_begin_and_settle_ask_the_same_number_of_queries_for_few_and_for_many(
    engine: Engine, database_url: str, statements: Callable[[], int]
) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=120)
    edition = publish_at(engine, settings).edition.id
    counts = []
    for number in (2, 100):
        with engine.begin() as connection:
            workers.enrol(connection, Worker(id=f"{number}", kind="work", host="here", pid=number), now=SLOT, until=SLOT + timedelta(minutes=1))
        statements()
        with engine.begin() as connection:
            batch = queue.claim(connection, edition_id=edition, lease=f"{number}", now=SLOT, limit=number)
            queue.begin(connection, f"{number}", {one.delivery_id: "memory" for one in batch}, SLOT)
            done = [Settled(delivery_id=one.delivery_id, outcome=Outcome(kind=OutcomeKind.ACCEPTED, code=250)) for one in batch]
            settle(connection, f"{number}", done, Backoff(), SLOT)
        assert len(batch) == number
        counts.append(statements())
    assert counts[0] == counts[1] == 4


def test_publishing_twice_queues_once(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    first, second = publish_at(engine, settings), publish_at(engine, settings)
    assert (first.queued, second.queued) == (3, None)
    assert first.edition.id == second.edition.id


def test_an_edition_is_sent_when_its_rows_add_up(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    publish_at(engine, settings)
    with engine.begin() as connection:
        left = find_reader(connection, "weekly", "reader1@example.com")
        assert left is not None
        unsubscribe(connection, left.subscription_token, how="test", now=SLOT)

    def answer(envelope: Envelope) -> Outcome:
        if envelope.recipient.startswith("reader2"):
            return Outcome(kind=OutcomeKind.REFUSED, code=550, text="5.1.1 no such mailbox <reader2@example.com>")
        return accept(envelope)

    stand = hand_over(engine, settings, MemoryTransport(answer))
    assert stand.edition.state is EditionState.SENT
    assert (stand.tally.accepted, stand.tally.refused, stand.tally.skipped, stand.tally.total) == (1, 1, 1, 3)


def test_deferred_mails_wait_and_are_tried_again_in_their_time(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=1)
    publish_at(engine, settings)
    clock, refusals = Clock(), [True]

    def answer(envelope: Envelope) -> Outcome:
        return Outcome(kind=OutcomeKind.DEFERRED, code=450, text="4.2.1 later") if refusals.pop() else accept(envelope)

    transport = MemoryTransport(answer)
    stand = hand_over(engine, settings, transport, clock)
    assert (stand.edition.state, stand.tally.deferred, stand.next_at) == (EditionState.SENDING, 1, SLOT + timedelta(minutes=2))
    assert hand_over(engine, settings, transport, clock).tally.deferred == 1  # too early: not even asked
    clock.now = SLOT + timedelta(minutes=3)
    refusals.append(False)
    stand = hand_over(engine, settings, transport, clock)
    assert (stand.edition.state, stand.tally.accepted) == (EditionState.SENT, 1)


def test_a_reader_who_cannot_be_addressed_does_not_stop_the_others(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    publish_at(engine, settings)
    with engine.begin() as connection:
        wrong = update(Subscriber).where(Subscriber.address == "reader1@example.com")
        connection.execute(wrong.values(address="reader1@example.com\r\nBcc: everybody@example.com"))
    transport = MemoryTransport()
    stand = hand_over(engine, settings, transport)
    assert (stand.tally.accepted, stand.tally.refused) == (2, 1)
    assert not [mail for mail in transport.sent if b"everybody" in mail.data]


def test_a_relay_that_is_down_loses_nothing(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    publish_at(engine, settings)

    def down(envelope: Envelope) -> Outcome:
        raise TransportDown("The relay at relay.example:25 does not answer.")

    stand = hand_over(engine, settings, MemoryTransport(down))
    assert "does not answer" in stand.failure
    assert (stand.tally.queued, stand.tally.unknown, stand.tally.refused) == (3, 0, 0)
    stand = hand_over(engine, settings, MemoryTransport(), lambda: SLOT + timedelta(minutes=5))
    assert (stand.edition.state, stand.tally.accepted) == (EditionState.SENT, 3)


def test_what_was_removed_after_publishing_is_not_in_the_mails_still_to_be_sent(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=12, readers=1)
    published = publish_at(engine, settings)
    before = settings.newsletter("weekly")
    with engine.begin() as connection:
        shown = store.load_choice(connection, published.edition.id)["picks"]
    assert isinstance(shown, list)
    lead = next(pick for pick in shown if pick["place"] == "lead")
    quoted = [pick for pick in shown if pick["place"] == "quote"][-1]
    with engine.begin() as connection:
        lead_key, quote_key = f"a{lead['id'] - 1}", f"c{quoted['id'] - 1}"
        assert withdraw_articles(connection, "site", [lead_key]) == 1
        assert remove_comments(connection, "site", [quote_key]) == 1
        edition = store.get(connection, published.edition.id)
    transport = MemoryTransport()
    assert hand_over(engine, settings, transport).tally.accepted == 1
    (mail,) = transport.sent
    unfolded = mail.data.replace(b"=\r\n", b"")
    number = int(lead_key[1:])
    assert f"house {number} and".encode() not in unfolded
    assert f"Neighbour {quote_key[1:]}".encode() not in unfolded
    assert refresh(engine, settings, before, edition, now=SLOT) is False  # once is enough


def test_an_edition_of_which_everything_was_removed_is_cancelled(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    publish_at(engine, settings)
    with engine.begin() as connection:
        withdraw_articles(connection, "site", [f"a{number}" for number in range(6)])
    transport = MemoryTransport()
    stand = hand_over(engine, settings, transport)
    assert (stand.edition.state, transport.sent) == (EditionState.CANCELLED, [])
    assert "removed at its source" in stand.edition.reason


def test_what_the_sources_took_back_right_before_the_send_is_replaced(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=12)
    asked: list[int] = []

    def recheck(articles: object, comments: object) -> int:
        asked.append(len(asked))
        if len(asked) > 1:
            return 0
        with engine.begin() as connection:
            return withdraw_articles(connection, "site", ["a0"])

    published = publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT, recheck=recheck)
    assert len(asked) == 2
    with engine.begin() as connection:
        shown = store.load_choice(connection, published.edition.id)["picks"]
    assert isinstance(shown, list)
    assert 1 not in [pick["article_id"] for pick in shown]


def test_too_little_leaves_its_window_to_the_next_edition(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits={"min_new": 3})
    fill(engine, articles=2)
    skipped = publish_at(engine, settings)
    assert (skipped.edition.state, skipped.queued) == (EditionState.SKIPPED, None)
    following = SLOT + timedelta(days=7)
    with engine.begin() as connection:
        save_articles(connection, "site", [article(20)], now=SLOT + timedelta(days=1), first=False)
        gathered = gather_for(connection, settings.newsletter("weekly"), following)
    assert {one.key for one in gathered.snapshot.articles} == {"a0", "a1", "a20"}
    assert gathered.window.start == SLOT - timedelta(days=7)


def test_a_newsletter_that_left_the_settings_says_so_and_waits(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine)
    publish_at(engine, settings)
    stand = hand_over(engine, settings.model_copy(update={"newsletters": {}}), MemoryTransport())
    assert "no longer in digest.toml" in stand.failure
    assert stand.tally.queued == 3

"""`digest run`: one process that syncs, publishes at its slots – over both changes of the clock – and delivers until it is told to stop."""

import json
import queue
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine, select

from digest.cli.run import publish_now
from digest.content.store import save_articles
from digest.content.values import FoundArticle
from digest.database import open_database, upgrade
from digest.deliver import deliver
from digest.editions.tables import EditionRow
from digest.hand_over.mailroom import Mailroom
from digest.scheduler import start
from digest.settings import Settings, parse
from digest.wiring import clock, routes
from subscribers.address import parse_address
from subscribers.consent import Person, Proof, add
from subscribers.tables import SubscriptionState
from tests.journeys.paper import READERS, Publication, configure

HALF_PAST_TWO = "30 2 * * *"


def settings_in(folder: Path) -> Settings:
    return parse(
        {
            "publication": {"name": "The Night Post", "postal_address": "1 Dark Lane", "url": "https://night.example", "time_zone": "Europe/Berlin"},
            "pages": {"url": "https://night.example/letters", "keys": "a-key"},
            "sources": {"site": {"kind": "feed", "url": "https://night.example/feed"}},
            "newsletters": {
                "nightly": {
                    "title": "Nightly",
                    "from_address": "post@night.example",
                    "schedule": HALF_PAST_TWO,
                    "limits": {"min_new": 1},
                }
            },
            "database": {"url": f"sqlite:///{folder / 'night.db'}"},
            "delivery": {"folder": str(folder / "outbox"), "connections": 1},
        },
        folder=folder,
    )


def fill(engine: Engine, first: datetime, days: int) -> None:
    """One reader, and an article every six hours."""
    moments = [first + timedelta(hours=6 * number) for number in range(days * 4)]
    articles = [
        FoundArticle(
            key=str(number),
            title=f"What the lamps saw in watch {number} by the {word} gate",
            url=f"https://night.example/{number}",
            published_at=moment,
            body=f"<p>The {word} lamp was lit at {moment:%H:%M}, and {number} moths came to it in good order.</p>",
        )
        for number, (moment, word) in enumerate(zip(moments, words(), strict=False))
    ]
    with engine.begin() as connection:
        save_articles(connection, "site", articles, now=first, first=True)
        person = Person(address=parse_address("owl@example.com"))
        proof = Proof(how="test")
        add(connection, person, newsletter="nightly", state=SubscriptionState.CONFIRMED, proof=proof, keys=["a-key"], now=first)


def words() -> Iterator[str]:
    parts = ("amber", "brass", "copper", "dusty", "elder", "foggy", "green", "hollow", "iron", "jagged", "kind", "leaden")
    for left in parts:
        yield from (f"{left} {right}" for right in parts)


@pytest.mark.parametrize(
    ("evening", "instants", "expected"),
    [
        # Autumn in Berlin: 02:30 comes at 00:30 UTC and again at 01:30 UTC.
        (
            datetime(2026, 10, 24, 20, tzinfo=UTC),
            ["2026-10-25T00:30:01", "2026-10-25T01:30:01", "2026-10-26T01:30:01"],
            ["2026-10-25T00:30", "2026-10-26T01:30"],
        ),
        # Spring: 02:30 never comes; the slot is at 03:00 local time, 01:00 UTC.
        (
            datetime(2026, 3, 28, 20, tzinfo=UTC),
            ["2026-03-29T00:30:01", "2026-03-29T01:00:01", "2026-03-29T01:30:01", "2026-03-30T00:30:01"],
            ["2026-03-29T01:00", "2026-03-30T00:30"],
        ),
    ],
)
def test_over_a_change_of_the_clock_a_slot_makes_one_edition(tmp_path: Path, evening: datetime, instants: list[str], expected: list[str]) -> None:
    settings = settings_in(tmp_path)
    engine = open_database(settings.database.url)
    upgrade(engine)
    fill(engine, evening - timedelta(days=2), 5)
    fired: queue.Queue[datetime] = queue.Queue()

    def publish() -> None:
        publish_now(engine, settings)
        fired.put(clock())

    with time_machine.travel(evening, tick=False) as traveller:
        scheduler = start(settings, publish=publish, sync=lambda: None, now=clock())
        traveller.shift(timedelta(seconds=2))
        scheduler.wakeup()
        fired.get(timeout=20)  # what fell due before the start: the newsletter is new, so nothing
        for instant in instants:
            moment = datetime.fromisoformat(instant).replace(tzinfo=UTC)
            traveller.move_to(moment)
            scheduler.wakeup()
            if f"{moment:%Y-%m-%dT%H:%M}" in expected:
                fired.get(timeout=20)
            deliver(Mailroom(engine=engine, settings=settings, routes=routes(settings), keys=["a-key"], clock=clock))
        scheduler.shutdown(wait=True)
    with engine.begin() as connection:
        editions = connection.execute(select(EditionRow.slot, EditionRow.state).order_by(EditionRow.slot)).all()
    engine.dispose()
    assert fired.empty()
    assert [(f"{slot:%Y-%m-%dT%H:%M}", state.value) for slot, state in editions] == [(slot, "sent") for slot in expected]
    assert len(list((tmp_path / "outbox").iterdir())) == len(expected)


def test_run_syncs_publishes_delivers_and_stops_when_told(publication: Publication) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    seen = zip(("Kite", "Barge", "Whale", "Comet", "Bishop", "Tuba"), ("pier", "mast", "hill", "roof", "shed", "quay"), strict=True)
    items = [
        {
            "id": f"https://thelanternquay.example/{thing}",
            "url": f"https://thelanternquay.example/{thing}",
            "title": f"{thing} seen from the {place}",
            "content_text": f"A {thing.lower()} was seen from the {place} by people who agree on nothing else.",
            "date_published": (hour - timedelta(minutes=40)).isoformat(),
        }
        for thing, place in seen
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Now", "items": items}
    (publication.folder / "now.json").write_text(json.dumps(feed))
    configure(publication, '[sources.now]\nkind = "feed"\nfile = "now.json"')
    text = (publication.folder / "digest.toml").read_text()
    (publication.folder / "digest.toml").write_text(text.replace('schedule = "0 7 * * 1"', 'schedule = "0 * * * *"'))
    publication.run("db", "upgrade")
    publication.run("subscribers", "import", "weekly", "readers.csv")
    process = publication.start("run")
    assert process.stderr is not None
    while "sent, 60 accepted" not in (line := process.stderr.readline()):
        assert line, "the command ended before the edition was sent"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert len(list((publication.folder / "outbox").glob("*.eml"))) == READERS

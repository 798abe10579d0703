"""Real `digest work` processes on one database and one relay that keeps what it takes, and what must hold when an edition has gone out."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select, text, update

from digest.content.store import save_articles, save_comments
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.editions import store
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.publish import publish
from digest.settings import Settings, read
from digest.wiring import clock
from subscribers.tables import Subscriber, Subscription
from subscribers.wish import Wish
from tests.journeys.keeping import DEFERRED, REFUSED, ROOT, Keeper
from tests.test_cluster import until
from tests.test_deliver import article, comment, subscribe

CONNECTIONS = 3
LEASE_SECONDS = 1
READERS = 40
PATIENCE = 120
ARTICLES = 4
LATER = timedelta(seconds=1)
WISHES = (Wish(), *(Wish(sections=frozenset({name})) for name in ("Sea", "Town", "News")), Wish(muted_sections=frozenset({"Sea"})))
LANGUAGES = ("", "de", "ar")
TOML = """
[publication]
name = "The Lamp"
postal_address = "1 Wick Lane"
url = "https://lamp.example"
[pages]
url = "https://lamp.example/letters"
[database]
url = "{url}"
[newsletters.weekly]
title = "Weekly"
from_address = "post@lamp.example"
on_unknown = "{policy}"
[run]
deliver_seconds = 0.1
[delivery]
transport = "smtp"
connections = {connections}
batch = 6
lease_seconds = {lease}
retry_minutes = [0.01]
[delivery.smtp]
host = "{host}"
port = {port}
security = "none"
"""


class Row(NamedTuple):
    recipient: str
    state: DeliveryState


@dataclass(frozen=True)
class Stand:
    """How an edition ended: its rows, and how often the relay kept a message for whom."""

    rows: Sequence[Row]
    kept: Counter[str]
    message_ids: Mapping[str, frozenset[str]]

    @property
    def unknown(self) -> int:
        return sum(row.state is DeliveryState.UNKNOWN for row in self.rows)

    @property
    def doubled(self) -> int:
        return sum(number - 1 for number in self.kept.values())

    @property
    def lost(self) -> int:
        """Accepted, they say, and the relay has none."""
        return sum(row.state is DeliveryState.ACCEPTED and not self.kept[row.recipient] for row in self.rows)


@dataclass
class Fleet:
    """`refused` of the readers are no longer there when they are written to, one is put off at first."""

    folder: Path
    engine: Engine
    keeper: Keeper
    readers: int
    policy: str = "hold"
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    editions: int = 0
    # Mails are due from now on then, and not since a slot that was long ago: whether they wait when a clock is set back hangs on it.
    first: datetime = field(default_factory=lambda: clock().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
    personal: bool = False  # whether its readers chose for themselves
    before: int = 0  # what the relay had kept when the last edition was published

    def settle_in(self, database_url: str, *, lease: int = LEASE_SECONDS, connections: int = CONNECTIONS) -> None:
        values = {"url": database_url, "policy": self.policy, "lease": lease, "connections": connections}
        (self.folder / "digest.toml").write_text(TOML.format(host=self.keeper.host, port=self.keeper.ports[0], **values))
        (self.folder / "digest.key").write_text("a-key-for-tests\n")
        with self.engine.begin() as connection:
            for number in range(self.readers):
                subscribe(connection, f"{ {3: REFUSED, 7: DEFERRED}.get(number, 'reader') }{number}@example.com".replace(" ", ""))

    @property
    def settings(self) -> Settings:
        return read(self.folder / "digest.toml", {})

    @property
    def letter(self) -> Newsletter:
        return self.settings.newsletter("weekly")

    def write(self) -> datetime:
        """New articles for the next slot. Which slot that is."""
        slot = self.first + timedelta(hours=self.editions)
        numbers = range(self.editions * ARTICLES, (self.editions + 1) * ARTICLES)
        articles = [replace(article(number), published_at=slot - timedelta(minutes=30)) for number in numbers]
        comments = [replace(comment(number), posted_at=slot - timedelta(minutes=20)) for number in numbers]
        with self.engine.begin() as connection:
            save_articles(connection, "site", articles, now=slot - timedelta(minutes=25), first=True)
            save_comments(connection, "site", comments, now=slot - timedelta(minutes=15))
        self.editions += 1
        self.before = len(self.keeper.kept())
        return slot

    def publish(self) -> int:
        """The next edition, queued for all readers. Its number."""
        published = publish(self.engine, self.settings, self.letter, self.write(), now=clock())
        assert published.queued == self.readers, published.notes
        if self.personal:
            self._put_off(published.edition.id)
        return published.edition.id

    def choose(self) -> None:
        """Each reader chooses for themself: sections, or what to do without, and a language."""
        self.personal = True
        with self.engine.begin() as connection:
            for number, wish in enumerate(WISHES):
                theirs = Subscription.id % len(WISHES) == number
                connection.execute(update(Subscription).where(theirs).values(sections=wish.sections, muted_sections=wish.muted_sections))
            for number, language in enumerate(LANGUAGES):
                connection.execute(update(Subscriber).where(Subscriber.id % len(LANGUAGES) == number).values(language=language))

    def _put_off(self, edition_id: int) -> None:
        """A third of the readers live where it is morning a little later."""
        later = update(DeliveryRow).where(DeliveryRow.edition_id == edition_id, DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.id % 3 == 0)
        with self.engine.begin() as connection:
            connection.execute(later.values(next_at=clock() + LATER))

    def command(self, *arguments: str, module: Sequence[str] = ("digest",), within: Sequence[str] = (), **more: str) -> "subprocess.Popen[bytes]":
        """The command in a process of its own; what it says goes to a file."""
        command = [*within, sys.executable, "-m", *module, *arguments]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=os.environ | {"PYTHONPATH": str(ROOT)} | more, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def work(self, *, module: Sequence[str] = ("digest",), within: Sequence[str] = (), **more: str) -> "subprocess.Popen[bytes]":
        """A worker that has begun its shift."""
        process = self.command("work", module=module, within=within, **more)
        until(lambda: process.poll() is not None or self.number(f"SELECT count(*) FROM workers WHERE pid = {process.pid} AND ended_at IS NULL"))
        assert process.poll() is None, (self.folder / "log").read_text()
        return process

    @property
    def second_port(self) -> dict[str, str]:
        """For a worker that can be held while the others go on."""
        return {"DIGEST_DELIVERY__SMTP__PORT": str(self.keeper.ports[1])}

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        process.wait()

    def number(self, query: str) -> int:
        with self.engine.begin() as connection:
            return connection.scalar(text(query)) or 0

    def is_sent(self, edition_id: int) -> bool:
        with self.engine.begin() as connection:
            return store.get(connection, edition_id).state is EditionState.SENT

    def until_sent(self, edition_id: int, *, doubts: int, said: str = "") -> Stand:
        """How the edition stands when it is sent: nobody is left out, nothing lost, hidden, or wrongly doubled, and at most so many in doubt."""
        until(lambda: self.is_sent(edition_id), PATIENCE)
        self.keeper.until_quiet()
        if self.policy == "hold":  # a living worker that had no time for a sign of life within its lease still tells what it knows
            until(lambda: self.stand(edition_id).unknown <= doubts)
        stand = self.stand(edition_id)
        self._check(stand, doubts, said)
        return stand

    def stand(self, edition_id: int) -> Stand:
        query = (
            select(Subscriber.address, DeliveryRow.state)
            .join(Subscription, Subscription.id == DeliveryRow.subscription_id)
            .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
            .where(DeliveryRow.edition_id == edition_id)
        )
        with self.engine.begin() as connection:
            rows = [Row(*row) for row in connection.execute(query)]
        kept = self.keeper.kept()[self.before :]
        ids = {recipient: frozenset(one.message_id for one in kept if one.recipient == recipient) for recipient in {one.recipient for one in kept}}
        return Stand(rows=rows, kept=Counter(one.recipient for one in kept), message_ids=ids)

    def _check(self, stand: Stand, doubts: int, said: str) -> None:
        final = {DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.UNKNOWN}
        states = Counter(row.state for row in stand.rows)
        assert len({row.recipient for row in stand.rows}) == len(stand.rows) == self.readers, said
        assert set(states) <= final, (said, states)
        assert stand.lost == 0, said
        assert not [row for row in stand.rows if row.state is DeliveryState.REFUSED and stand.kept[row.recipient]], said
        assert {row.recipient for row in stand.rows if row.state is DeliveryState.REFUSED} <= {"refused3@example.com"}, (said, states)
        assert set(stand.kept) <= {row.recipient for row in stand.rows}, said
        assert all(len(ids) == 1 for ids in stand.message_ids.values()), said
        if self.policy == "hold":
            assert stand.doubled == 0, (said, stand.kept)
            assert stand.unknown <= doubts, (said, states)
        else:
            assert stand.unknown == 0, (said, states)
            assert stand.doubled <= doubts, (said, stand.kept)


@contextmanager
def fleet_on(
    database_url: str, engine: Engine, folder: Path, keeper: Keeper, *, readers: int = 40, policy: str = "hold", **more: int
) -> Iterator[Fleet]:
    fleet = Fleet(folder=folder, engine=engine, keeper=keeper, readers=readers, policy=policy)
    fleet.settle_in(database_url, **more)
    try:
        yield fleet
    finally:
        for process in fleet.processes:
            if process.poll() is None:
                fleet.kill(process)

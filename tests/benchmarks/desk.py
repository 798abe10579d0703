"""The editors' desk over a large store: how long each page takes when it is asked for first, and again. Smaller, for a look:

python -m tests.benchmarks.desk EDITIONS ARTICLES READERS
"""

import http.client
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, Engine, insert, text

from digest.content.tables import ArticleRow, AuthorRow, CommentRow
from digest.content.values import Role
from digest.desk.app import application
from digest.desk.door.entrance import open_entrance
from digest.desk.edition_now import asking_now
from digest.desk.studio import Studio
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import EditionState, Kind, Place
from digest.listen import Listen
from digest.web.serve import serving
from tests.benchmarks import choosing
from tests.benchmarks.edition import NOW, ready, store
from tests.benchmarks.measure import Measured, seconds
from tests.benchmarks.personal import choose

EDITIONS, ARTICLES, READERS = 500, 50_000, 1_000_000
COMMENTS = 4  # of each article
PICKED = 20  # articles in each edition
BATCH = 5_000
AGAIN = 5
A_WEEK = timedelta(days=7)
SLOT = NOW + A_WEEK  # the one to come
DIGEST = """
[publication]
name = "Bench"
url = "https://bench.example"
postal_address = "1 Bench Lane"
[pages]
url = "https://letters.bench.example"
[newsletters.weekly]
title = "Weekly"
from_address = "news@bench.example"
"""
EDITION = f"/edition/weekly/weekly/{SLOT:%Y%m%dT%H%MZ}"
GONE = f"/edition/weekly/weekly/{NOW:%Y%m%dT%H%MZ}"
PAGES = {
    "the overview": "/",
    "the editions": "/editions",
    "the 400th edition": f"/editions?before={(NOW - 400 * A_WEEK).timestamp():.0f}-1",
    "the sources": "/sources",
    "the log": "/log",
    "the mail of the next edition": EDITION,
    "its frame": f"{EDITION}/frame",
    "its frame for who follows a section": f"{EDITION}/frame?sections=Section+3",
    "its content": f"{EDITION}/content",
    "why it is so": f"{EDITION}/why",
    "its checks": f"{EDITION}/checks",
    "its history": f"{EDITION}/history",
    "the mail of the last edition": GONE,
    "why it was so": f"{GONE}/why",
}
# What hangs on what the readers chose, and how that is told.
BY_CHOICES = tuple(what for what in PAGES if what.startswith(("the mail of the next", "its ", "why it is")))
WITH_CHOICES = ", readers with choices"


def desk() -> list[Measured]:
    return measured(EDITIONS, ARTICLES, READERS)


def measured(editions: int, articles: int, readers: int) -> list[Measured]:
    """Over HTTP, on SQLite. First: nothing of the page is kept from another; only what the readers want was asked as the desk opened."""
    with store(readers) as engine:
        fill(engine, editions, articles)
        found = [*_looked_at(engine, PAGES)]
        choose(engine, readers)
        found += _looked_at(engine, {what: PAGES[what] for what in BY_CHOICES}, WITH_CHOICES)
    return found


def _looked_at(engine: Engine, pages: Mapping[str, str], more: str = "") -> Iterator[Measured]:
    asked: list[float] = []
    for what, path in pages.items():
        with opened(engine, asked.append) as (port, cookie):
            first, *again = (_ask(port, path, cookie) for _ in range(1 + AGAIN))
        yield Measured(what=what + more, ours=first, against="again", other=median(again))
    yield Measured(what=f"asking what the readers want, as the desk opens{more}", ours=median(asked))


@contextmanager
def opened(engine: Engine, tell: Callable[[float], None]) -> Iterator[tuple[int, str]]:
    """A desk that has just begun: its port, and the cookie of somebody who was let in. `tell`: how long asking its readers took."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "digest.toml"
        file.write_text(DIGEST)
        studio = Studio(engine=engine, file=file, environment={"DIGEST_PAGES__KEYS": "a-key"}, clock=lambda: NOW + timedelta(days=5))
        listen = Listen(host="127.0.0.1")
        entrance = open_entrance(engine, studio.settings.desk, listen, keys=studio.keys, clock=studio.clock)
        tell(seconds(lambda: asking_now(studio, studio.settings.newsletter("weekly")), rounds=1))
        with serving(application(studio, entrance), listen) as address, closing(http.client.HTTPConnection("127.0.0.1", address.port)) as line:
            line.request("GET", entrance.links.make(studio.clock()))
            yield address.port, line.getresponse().headers["Set-Cookie"].partition(";")[0]


def _ask(port: int, path: str, cookie: str) -> float:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
        begun = time.perf_counter()
        line.request("GET", path, headers={"Cookie": cookie})
        answer = line.getresponse()
        answer.read()
        took = time.perf_counter() - begun
    if answer.status != 200:
        raise ValueError(f"{path} was answered with {answer.status}")
    return took


def fill(engine: Engine, editions: int, articles: int) -> None:
    """So many weekly editions, the last of which went to every reader; the articles lie evenly over their time, up to the next slot."""
    with engine.begin() as connection:
        _content(connection, articles, (SLOT - timedelta(hours=60) - (NOW - editions * A_WEEK)) / articles)
        last = _editions(connection, editions, articles)
        connection.execute(
            text(
                "INSERT INTO deliveries (edition_id, subscription_id, letter, lease, state, attempts, relay, next_at, settled_at, code, text) "
                "SELECT :edition, id, '', '', 'accepted', 1, 'smtp', :now, :now, 250, 'OK' FROM subscriptions"
            ),
            {"edition": last, "now": f"{NOW:%Y-%m-%d %H:%M:%S.%f}"},
        )
        connection.execute(text("ANALYZE"))


def _content(connection: Connection, articles: int, apart: timedelta) -> None:
    connection.execute(insert(AuthorRow), [{"id": 1, "source": "bench", "key": "1", "name": "Robin Desk", "role": Role.STAFF}])
    when = {number: SLOT - timedelta(hours=60) - (articles - number) * apart for number in range(1, articles + 1)}
    for numbers in _batches(articles):
        connection.execute(
            insert(ArticleRow), [choosing._article(number) | {"published_at": when[number], "first_seen_at": when[number]} for number in numbers]
        )
    for numbers in _batches(articles * COMMENTS):
        rows = [choosing._comment(number, articles) for number in numbers]
        posted = [when[row["article_id"]] + timedelta(hours=3) for row in rows]
        connection.execute(insert(CommentRow), [row | {"posted_at": at, "first_seen_at": at} for row, at in zip(rows, posted, strict=True)])


def _batches(number: int) -> Iterator[range]:
    return (range(start, min(start + BATCH, number + 1)) for start in range(1, number + 1, BATCH))


def _editions(connection: Connection, editions: int, articles: int) -> int:
    """The id of the last."""
    made = ready()
    content = {"headers": made.headers, "body": made.compiled.to_bytes(), "subject": "Weekly", "newsletter": "weekly", "cadence": "weekly"}
    rows = [
        {"id": number, "slot": slot, "window_start": slot - A_WEEK, "cutoff": slot, "created_at": slot, "sent_at": slot, "revision": 1, **content}
        for number in range(1, editions + 1)
        if (slot := NOW - (editions - number) * A_WEEK)
    ]
    choice = {"newsletter": "weekly", "picks": [], "passed_over": [], "considered": [], "new_articles": 0, "enough": True, "notes": []}
    for row in rows:
        window = {"window_start": str(row["window_start"]), "cutoff": str(row["cutoff"])}
        connection.execute(insert(EditionRow), [row | {"state": EditionState.SENT, "choice": {**choice, **window}}])
    items = [
        {"edition_id": number, "kind": Kind.ARTICLE, "item_id": article, "place": Place.SECTION}
        for number in range(1, editions + 1)
        for article in range((number - 1) * articles // editions + 1, (number - 1) * articles // editions + 1 + PICKED)
    ]
    connection.execute(insert(EditionItem), items)
    return editions


if __name__ == "__main__":
    for one in measured(*(int(given) for given in sys.argv[1:4])):
        print(f"{one.what}: {one.ours * 1_000:.0f} ms, again {(one.other or 0) * 1_000:.0f} ms")  # noqa: T201

"""`make bench`: what an edition and a reader cost, as ratios taken side by side in one run, with memory. Not collected by pytest."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, text

from digest.content.values import Article, ArticleState, Comment, CommentState, Role, Snapshot
from digest.database import open_database, upgrade
from digest.delivery.message import address, fixed_headers
from digest.delivery.queue import enqueue
from digest.editions.choose import choose
from digest.newsletter import Newsletter
from digest.render.compile import compile_edition
from digest.render.compiled import Hole
from digest.render.draw import Look, draw
from digest.render.fill import Filler
from digest.render.inline import inline
from digest.render.specimen import specimen
from digest.settings import Publication
from subscribers.audience import audience

NEWSLETTER = Newsletter(slug="weekly", title="Weekly", from_address="news@bench.example")
LOOK = Look.of(Publication(name="Bench", url="https://bench.example", postal_address="1 Bench Lane"), NEWSLETTER)
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
READERS = 100_000
HOLES = {hole: f"https://bench.example/{hole}/0123456789012345678901.0123456789012345678901234567890123456789012" for hole in Hole}


def seconds(work: Callable[[], object], *, times: int = 1, rounds: int = 5) -> float:
    """The best of some rounds, for one call."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - begun) / times)
    return best


def one_reader() -> tuple[float, float]:
    """A reader's message from ready bytes, and the same drawn, inlined and built anew."""
    edition = specimen(NEWSLETTER)
    drawn = draw(edition, LOOK)
    compiled = compile_edition(drawn.with_html(inline(drawn.html)))
    fixed = fixed_headers(
        from_name="Weekly",
        from_address="news@bench.example",
        reply_to="",
        subject=edition.subject,
        date=NOW,
        list_slug="weekly",
        list_title="Weekly",
        content_type=compiled.content_type,
    )
    filler = Filler(compiled)

    def ready() -> bytes:
        body = filler.fill(HOLES)
        return address(fixed, to_name="", to_address="a@b.example", message_id="<1@b.example>", unsubscribe_url=HOLES[Hole.UNSUBSCRIBE], body=body)

    def naive() -> bytes:
        page = draw(edition, LOOK)
        message = EmailMessage()
        message["Subject"], message["To"] = edition.subject, "a@b.example"
        message.set_content(page.text)
        message.add_alternative(inline(page.html), subtype="html")
        return message.as_bytes()

    return seconds(ready, times=2_000), seconds(naive, rounds=3)


def inliners() -> tuple[float, float]:
    page = draw(specimen(NEWSLETTER), LOOK).html
    return seconds(lambda: inline(page, "fast"), times=20), seconds(lambda: inline(page), rounds=3)


def enqueuing(engine: Engine) -> tuple[float, float]:
    """Our enqueue, and the bare INSERT … SELECT of the same rows into a table of the same columns and keys."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO subscribers (public_id, address, address_key, address_hash, name, language, time_zone, created_at) "
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "
                "SELECT 's' || i, 'r' || i || '@b.example', 'r' || i || '@b.example', 'h' || i, '', '', '', '2026-01-01' FROM n"
            ),
            {"most": READERS},
        )
        connection.execute(
            text(
                "INSERT INTO subscriptions (public_id, subscriber_id, newsletter, state, created_at, unsubscribed_how) "
                "SELECT 'p' || id, id, 'weekly', 'confirmed', '2026-01-01', '' FROM subscribers"
            )
        )
        connection.execute(
            text(
                "INSERT INTO editions (newsletter, cadence, slot, window_start, cutoff, state, reason, subject, choice, headers, body, revision, "
                "created_at)"
                " SELECT 'weekly', 'w', '2026-01-0' || i, '2026-01-01', '2026-01-01', 'sending', '', '', '{}', x'', x'', 0, '2026-01-01'"
                " FROM (SELECT 1 AS i UNION SELECT 2)"
            )
        )

    def ours() -> None:
        with engine.begin() as connection:
            if enqueue(connection, 1, audience("weekly"), NOW) != READERS:
                raise SystemExit("not everybody was queued")

    def raw() -> None:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO deliveries (edition_id, subscription_id, state, next_at, attempts, lease, code, text) "
                    "SELECT 2, id, 'queued', '2026-01-01', 0, '', 0, '' FROM subscriptions WHERE newsletter = 'weekly' AND state = 'confirmed'"
                )
            )

    return seconds(ours, rounds=1), seconds(raw, rounds=1)


def choosing(articles: int, comments: int) -> float:
    snapshot = Snapshot(
        articles=tuple(_article(number) for number in range(articles)),
        comments=tuple(_comment(number, number % articles) for number in range(comments)),
    )
    return seconds(lambda: choose(snapshot, NEWSLETTER, window_start=NOW - timedelta(days=7), cutoff=NOW), rounds=1)


def _article(number: int) -> Article:
    words = [f"word{(number * step) % 997}" for step in (3, 7, 11, 13, 17, 19)]
    return Article(
        id=number,
        source="bench",
        key=str(number),
        title=" ".join(words).capitalize(),
        url=f"https://bench.example/{number}",
        section=f"Section {number % 8}",
        tags=(),
        author=None,
        image=None,
        excerpt="",
        body="",
        text=" ".join(f"word{(number * step) % 4999}" for step in range(1, 150)),
        published_at=NOW - timedelta(hours=1 + number % 160),
        modified_at=None,
        first_seen_at=NOW - timedelta(hours=1 + number % 160),
        state=ArticleState.PUBLISHED,
        votes=None,
        views=None,
        comment_count=None,
        comments_url="",
    )


COMMENT = Comment(
    id=0,
    source="bench",
    key="",
    article_id=0,
    parent_id=None,
    orphan=False,
    author_name="",
    author_id=None,
    role=Role.READER,
    avatar="",
    text="",
    posted_at=NOW,
    edited_at=None,
    permalink="",
    votes_up=0,
    votes_down=0,
    flags=0,
    featured=False,
    state=CommentState.APPROVED,
)


def _comment(number: int, article: int) -> Comment:
    return replace(
        COMMENT,
        id=number,
        key=str(number),
        article_id=article,
        author_name=f"Reader {number % 5_003}",
        text=" ".join(f"word{(number * step) % 1009}" for step in range(1, 10 + number % 60)) + ".",
        posted_at=NOW - timedelta(minutes=20 + number % 9_000),
        votes_up=number % 13,
    )


def megabytes() -> float:
    """The most memory this process has held. ru_maxrss is in KiB on Linux, in bytes on macOS."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def main() -> None:
    table = Table(title="Measured side by side on this machine, in this run", title_justify="left")
    for column in ("What", "Ours", "Against", "Ratio", "Peak memory"):
        table.add_column(column, justify="left" if column in ("What", "Against") else "right")

    def row(what: str, against: str, measured: tuple[float, float]) -> None:
        ours, other = measured
        table.add_row(
            what,
            _time(ours),
            f"{against}: {_time(other)}",
            f"{ours / other:.4f}" if ours < other / 10 else f"{ours / other:.2f}",
            f"{megabytes():.0f} MB",
        )

    row("one reader's message", "drawn, inlined and built anew", one_reader())
    row("inlining, css-inline", "premailer", inliners())
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{Path(folder) / 'bench.db'}")
        upgrade(engine)
        row(f"enqueue {READERS:,} readers (SQLite)", "bare INSERT … SELECT", enqueuing(engine))
        engine.dispose()
    small, large = choosing(100, 10_000), choosing(1_000, 100_000)
    row("choose: 1,000 articles, 100,000 comments", "100 articles, 10,000 comments", (large, small))
    Console(width=130).print(table)


def _time(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.2f} ms" if value >= 1e-3 else f"{value * 1e6:.1f} µs"


if __name__ == "__main__":
    main()

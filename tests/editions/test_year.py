"""Half a year of a daily and a weekly newsletter on one store, with everything that goes wrong in one: each article has its turn exactly once."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from digest.content.store import hold_comments, remove_comments, save_articles, save_comments, withdraw_articles
from digest.content.tables import ArticleRow
from digest.content.values import ArticleState, FoundArticle, FoundComment
from digest.database import open_database
from digest.editions import store
from digest.editions.compose import compose
from digest.editions.ledger import write_ledger
from digest.editions.picks import DISCUSSED
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import EditionState, Kind, Place
from digest.newsletter import Newsletter
from digest.prepare import choose_from, gather_for
from digest.publish import ledger_items

FIRST = datetime(2026, 1, 5, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
STEP = 8  # hours
SITE = "https://lamp.example"
WORDS = (
    "amber",
    "brass",
    "copper",
    "drift",
    "elder",
    "fog",
    "gable",
    "hollow",
    "iron",
    "jetty",
    "kelp",
    "lantern",
    "marsh",
    "oar",
    "pier",
    "quay",
    "tide",
)
LIMITS = {"articles": 4, "min_new": 2, "reserves": 1}


def letter(slug: str, schedule: str) -> Newsletter:
    given = {"slug": slug, "title": slug, "from_address": "post@lamp.example", "schedule": schedule, "limits": LIMITS}
    return Newsletter.model_validate({**given, "articles": {"discussed_again": 3}})


LETTERS = (letter("daily", "0 6 * * *"), letter("weekly", "0 7 * * 1"))


@dataclass
class Paper:
    """A publication that is not always on time. `known` is what its site shows, by key; `gone` what it has taken back."""

    chance: random.Random
    known: dict[str, FoundArticle] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    comments: dict[str, FoundComment] = field(default_factory=dict)

    def publish(self, now: datetime) -> None:
        """A new article: mostly on time, now and then dated hours back or ahead."""
        number = len(self.known)
        offset = self.chance.choice([0, 0, 0, 0, -20, -2, 3]) * HOUR
        words = self.chance.sample(WORDS, 4)
        self.known[f"a{number}"] = FoundArticle(
            key=f"a{number}",
            title=f"{number} {' '.join(words)}",
            url=f"{SITE}/{number}",
            section=self.chance.choice(["Town", "Sea", ""]),
            published_at=now + offset - timedelta(minutes=self.chance.randrange(60)),
            body=f"<p>{' '.join(self.chance.choices(WORDS, k=30))} {number}.</p>",
        )

    def talk(self, now: datetime) -> None:
        article = self.chance.choice(list(self.known)[-25:])
        number = len(self.comments)
        self.comments[f"c{number}"] = FoundComment(
            key=f"c{number}",
            article_key=article,
            author_name=f"Reader {number % 40}",
            body=f"<p>I kept {number} of them because my mother did, and {' '.join(self.chance.choices(WORDS, k=25))} was never about money.</p>",
            posted_at=now - timedelta(minutes=self.chance.randrange(1, 300)),
            permalink=f"{SITE}/{article[1:]}#c{number}",
            votes_up=self.chance.randrange(9),
            votes_down=0,
        )

    def meddle(self, connection: Connection, now: datetime) -> None:
        """Takes articles back for a while, gives others new dates, has comments held and removed."""
        for key in [key for key in self.gone if self.chance.random() < 0.5]:
            self.gone.remove(key)
        if self.chance.random() < 0.2:
            key = self.chance.choice(list(self.known)[-30:])
            self.gone.add(key)
            withdraw_articles(connection, "site", [key])
        if self.chance.random() < 0.2:
            key = self.chance.choice(list(self.known))
            self.known[key] = replace(self.known[key], published_at=now - 2 * HOUR)
        if self.chance.random() < 0.2 and self.comments:
            act = self.chance.choice([hold_comments, remove_comments])
            act(connection, "site", [self.chance.choice(list(self.comments)[-30:])])

    def sync(self, connection: Connection, now: datetime) -> None:
        found = [article for key, article in list(self.known.items())[-60:] if key not in self.gone]
        save_articles(connection, "site", found, now=now, first=False)
        save_comments(connection, "site", list(self.comments.values())[-40:], now=now)


def publish(connection: Connection, newsletter: Newsletter, slot: datetime, *, cancelled: bool) -> None:
    """What publishing does, but for drawing it."""
    gathered = gather_for(connection, newsletter, slot)
    choice = choose_from(gathered, site=SITE).choice
    state = EditionState.SENT if choice.enough else EditionState.SKIPPED
    edition_id = store.claim_slot(
        connection,
        newsletter=newsletter.slug,
        cadence=newsletter.cadence,
        slot=slot,
        window_start=gathered.window.start,
        cutoff=gathered.window.cutoff,
        state=EditionState.CANCELLED if cancelled and choice.enough else state,
        now=slot,
    )
    if edition_id and choice.enough:
        edition = compose(choice, gathered.snapshot, newsletter, slot=slot, publication_name="The Lamp", site_url=SITE)
        write_ledger(connection, edition_id, list(ledger_items(choice, edition)))
        again = [pick.id for pick in choice.picks if DISCUSSED in pick.note and pick.place is not Place.RESERVE]
        assert len(again) == len(set(again))


def live(engine: Engine, paper: Paper, days: int) -> None:
    """Step by step; a newsletter sleeps through some slots, publishes others late, some are cancelled."""
    chance = paper.chance
    waiting: list[tuple[datetime, Newsletter, datetime]] = []
    for hours in range(0, days * 24, STEP):
        now = FIRST + hours * HOUR
        for _ in range(chance.choice([0, 0, 1, 2])):
            paper.publish(now)
        for _ in range(chance.choice([0, 3, 6]) if paper.known else 0):
            paper.talk(now)
        for newsletter in LETTERS:
            kept = (slot for slot in newsletter.slots(now - STEP * HOUR, now) if chance.random() < 0.9)
            waiting.extend((slot + chance.choice([0, 0, 5, 30]) * HOUR, newsletter, slot) for slot in kept)
        with engine.begin() as connection:
            if paper.known:
                paper.meddle(connection, now)
            if chance.random() < 0.7:
                paper.sync(connection, now)
            for due in sorted((due for due in waiting if due[0] <= now), key=lambda due: (due[2], due[1].slug)):
                waiting.remove(due)
                publish(connection, due[1], due[2], cancelled=chance.random() < 0.04)


@pytest.fixture
def year(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    database = tmp_path / "year.db"
    database.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def turns_of(connection: Connection, newsletter: Newsletter) -> dict[tuple[Kind, int], list[bool]]:
    """Of each article and comment that an edition which was sent had before it: whether it was shown, time by time."""
    lines = (
        select(EditionItem.kind, EditionItem.item_id, EditionItem.place)
        .join(EditionRow)
        .where(EditionRow.newsletter == newsletter.slug, EditionRow.state == EditionState.SENT)
        .order_by(EditionRow.id)
    )
    turns = defaultdict(list)
    for kind, item, place in connection.execute(lines):
        turns[kind, item].append(place is not None)
    return turns


def overdue(connection: Connection, newsletter: Newsletter) -> set[int]:
    """The articles that were there, and public, well before the last edition."""
    sent = select(EditionRow.cutoff).where(EditionRow.newsletter == newsletter.slug, EditionRow.state == EditionState.SENT)
    before = max(connection.scalars(sent)) - HOUR
    there = (ArticleRow.published_at < before, ArticleRow.first_seen_at < before, ArticleRow.state == ArticleState.PUBLISHED)
    return set(connection.scalars(select(ArticleRow.id).where(*there)))


@pytest.mark.parametrize("seed", [1, 2])
def test_in_half_a_year_each_article_has_its_turn_once(year: Engine, seed: int) -> None:
    live(year, Paper(random.Random(seed)), days=182)
    with year.begin() as connection:
        for newsletter in LETTERS:
            turns = turns_of(connection, newsletter)
            articles = {item: turn for (kind, item), turn in turns.items() if kind is Kind.ARTICLE}
            comments = [turn for (kind, _), turn in turns.items() if kind is Kind.COMMENT]
            assert overdue(connection, newsletter) - articles.keys() == set()
            # Only what was shown comes before an edition again, as still being discussed, and is shown a second time at most.
            assert all(turn[0] for turn in articles.values() if len(turn) > 1)
            assert {sum(turn) for turn in articles.values()} <= {0, 1, 2}
            assert {tuple(turn) for turn in comments} == {(True,)}
        assert {state for (state,) in connection.execute(select(EditionRow.state).distinct())} == {
            EditionState.SENT,
            EditionState.SKIPPED,
            EditionState.CANCELLED,
        }

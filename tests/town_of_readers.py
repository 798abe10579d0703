"""A newsletter in four rhythms, its readers who change their minds, and what each of them should get: told by a model that knows no database.

The model: at an edition each reader who is in its cadence then is told of all that became ready since the last edition they were told by, in
whichever cadence. While they pause they are told and get nothing. Of what they are told they get what they follow and do not mute at that moment.
Whoever changes the cadence is told once more of what has passed since the last mail they got: docs/cadences.md.
"""

import random
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from digest.content.store import remove_comments, save_articles, save_comments
from digest.content.tables import ArticleRow
from digest.content.values import FoundArticle, FoundAuthor, FoundComment
from digest.delivery.tables import DeliveryRow, PlanRow
from digest.delivery.values import DeliveryState
from digest.due import publish_due
from digest.editions import store
from digest.editions.plan import Planner
from digest.editions.pool import Plan
from digest.editions.pool_record import from_bytes
from digest.editions.store import StoredEdition
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.preferences import Page, Wanted, save
from digest.publish import Published
from digest.settings import Settings, parse
from subscribers.address import parse_address
from subscribers.change import Choice
from subscribers.consent import Person, Proof, add
from subscribers.tables import Subscriber, Subscription, SubscriptionState
from subscribers.wish import EVERYTHING, Wish

KEY = "a-key"
READY = attrgetter("ready")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GRACE = timedelta(minutes=30)
SECTIONS = ("Sea", "Town", "Hills", "Sky")
AUTHORS = ("Ada Amber", "Ben Brass", "Cleo Copper")
ZONES = ("", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "America/St_Johns")
CADENCES = ("", "daily", "monthly", "every article")
WORDS = ("fog", "gable", "hollow", "iron", "jetty", "kelp", "lantern", "marsh", "oar", "pier", "quay", "rope", "sail", "tide", "vane", "wharf")
# None of them ever binds: how much fits is another matter.
LIMITS = {"articles": 50, "filler": 0, "min_new": 1, "excerpt_words": 5, "lead_excerpt_words": 5, "html_bytes": 102_400}
ARTICLES = {"maximum_age_days": 90, "per_author": 50, "per_domain": 50, "per_section_share": 1, "same_item": 1, "same_story": 1, "same_body": 1}
SETS = ("sections", "authors", "muted_sections", "muted_authors")


def settings_of(url: str, **more: object) -> Settings:
    cadences = {
        "daily": {"schedule": "0 7 * * *"},
        "monthly": {"schedule": "0 7 1 * *"},
        "every article": {"every_article": True, "schedule": "0 11,19 * * *", "limits": {"min_new": 1}},
    }
    letter = {"title": "The Wick", "from_address": "post@lamp.example", "schedule": "0 7 * * 1", "local_time": True, "quiet_hours": "22:00-06:00"}
    rules = {"limits": LIMITS, "articles": {**ARTICLES, "discussed_again": 1000}, "time_zone": "Europe/Berlin", "cadences": cadences}
    return parse(
        {
            "publication": {"name": "The Lamp", "postal_address": "1 Wick Lane", "url": "https://lamp.example"},
            "pages": {"url": "https://lamp.example/letters", "keys": KEY},
            "database": {"url": url},
            "render": {"inliner": "fast"},
            "newsletters": {"wick": {**letter, **rules, **more}},
        },
        folder=Path(),
    )


@dataclass(frozen=True, slots=True)
class Item:
    """An article as the model knows it: an edition of a slot not before `ready` may have it."""

    key: str
    section: str
    author: str
    ready: datetime


@dataclass(slots=True)
class Reader:
    number: int  # of the subscription
    subscriber: str
    subscription: str
    told: datetime  # of all that was ready until then
    cadence: str = ""
    home: str = ""  # the cadence of the last mail
    wish: Wish = EVERYTHING
    zone: str = ""
    hour: int | None = None
    paused_until: datetime | None = None
    changed: bool = False  # the cadence, since the last mail
    passed: frozenset[Item] = frozenset()  # what they were told of since then and did not want
    had: set[str] = field(default_factory=set)
    quoted: set[int] = field(default_factory=set)
    journal: list[str] = field(default_factory=list)

    def wants(self, item: Item) -> bool:
        wish = self.wish
        follows = item.section in wish.sections or item.author in wish.authors or not (wish.sections or wish.authors)
        return follows and item.section not in wish.muted_sections and item.author not in wish.muted_authors

    def pauses(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now


@dataclass(kw_only=True)
class Town:
    """`items` are in the order in which they became ready. `counts` says what happened how often."""

    engine: Engine
    settings: Settings
    chance: random.Random
    begins: datetime
    readers: list[Reader] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)  # of articles, by their numbers
    comments: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def letter(self) -> Newsletter:
        return self.settings.newsletter("wick")

    def people(self, number: int) -> None:
        with self.engine.begin() as connection:
            for one in range(number):
                self.readers.append(self._reader(connection, one))

    def _reader(self, connection: Connection, number: int) -> Reader:
        chance = self.chance
        person = Person(address=parse_address(f"reader{number}@example.com"), time_zone=(zone := chance.choice(ZONES)))
        proof, state = Proof(how="test"), SubscriptionState.CONFIRMED
        added = add(connection, person, newsletter="wick", state=state, proof=proof, keys=[KEY], now=self.begins - DAY)
        its = connection.execute(
            select(Subscription.id, Subscriber.public_id).join(Subscriber).where(Subscription.public_id == added.subscription)
        ).one()
        reader = Reader(its.id, its.public_id, added.subscription, self.begins, zone=zone)
        reader.cadence, reader.wish, reader.hour = CADENCES[number % 4], self._wish(), chance.choice([None, None, 5, 18])
        self._keep(connection, reader, cadence=reader.cadence, hour=reader.hour)
        return reader

    def _wish(self) -> Wish:
        chance = self.chance
        sections = frozenset(chance.sample(SECTIONS, chance.choice([0, 0, 1, 2])))
        authors = frozenset(chance.sample(AUTHORS, chance.choice([0, 0, 0, 1])))
        mutes = {chance.choice(SECTIONS)} - sections if chance.random() < 0.2 else frozenset[str]()
        return Wish(sections=sections, authors=authors, muted_sections=frozenset(mutes))

    def _keep(self, connection: Connection, reader: Reader, **more: object) -> None:
        """What is chosen otherwise than on the page."""
        values = {name: getattr(reader.wish, name) for name in SETS} | more
        connection.execute(update(Subscription).where(Subscription.id == reader.number).values(**values))

    def write(self, connection: Connection, now: datetime) -> None:
        """An article or none; a word about an earlier one; and one word less."""
        chance = self.chance
        if chance.random() < 0.32:
            self._publish(connection, now - timedelta(minutes=chance.choice([7, 23, 41, 52])))
        if self.items and chance.random() < 0.5:
            self._talk(connection, now)
        if self.comments and chance.random() < 0.1:
            key = chance.choice(self.comments[-9:])
            self.removed.add(key)
            self.counts["removed"] += remove_comments(connection, "site", [key])

    def _publish(self, connection: Connection, seen: datetime) -> None:
        """Now and then dated back."""
        chance, number = self.chance, len(self.items)
        author, section = chance.choice(AUTHORS), chance.choice(SECTIONS)
        found = FoundArticle(
            key=f"a{number}",
            title=f"{number} {' '.join(chance.sample(WORDS, 3))}",
            url=f"https://lamp.example/a{number}",
            section=section,
            author=FoundAuthor(key=author[:3], name=author),
            published_at=seen - chance.choice([0, 0, 0, 0, 3, 20, 60]) * HOUR,
            body=f"<p>{' '.join(chance.sample(WORDS, 9))} {number}.</p>",
        )
        save_articles(connection, "site", [found], now=seen, first=False)
        self.keys[connection.scalars(select(ArticleRow.id).where(ArticleRow.key == found.key)).one()] = found.key
        ready = max(found.published_at + GRACE, seen + timedelta(microseconds=1))
        insort(self.items, Item(found.key, section, author, ready), key=READY)

    def _talk(self, connection: Connection, now: datetime) -> None:
        number, about = len(self.comments), self.chance.choice(self.items[-9:]).key
        words = " ".join(f"{word}{number}" for word in self.chance.choices(WORDS, k=20))
        found = FoundComment(
            key=f"c{number}",
            article_key=about,
            author_name=f"Reader {number}",
            body=f"<p>I kept {number} of them because my mother did, and {words} was not about money.</p>",
            posted_at=now - HOUR / 2,
            permalink=f"https://lamp.example/{about}#c{number}",
            votes_up=4,
            votes_down=0,
        )
        save_comments(connection, "site", [found], now=now)
        self.comments.append(found.key)

    def act(self, connection: Connection, reader: Reader, now: datetime) -> None:
        """One thing on the reader's own page, saved as it is when they send it in."""
        chance, old = self.chance, reader
        reader = replace(old)
        what = chance.choice(
            ["cadence", "cadence", "cadence", "sections", "zone", "mute", *(["pause"] * 2 if not (old.changed and old.pauses(now)) else [])]
        )
        weeks: dict[str, int] = {}
        if what == "cadence":
            # Who goes back to where their last mail came from is as if they had never gone: also what would have gone by there in a pause.
            back = old.home if old.changed and old.paused_until else old.cadence
            reader.cadence = chance.choice([one for one in CADENCES if one not in (old.cadence, back)])
            reader.changed = old.changed or bool(old.had)
            if chance.random() < 0.3:
                reader.zone = chance.choice(ZONES)
        elif what == "sections":
            reader.wish = replace(old.wish, sections=frozenset(chance.sample(SECTIONS, chance.choice([0, 1, 2]))) - old.wish.muted_sections)
        elif what == "zone":
            reader.zone = chance.choice(ZONES)
        elif what == "pause":
            weeks = {"wick": 0 if old.pauses(now) else chance.choice([1, 2, 4, 8])}
            reader.paused_until = now + timedelta(weeks=weeks["wick"])
        else:
            reader.wish, reader.hour = self._wish(), chance.choice([None, 5, 18])
            self._keep(connection, reader, hour=reader.hour)
        shown, said = (
            Page(ticked=frozenset({"wick"}), choices={"wick": Choice(cadence=one.cadence, sections=one.wish.sections)}, time_zone=one.zone)
            for one in (old if what != "mute" else reader, reader)
        )
        save(connection, self.settings, old.subscriber, Wanted(shown=shown, said=said, weeks=weeks), now=now, key=KEY)
        self.counts[what] += 1
        reader.journal.append(f"{now:%m-%d %H:%M} {what}: {reader.cadence or 'weekly'} {weeks or ''}")
        self.readers[self.readers.index(old)] = reader

    def publish(self, now: datetime) -> Iterator[StoredEdition]:
        """What is due now; the editions that came of it, each as the model has it."""
        for _, published in publish_due(self.engine, self.settings, now=now, recheck=lambda articles, comments: 0):
            assert isinstance(published, Published), published
            if published.edition.state is EditionState.SENDING:
                with self.engine.begin() as connection:
                    self._check(connection, published.edition, now)
                self.counts[published.edition.cadence] += 1
                yield published.edition

    def _check(self, connection: Connection, edition: StoredEdition, now: datetime) -> None:
        got = dict(gotten(connection, edition))
        cadence = "" if edition.cadence == "weekly" else edition.cadence
        for reader in self.readers:
            plan = got.pop(reader.number, None) if reader.cadence == cadence else None
            if reader.cadence != cadence:
                continue
            news = self.items[bisect_right(self.items, reader.told, key=READY) : bisect_right(self.items, edition.slot, key=READY)]
            reader.told = max(reader.told, edition.slot)
            told = frozenset(news) | (reader.passed if reader.changed else frozenset())
            theirs = set() if reader.pauses(now) else {item.key for item in told if reader.wants(item)}
            reader.passed = frozenset() if theirs or reader.pauses(now) else reader.passed.union(news)
            reader.changed = reader.changed and not theirs
            ours = {self.keys[number] for number in plan.ranked} if plan else set()
            assert ours == theirs, (edition.cadence, edition.slot, reader, sorted(ours - theirs), sorted(theirs - ours))
            assert plan is None or len(plan.ranked) == len(set(plan.ranked)) == len(ours)
            assert not ours & reader.had
            reader.had |= ours
            reader.home = cadence if ours else reader.home
            reader.journal += [f"{edition.slot:%m-%d %H:%M} {edition.cadence}: {sorted(ours)}"] if ours else []
            words = [*plan.top, *plan.recent] if plan else []
            assert not reader.quoted & set(words), (edition.cadence, edition.slot, reader)
            reader.quoted |= set(words)
            self.counts["mails"] += plan is not None
            self.counts["articles"] += len(ours)
        assert not got, (edition.cadence, edition.slot, got)

    def let_pass(self, slot: datetime, cadence: str) -> None:
        """Of those who changed the cadence, and pause: what was ready at a slot went by, whether an edition came of it or not."""
        for reader in self.readers:
            if reader.cadence == cadence and reader.changed and reader.pauses(slot):
                reader.told, reader.passed = max(reader.told, slot), frozenset()

    def settle(self, connection: Connection, edition: StoredEdition) -> None:
        """As after a hand-over in which nothing happened."""
        rows = update(DeliveryRow).where(DeliveryRow.edition_id == edition.id)
        connection.execute(rows.values(state=DeliveryState.ACCEPTED, settled_at=edition.slot))
        store.change_state(connection, edition.id, was=EditionState.SENDING, becomes=EditionState.SENT, now=edition.slot)


def gotten(connection: Connection, edition: StoredEdition) -> Iterator[tuple[int, Plan]]:
    """Each subscription that an edition is queued for, with what its mail holds."""
    query = select(Subscription.id, PlanRow.key).join_from(DeliveryRow, Subscription).outerjoin(PlanRow, PlanRow.id == DeliveryRow.plan_id)
    stored = store.load_bytes(connection, edition.id)
    planner = Planner(from_bytes(stored.pool)) if stored.pool else None
    plans: dict[str, Plan | None] = {}
    for number, key in connection.execute(query.where(DeliveryRow.edition_id == edition.id)):
        if key not in plans:
            plans[key] = planner.plan(Wish.parse(key or "")) if planner else _plain(store.load_choice(connection, edition.id))
        plan = plans[key]
        assert plan is not None, (edition, key)
        yield number, plan


def _plain(choice: dict[str, Any]) -> Plan:
    found = defaultdict(list)
    for pick in choice["picks"]:
        found[pick["place"]].append(pick["id"])
    lead: Sequence[int] = found["lead"]
    return Plan(
        lead=lead[0], stories=tuple(found["section"]), ranked=(*lead, *found["section"]), top=tuple(found["top"]), recent=tuple(found["recent"])
    )


def live(town: Town, days: int, *, quiet_days: int, busy: float) -> Iterator[StoredEdition]:
    """Slot by slot, sometimes late, sometimes asleep; readers do nothing before all cadences have been out once (`quiet_days`), and from then on
    each of them `busy` times a day."""
    end = town.begins + days * DAY
    letters = {letter.cadence: letter for letter in town.letter.in_every_cadence()}
    slots = {name: frozenset(letter.slots(town.begins - HOUR, end)) for name, letter in letters.items()}
    asleep, before, settled = town.begins, town.begins, town.begins + quiet_days * DAY
    chance = town.chance
    for slot in sorted(frozenset().union(*slots.values())):
        now = slot + chance.choice([0, 0, 0, 3, 40]) * timedelta(minutes=1)
        if slot > settled and chance.random() < 0.01:
            asleep = now + chance.choice([10, 30, 60]) * HOUR
        with town.engine.begin() as connection:
            if (slot - before) > HOUR:
                town.write(connection, slot)
            acting = sum(chance.random() < busy * ((slot - before) / DAY) for _ in town.readers) if slot > settled else 0
            for reader in chance.sample(town.readers, acting):
                town.act(connection, reader, before + (slot - before) / 2)
        before = slot
        for name in (name for name, its in slots.items() if slot in its):
            town.let_pass(slot, "" if name == "weekly" else name)
        if now >= asleep:
            yield from town.publish(now)

"""Whatever readers choose, each mail is the one that would be made for its reader alone: drawn, inlined and compiled with what is theirs."""

import email
import email.policy
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, update

from digest.content.store import save_articles, save_comments
from digest.content.tables import ArticleRow
from digest.content.values import FoundAuthor
from digest.database import open_database
from digest.delivery import queue, workers
from digest.delivery.values import Claimed
from digest.delivery.workers import Worker
from digest.editions import store
from digest.editions.compose import compose
from digest.editions.plan import plan
from digest.editions.pool import Plan, folded
from digest.editions.selection import personal
from digest.editions.store import Bytes
from digest.editions.titles import titles
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.personal import Writer
from digest.prepare import choose_from, gather_for, headers_of
from digest.publish import publish
from digest.render.compile import compile_edition
from digest.render.draw import Look, draw
from digest.render.inline import inline
from digest.render.translation import own_texts, pick
from digest.settings import Settings
from digest.wanted import wanted
from subscribers.address import parse_address
from subscribers.consent import Person, Proof, add
from subscribers.tables import Subscription, SubscriptionState
from subscribers.wish import Served, Wish
from tests.test_deliver import KEYS, SLOT, article, comment, settings_for

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SECTIONS = ("News", "Town", "Sea")
AUTHORS = ("Ada Amber", "Ben Brass")
LANGUAGES = ("en", "de", "ar")
THEMES = ("classic", "letter")
STOOD = ("", *(str(Served(cadence="daily", until=SLOT - days * DAY)) for days in (3, 9)))
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def some(*names: str) -> st.SearchStrategy[frozenset[str]]:
    return st.one_of(st.just(frozenset[str]()), st.frozensets(st.sampled_from(names), max_size=2))


@dataclass(frozen=True, kw_only=True)
class Chosen:
    wish: Wish
    language: str
    zone: str
    hour: int | None
    name: str


WISHES = st.builds(
    Wish,
    sections=some(*SECTIONS, "sea", "Nowhere"),
    authors=some(*AUTHORS),
    muted_sections=some(*SECTIONS),
    muted_authors=some(*AUTHORS),
    served=st.sampled_from(STOOD),
)
CHOSEN = st.builds(
    Chosen,
    wish=st.one_of(st.just(Wish()), WISHES),
    language=st.sampled_from(["", "en", "de", "de-AT", "ar", "tlh"]),
    zone=st.sampled_from(["", "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Apia"]),
    hour=st.sampled_from([None, 0, 7, 22]),
    name=st.sampled_from(["", "Ann", "Jürgen <b>", "سلمى"]),
)


def settings_at(path: Path, theme: str = "classic") -> Settings:
    daily = {"daily": {"schedule": "0 7 * * *"}}
    limits = {"articles": 5, "min_new": 1, "filler": 2, "reserves": 1}
    settings = settings_for(f"sqlite:///{path}", local_time=True, time_zone="Europe/Berlin", cadences=daily, limits=limits, theme=theme)
    return settings.model_copy(update={"render": settings.render.model_copy(update={"inliner": "fast"})})


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A fortnight's articles, a weekly of a week ago and a daily of three days ago."""
    path = tmp_path_factory.mktemp("printed") / "digest.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    letter = settings_at(path).newsletter("weekly")
    by = [FoundAuthor(key=name, name=name) for name in AUTHORS]
    found = [
        replace(article(number), published_at=SLOT - (8 + number * 9) * HOUR, author=by[number % 5] if number % 5 < 2 else None)
        for number in range(36)
    ]
    said = [replace(comment(number), posted_at=SLOT - (6 + number * 9) * HOUR) for number in range(36)]
    with engine.begin() as connection:
        save_articles(connection, "site", found, now=SLOT - 30 * DAY, first=True)
        save_comments(connection, "site", said, now=SLOT - HOUR)
        subscribe(connection, 0, Chosen(wish=Wish(), language="", zone="", hour=None, name=""))
    for edition, slot in ((letter, SLOT - 7 * DAY), (letter.at("daily"), SLOT - 3 * DAY)):
        publish(engine, settings_at(path), edition, slot, now=slot)
    engine.dispose()
    return path


def subscribe(connection: Connection, number: int, chosen: Chosen) -> None:
    address = parse_address(f"reader{number}@example.com")
    person = Person(address=address, name=chosen.name, language=chosen.language, time_zone=chosen.zone)
    proof, state = Proof(how="test"), SubscriptionState.CONFIRMED
    added = add(connection, person, newsletter="weekly", state=state, proof=proof, keys=KEYS, now=SLOT - 30 * DAY)
    wish = chosen.wish
    sets = {name: getattr(wish, name) for name in ("sections", "authors", "muted_sections", "muted_authors", "served")}
    connection.execute(update(Subscription).where(Subscription.public_id == added.subscription).values(**sets, hour=chosen.hour))


def drawn(engine: Engine, settings: Settings) -> Mapping[str, Edition]:
    """The edition as it will be published, in each language."""
    letter = settings.newsletter("weekly")
    with engine.begin() as connection:
        gathered = gather_for(connection, letter, SLOT, wanted(connection, letter, SLOT, SLOT))
    choice = choose_from(gathered, site=settings.publication.url).choice
    fixed: dict[str, Any] = {"slot": SLOT, "publication_name": settings.publication.name, "site_url": settings.publication.url}
    served = gathered.demand.served if gathered.demand.personal else None
    return {
        language: compose(choice, gathered.snapshot, letter, **fixed, last_subject=gathered.last_subject, texts=own_texts(language), served=served)
        for language in LANGUAGES
    }


@dataclass(frozen=True, kw_only=True)
class Press:
    """Makes one reader's mail the long way."""

    settings: Settings
    editions: Mapping[str, Edition]
    numbers: Mapping[int, int]  # of the articles, by their rows
    made: dict[tuple[str, str], Bytes] = field(default_factory=dict)

    def plan(self, wish: Wish) -> Plan | None:
        pool = self.editions["en"].pool
        assert pool is not None
        return plan(pool, wish)

    def mail(self, reader: Claimed, language: str) -> EmailMessage:
        letter = self.settings.newsletter("weekly")
        alone = letter.model_copy(update={"language": language, "local_time": False})
        stored = self.made.get((reader.plan, language)) or self._made(reader.plan, language, alone)
        self.made[reader.plan, language] = stored
        writer = Writer(alone, self.settings, keys=KEYS, slot=SLOT, stored=stored)
        assert not writer.personal
        return parsed(writer.envelope(reader).data)

    def _made(self, key: str, language: str, alone: Newsletter) -> Bytes:
        edition = self.editions[language]
        if edition.pool is not None:
            own = plan(edition.pool, Wish.parse(key))
            assert own is not None
            edition = personal(edition, own, titles(edition.pool, own, own_texts(language)))
        look = Look.of(self.settings.publication, self.settings.newsletter("weekly"), language)
        page = draw(edition, look)
        compiled = compile_edition(page.with_html(inline(page.html, self.settings.render.inliner)))
        return Bytes(headers=headers_of(edition, compiled, alone), body=compiled.to_bytes())


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content


class Balanced(HTMLParser):
    """Every element is ended where it should be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, tag


def place_of(number: int) -> tuple[str, str]:
    """The section and the author of an article, folded."""
    return folded(SECTIONS[number % 3]), folded(AUTHORS[number % 5]) if number % 5 < 2 else ""


def check_plan(numbers: Sequence[int], filled: Set[int], wish: Wish) -> None:
    sections, authors, muted, silent = (set(map(folded, names)) for names in (wish.sections, wish.authors, wish.muted_sections, wish.muted_authors))
    assert len(set(numbers)) == len(numbers) <= 5
    for number in numbers:
        section, author = place_of(number)
        assert section not in muted and author not in silent
        assert number in filled or not (sections or authors) or section in sections or author in authors


@hypothesis_settings(
    max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate], suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(chosen=st.lists(CHOSEN, min_size=12, max_size=30), theme=st.sampled_from(THEMES))
def test_each_mail_is_what_would_be_made_for_its_reader_alone(
    printed: Path, tmp_path_factory: pytest.TempPathFactory, chosen: list[Chosen], theme: str
) -> None:
    path = tmp_path_factory.mktemp("one") / "digest.db"
    shutil.copy(printed, path)
    settings, engine = settings_at(path, theme), open_database(f"sqlite:///{path}")
    letter = settings.newsletter("weekly")
    readers = dict(enumerate(chosen, start=1))
    with engine.begin() as connection:
        for number, one in readers.items():
            subscribe(connection, number, one)
        keys = connection.execute(select(ArticleRow.id, ArticleRow.key)).all()
    press = Press(settings=settings, editions=drawn(engine, settings), numbers={row.id: int(row.key[1:]) for row in keys})
    published = publish(engine, settings, letter, SLOT, now=SLOT)
    with engine.begin() as connection:
        stored = store.load_bytes(connection, published.edition.id)
        writer = Writer(letter, settings, keys=KEYS, slot=SLOT, stored=stored)
        claimed = claim_all(connection, published.edition.id)
    by_number = {int(one.address.removeprefix("reader").partition("@")[0]): one for one in claimed}
    assert len(by_number) == len(claimed)
    pooled = press.editions["en"].pool is not None
    assert by_number.keys() == {0} | {number for number, one in readers.items() if not pooled or press.plan(one.wish) is not None}
    for number, row in by_number.items():
        if number:
            check(press, writer, row, readers[number], pooled=pooled)
    engine.dispose()


def check(press: Press, writer: Writer, reader: Claimed, chosen: Chosen, *, pooled: bool) -> None:
    language = pick([chosen.language], LANGUAGES, "en") if chosen.language else "en"
    assert reader.plan == chosen.wish.key
    ours, theirs = parsed(writer.envelope(reader).data), press.mail(reader, language)
    page = part(ours, "html")
    assert page == part(theirs, "html")
    assert part(ours, "plain") == part(theirs, "plain")
    for name in {*ours.keys(), *theirs.keys()} - {"Date", "Content-Type"}:
        assert ours[name] == theirs[name], name
    letter = press.settings.newsletter("weekly")
    assert moment_of(ours) == letter.readers_time.moment(SLOT, chosen.zone, chosen.hour)
    Balanced(page)
    own = press.plan(chosen.wish) if pooled else None
    if own:
        numbers = press.numbers
        check_plan([numbers[one] for one in own.ranked], {numbers[one] for one in own.filled}, chosen.wish)
        shown = Counter(int(number) for number in re.findall(r"In house (\d+) somebody", page))
        assert shown == Counter(numbers[one] for one in own.ranked)


def moment_of(message: EmailMessage) -> datetime:
    moment: datetime = message["Date"].datetime
    return moment


def claim_all(connection: Connection, edition_id: int) -> tuple[Claimed, ...]:
    later = SLOT + 3 * DAY
    workers.enrol(connection, Worker(id="one", kind="work", host="here", pid=1), now=later, until=later + HOUR)
    return queue.claim(connection, edition_id=edition_id, lease="one", now=later, limit=1_000, personal=True)

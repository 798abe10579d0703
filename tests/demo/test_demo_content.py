"""The invented paper keeps its promises: so many of each thing, every address reserved, every picture there, nothing hidden told."""

import json
import re
import struct
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Engine

from digest.content.gather import gather
from digest.content.text import plain_text
from digest.content.values import CommentState, FoundArticle, FoundComment, Role
from digest.editions.choose import choose
from digest.editions.values import Choice, Kind, Place
from digest.editions.window import window
from digest.settings import Settings, read
from digest.sources.http import Client
from digest.sources.sync import sync
from digest.sources.values import Arrived, Known
from digest.sources.wxr import read_wxr
from subscribers.address import parse_address
from subscribers.lists.csvfile import Cells, read_rows

CUTOFF = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NOBODY = Known(articles={}, comments={}, first=True)
WP = "{http://wordpress.org/export/1.2/}"
# RFC 2606 and RFC 6761: domains that can never belong to anybody.
RESERVED = re.compile(r"(?:^|\.)example(?:\.(?:com|org|net))?$")
PLUMBING = (
    "http://wordpress.org/export/",
    "http://purl.org/",
    "http://wellformedweb.org/",
    "https://wordpress.org/?v=",
    "https://jsonfeed.org/version/",
)


@pytest.fixture(scope="module")
def folder() -> Path:
    with as_file(files("digest.demo")) as data:
        return data


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    return read(folder / "digest.toml", {})


@pytest.fixture(scope="module")
def export(folder: Path) -> etree._Element:
    return etree.parse(folder / "harbour.xml").getroot()


@pytest.fixture(scope="module")
def columns(folder: Path) -> list[dict[str, str]]:
    items: list[dict[str, str]] = json.loads((folder / "columns.json").read_text(encoding="utf-8"))["items"]
    return items


@pytest.fixture(scope="module")
def read_in(folder: Path, settings: Settings) -> tuple[list[FoundArticle], list[FoundComment]]:
    """What our own reader makes of the export."""
    found = list(read_wxr(folder / "harbour.xml", source=settings.sources["harbour"], memory={}, known=NOBODY, now=CUTOFF))
    arrived = [event for event in found if isinstance(event, Arrived)]
    return [one for event in arrived for one in event.articles], [one for event in arrived for one in event.comments]


def children(element: etree._Element, name: str) -> list[str]:
    return [child.text or "" for child in element.iter(WP + name)]


def test_there_are_a_dozen_articles_and_eight_are_of_the_last_week(
    read_in: tuple[list[FoundArticle], list[FoundComment]], columns: list[dict[str, str]]
) -> None:
    own = [(one.title, one.published_at) for one in read_in[0] if "sponsored" not in one.tags]
    guests = [(one["title"], datetime.fromisoformat(one["date_published"])) for one in columns]
    both = [one for one in guests if one[0].replace("our ferry is", "ferry") not in dict(own)]
    dozen = own + both

    assert (len(guests) - len(both), len(dozen)) == (1, 12)
    assert sum(moment >= CUTOFF - timedelta(days=7) for _, moment in dozen) == 8
    assert all(CUTOFF - timedelta(days=14) <= moment < CUTOFF for _, moment in dozen + guests)


def test_every_article_has_the_length_of_a_real_one(read_in: tuple[list[FoundArticle], list[FoundComment]], columns: list[dict[str, str]]) -> None:
    for body in chain((one.body for one in read_in[0]), (one["content_html"] for one in columns)):
        text = plain_text(body)

        assert 180 <= len(text.split()) <= 400
        assert 4 <= len(text.split("\n\n")) <= 8


def test_the_writers_and_sections_are_several_and_declared(read_in: tuple[list[FoundArticle], list[FoundComment]], settings: Settings) -> None:
    articles, comments = read_in
    writers = {one.author for one in articles if one.author}

    assert Counter(writer.role for writer in writers)[Role.STAFF] == 3
    assert {one.section for one in articles} <= set(settings.newsletters["weekly"].sections)
    assert {one.role for one in comments} == set(Role)
    assert sum(not one.excerpt for one in articles) == 1


def test_there_are_fifty_comments_of_every_state(export: etree._Element) -> None:
    comments = list(export.iter(WP + "comment"))
    states = Counter(one.findtext(WP + "comment_approved") for one in comments)
    types = Counter(one.findtext(WP + "comment_type") for one in comments)

    assert len(comments) == 50
    assert states == {"1": 47, "0": 1, "trash": 2}
    assert types == {"comment": 49, "pingback": 1}
    assert len(set(children(export, "comment_content"))) == 50
    assert len(set(children(export, "comment_id"))) == 50


def test_threads_are_at_least_three_deep_and_nobody_answers_the_future(export: etree._Element) -> None:
    parents = dict(zip(children(export, "comment_id"), children(export, "comment_parent"), strict=True))
    dates = dict(zip(children(export, "comment_id"), children(export, "comment_date_gmt"), strict=True))

    def depth(key: str) -> int:
        return 1 if parents[key] == "0" else 1 + depth(parents[key])

    assert max(map(depth, parents)) == 4
    assert all(dates[key] > dates[parent] for key, parent in parents.items() if parent != "0")
    assert all("2026-11-09 07:00:00" <= date < "2026-11-23 07:00:00" for date in dates.values())


def test_nothing_points_at_anybody_real(folder: Path) -> None:
    for name in ("harbour.xml", "columns.json", "readers.csv", "digest.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        links = [link for link in re.findall(r"https?://[^\s\"<>\]]+", text) if not link.startswith(PLUMBING)]
        hosts = [re.sub(r"https?://([^/:]+).*", r"\1", link) for link in links] + re.findall(r"[^\s,;\"<>\[\]]+@([^\s,;\"<>\[\]]+)", text)

        assert [host for host in hosts if not RESERVED.search(host) and host != "127.0.0.1"] == []


def test_addresses_of_the_network_are_those_kept_for_documents(export: etree._Element) -> None:
    assert all(re.fullmatch(r"192\.0\.2\.\d{1,3}", address) for address in children(export, "comment_author_IP"))


def test_the_reader_takes_no_address_over(export: etree._Element, read_in: tuple[list[FoundArticle], list[FoundComment]]) -> None:
    taken = repr(read_in)
    written = " ".join(one.body for one in read_in[1])

    assert "192.0.2." not in taken
    assert [mail for mail in set(children(export, "comment_author_email")) if mail and mail in taken and mail not in written] == []


def test_there_are_sixty_readers(folder: Path) -> None:
    with (folder / "readers.csv").open("rb") as file:
        rows = list(read_rows(file))
    cells = [row.cells for row in rows if isinstance(row, Cells)]
    moments = [datetime.fromisoformat(one["confirmed_at"]) for one in cells]

    assert (len(rows), len(cells), len({parse_address(one["address"]) for one in cells})) == (60, 60, 60)
    assert all(moment < CUTOFF and moment.tzinfo for moment in moments)
    assert all(one["origin"] and one["wording"] for one in cells)
    assert any(not one["name"] for one in cells)
    assert any(not one["address"].isascii() for one in cells)


def png_size(path: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height


def test_every_picture_is_there_and_as_large_as_is_said(
    folder: Path, settings: Settings, read_in: tuple[list[FoundArticle], list[FoundComment]], columns: list[dict[str, str]]
) -> None:
    publication, sponsor = settings.publication, settings.newsletters["weekly"].sponsor
    assert sponsor
    said = {one.image.url: (one.image.width, one.image.height) for one in read_in[0] if one.image}
    for item in columns:
        for url, width, height in re.findall(r'src="([^"]+)" width="(\d+)" height="(\d+)"', item["content_html"]):
            assert item["image"] == url
            said[url] = (int(width), int(height))
    said[sponsor.image] = (sponsor.image_width, sponsor.image_height)
    for logo in (publication.logo, publication.logo_dark):
        said[logo] = (2 * publication.logo_width, 2 * publication.logo_height)  # drawn for screens of twice the density

    prefix = f"{publication.url}/images/"
    assert {url: png_size(folder / "images" / url.removeprefix(prefix)) for url in said} == said
    assert {url.removeprefix(prefix) for url in said} == {path.name for path in (folder / "images").iterdir()}
    assert all(one.image and one.image.alt for one in read_in[0])


def test_the_pictures_are_light(folder: Path) -> None:
    sizes = [path.stat().st_size for path in (folder / "images").iterdir()]

    assert max(sizes) <= 40_000
    assert sum(sizes) <= 450_000


def chosen(engine: Engine, settings: Settings) -> tuple[Choice, dict[int, str], dict[int, str]]:
    """The edition of the paper's Monday, with the titles of all articles and the texts of all comments by id."""
    with Client(settings.fetch) as client:
        reports = sync(engine, settings, client=client, now=CUTOFF)
    assert [(report.failure, report.problems) for report in reports] == [("", ()), ("", ())]
    weekly = settings.newsletters["weekly"]
    span = window(weekly, CUTOFF, last_cutoff=None, first_start=None)
    with engine.begin() as connection:
        snapshot = gather(
            connection,
            sources=(),
            start=span.reach,
            cutoff=span.cutoff,
            comments_from=span.start,
            sent={},
            considered=frozenset(),
            quoted=frozenset(),
            quoted_people=frozenset(),
        )
    choice = choose(snapshot, weekly, window_start=span.start, cutoff=span.cutoff, site_host="thelanternquay.example")
    assert all(one.state is CommentState.APPROVED or not one.text for one in snapshot.comments)
    return choice, {one.id: one.title for one in (*snapshot.articles, *snapshot.others)}, {one.id: one.text for one in snapshot.comments}


def test_the_edition_has_the_week_and_nothing_that_must_stay_out(engine: Engine, settings: Settings) -> None:
    choice, titles, texts = chosen(engine, settings)
    articles = [titles[pick.id] for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place in (Place.LEAD, Place.SECTION)]
    quotes = [texts[pick.id] for pick in choice.picks if pick.kind is Kind.COMMENT]

    assert articles[0] == "The Wren comes home: ferry back on the water after 61 days"
    assert len(articles) == 8
    assert not any(word in title for title in titles.values() for word in ("gearbox cost", "draft minutes"))
    assert not any("Stollen" in title for title in articles)
    assert any(quote.startswith("My grandfather was the man with the thumb") for quote in quotes)
    assert "I’d have commented sooner. Wrong clock." in quotes
    assert not any(word in quote for quote in quotes for word in ("bev.trounson", "🦩", "Embarrassing", "no engine at all", "the engine is sharing"))

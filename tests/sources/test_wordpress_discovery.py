"""Where a site's interface is, whom it takes us for, and where the password goes."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.errors import Gone, SourceError
from digest.sources.http import Client
from digest.sources.wordpress_discovery import same_house
from tests.sources.web import Page, Site, serving
from tests.sources.wordpress_json import ROOT, USERS, comment, lay_down, post, refusal, reply
from tests.sources.wordpress_reading import read_site


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        lay_down(site, [post(1)], [comment(5)])
        yield site


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="https://api.w.org/" href="/wp-json/" />',
        "<LINK href='/wp-json/' rel='https://api.w.org/'>",
        "<link rel=https://api.w.org/ href=/wp-json/>",
    ],
)
def test_the_interface_is_named_in_the_page(site: Site, client: Client, now: datetime, element: str) -> None:
    site.pages["/"] = Page(f'<link rel="stylesheet" href="/style.css">{element}'.encode())
    assert set(read_site(site, client, now).articles) == {"1"}


def test_the_interface_is_one_link_of_several(site: Site, client: Client, now: datetime) -> None:
    links = f'<{site.url}/feed/>; rel="alternate", <{site.url}{ROOT}/>; rel="https://api.w.org/", <{site.url}/>; rel=shortlink'
    site.pages["/"] = Page(headers={"Link": links})
    assert set(read_site(site, client, now).articles) == {"1"}


@pytest.mark.parametrize(
    "page",
    [
        Page(b"<h1>A garden</h1>"),
        Page(b'<link rel="https://api.w.org/">'),
        Page(b'<link rel="https://api.w.org/" href="http://[broken/">'),
        Page(b'<link rel="https://api.w.org/" href="mailto:me">'),
        Page(status=404),
    ],
)
def test_a_site_that_is_none(site: Site, client: Client, now: datetime, page: Page) -> None:
    site.pages["/"] = page
    with pytest.raises(SourceError, match="names no REST interface"):
        read_site(site, client, now)


def test_a_site_that_is_gone(site: Site, client: Client, now: datetime) -> None:
    site.pages["/"] = Page(status=410)
    with pytest.raises(Gone):
        read_site(site, client, now)


def test_nothing_is_asked_for_that_holds_personal_data(site: Site, client: Client, now: datetime) -> None:
    site.pages[f"{USERS}/me"] = reply({"id": 1})
    lay_down(site, [post(1)], [comment(5, author=3)])
    assert not read_site(site, client, now).problems
    asked = [parse_qs(urlsplit(path).query) for path in site.paths if path.startswith(ROOT)]
    assert len(asked) >= 6
    assert all("_fields" in query and "context" not in query for query in asked)
    assert {query["_embed"][0] for query in asked if "_embed" in query} == {"author,wp:featuredmedia,wp:term"}
    assert len([path for path in site.paths if path.startswith(f"{USERS}/me?")]) == 1
    assert not [path for path in site.paths if any(word in path for word in ("avatar", "email", "_ip", "agent"))]


def test_the_password_goes_to_no_other_house(site: Site, client: Client, now: datetime) -> None:
    with serving() as other:
        lay_down(other, [post(1)], [comment(5)])
        site.pages["/"] = Page(headers={"Link": f'<{other.url}{ROOT}/>; rel="https://api.w.org/"'})
        seen = read_site(site, client, now)
    assert set(seen.comments) == {"5"}
    assert "not sent there" in seen.problems[0].what
    assert not [one for one in [*site.asked, *other.asked] if "authorization" in one.headers]


@pytest.mark.parametrize(
    ("declared", "found", "same"),
    [
        ("https://harbour.example", "https://harbour.example/wp-json/", True),
        ("https://harbour.example:443/paper", "https://HARBOUR.example/wp-json/", True),
        ("http://harbour.example", "https://harbour.example/wp-json/", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/wp-json/", True),
        ("https://harbour.example", "http://harbour.example/wp-json/", False),
        ("https://harbour.example", "https://www.harbour.example/wp-json/", False),
        ("https://harbour.example", "https://harbour.example:8443/wp-json/", False),
        ("http://harbour.example:8080", "https://harbour.example/wp-json/", False),
        ("https://harbour.example", "https://harbour.example@evil.example/wp-json/", False),
        ("https://harbour.example", "https://harbour.example:x/wp-json/", False),
    ],
)
def test_which_houses_are_the_same(declared: str, found: str, same: bool) -> None:
    assert same_house(declared, found) is same


def test_the_password_follows_no_redirect_to_another_house(site: Site, client: Client, now: datetime) -> None:
    with serving() as other:
        other.pages[f"{USERS}/me"] = refusal(401, "rest_not_logged_in")
        site.pages[f"{USERS}/me"] = Page(status=302, headers={"Location": f"{other.url}{USERS}/me"})
        seen = read_site(site, client, now)
    assert "not accepted" in seen.problems[0].what
    assert other.asked
    assert not [one for one in other.asked if "authorization" in one.headers]

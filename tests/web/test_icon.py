"""The icon in a tab: the publication's initial on its colour, found by the link in every page and by those who look for none."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from digest.settings import Settings, parse
from digest.web.app import application
from digest.web.icon import ICON
from digest.web.initial import initial
from digest.web.reception import Reception
from subscribers.tokens import Purpose, sign
from tests.web.conftest import GIVEN, HOST, KEYS, Readers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SVG = "{http://www.w3.org/2000/svg}"
DARK = "(prefers-color-scheme: dark)"


def called(name: str, folder: Path, **publication: Any) -> Settings:
    return parse({**GIVEN, "publication": {**GIVEN["publication"], "name": name, **publication}}, folder=folder)


@contextmanager
def pages_of(reception: Reception, settings: Settings) -> Iterator[TestClient]:
    with TestClient(application(replace(reception, settings=settings)), base_url=f"https://{HOST}", follow_redirects=False) as client:
        yield client


def linked(html: str) -> str:
    (found,) = re.findall(r'<link rel="icon" type="image/svg\+xml" href="([^"]+)">', html)
    return str(found)


def test_every_page_names_it_and_it_is_kept_for_good(client: TestClient, readers: Readers) -> None:
    leave = f"/leave/{sign(Purpose.LEAVE, readers.join().subscription_token, KEYS)}"
    paths = {linked(client.get(path).text) for path in ("/", "/privacy", "/nowhere", "/subscribe", "/box/weekly", leave)}
    assert len(paths) == 1
    answer = client.get(paths.pop())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/icon-older.svg").headers["cache-control"] == "no-cache"
    assert client.get("/static/icon-older.svg").text == answer.text


def test_who_reads_no_link_finds_it_where_icons_always_were(client: TestClient) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "image/svg+xml")
    assert answer.text == client.get(linked(client.get("/").text)).text
    assert "immutable" not in answer.headers["cache-control"]
    assert client.head("/favicon.ico").status_code == 200


def test_a_page_may_load_it_and_it_may_load_nothing(client: TestClient) -> None:
    assert "img-src 'self';" in client.get("/").headers["content-security-policy"]
    headers = client.get("/favicon.ico").headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; ")
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_it_wears_the_publications_colours_and_another_name_makes_another_icon(reception: Reception, tmp_path: Path) -> None:
    colours = {"accent": "#123456", "accent_dark": "#abcdef"}
    ours, theirs = called("The Lantern", tmp_path, colours=colours), called("Saltmarsh", tmp_path, colours=colours)
    assert ICON.path(ours) != ICON.path(theirs)
    with pages_of(reception, ours) as client:
        drawn = client.get("/favicon.ico").text
    light, _, dark = drawn.partition(DARK)
    assert ("#123456" in light, "#abcdef" in light) == (True, False)
    assert ("#123456" in dark, "#abcdef" in dark) == (False, True)
    assert ET.fromstring(drawn).findtext(f"{SVG}text") == "T"


def test_a_file_of_the_publications_own_goes_before_it(reception: Reception, tmp_path: Path) -> None:
    own = tmp_path / "themes" / "pages"
    own.mkdir(parents=True)
    (own / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><circle r="{{ initial|length }}"/></svg>')
    with pages_of(reception, called("Our Own", tmp_path)) as client:
        assert '<circle r="1"/>' in client.get(linked(client.get("/").text)).text


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("saltmarsh", "s"),
        ("“The Lantern”", "T"),
        (" <b>old</b> news", "b"),
        ("E\u0301cho du port", "E\u0301"),
        ("الفانوس", "ا"),
        ("क्षितिज", "क्षि"),
        ("กำแพง", "กำ"),
        ("\u1112\u1161\u11ab글", "\u1112\u1161\u11ab"),
        ("灯台", "灯"),
        ("24 hours", "h"),
        ("24", "2"),
        ("👩‍🚀!", "👩‍🚀"),
        ("&", ""),
        ("<", "<"),
        ("…", ""),
        ("", ""),
    ],
)
def test_the_initial_is_what_one_reads_as_the_first_letter(name: str, first: str) -> None:
    assert initial(name) == first


@given(name=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"]), max_size=12))
def test_whatever_the_name_the_icon_is_sound(name: str) -> None:
    drawn = ET.fromstring(ICON.text(called(name, Path())))
    assert (drawn.findtext(f"{SVG}text") or "") == initial(name)
    assert initial(name) in name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_draws_it_under_its_own_policy(browser: "Browser", client: TestClient, scheme: Any) -> None:
    """Opened by itself, which is when its policy counts."""
    context = browser.new_context(viewport={"width": 64, "height": 64}, color_scheme=scheme)
    path = linked(client.get("/").text)
    answer = client.get(path)
    context.route("**/*", lambda route: route.fulfill(status=200, headers=dict(answer.headers), body=answer.content))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(f"https://{HOST}{path}")
    fill = page.evaluate("getComputedStyle(document.querySelector('rect')).fill")
    assert fill == {"light": "rgb(11, 92, 74)", "dark": "rgb(111, 211, 182)"}[scheme]
    wide, high = page.evaluate("(box => [box.width, box.height])(document.querySelector('text').getBoundingClientRect())")
    assert 0 < wide < 64 and 0 < high < 64
    assert complaints == []
    context.close()

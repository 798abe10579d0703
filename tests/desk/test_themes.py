"""Themes at the desk: looked at, changed in the browser, tried on the next edition, kept and given up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from digest.accounts.roles import Deed, DeskRole
from digest.accounts.tables import DeedRow
from digest.database import open_database
from digest.render import sandbox
from digest.render.sandbox_worker import POOL
from tests.desk.entering import SHARED, House, csrf
from tests.desk.showing import filled

FILE = "/themes/evening/file?name=heading.html"
FAST = '[render]\ninliner = "fast"\n'


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path, now: datetime) -> Iterator[House]:
    path = tmp_path / "themes.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield filled(House(engine=engine, folder=tmp_path, now=now - timedelta(hours=1), settings=FAST))
    engine.dispose()


@pytest.fixture
def client(house: House) -> TestClient:
    client = house.local()
    begun = post(client, "/themes", "/themes/new", name="evening", like="letter")
    assert begun.headers["location"] == "/themes/evening"
    return client


def post(client: TestClient, page: str, action: str, **fields: Any) -> Any:
    return client.post(action, data={"csrf": csrf(client.get(page).text), **fields})


def seen(client: TestClient, page: str = FILE) -> str:
    return client.get(page).text.partition('name="seen" value="')[2].partition('"')[0]


def tried(client: TestClient, text: str, name: str = "heading.html", **fields: str) -> str:
    """The address of the page that shows what was tried."""
    page = f"/themes/evening/file?name={name}"
    answer = post(client, page, "/themes/evening/try", name=name, text=text, seen=seen(client, page), **fields)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def framed(client: TestClient, page: str) -> Any:
    frame = client.get(page).text.partition('<iframe src="')[2].partition('"')[0].replace("&amp;", "&")
    return client.get(frame)


def deeds(house: House) -> list[dict[str, Any]]:
    with house.engine.connect() as connection:
        return [row.detail for row in connection.execute(select(DeedRow.detail).where(DeedRow.what == Deed.THEME).order_by(DeedRow.id))]


def test_themes_and_their_files_are_listed_with_whose_they_are(client: TestClient) -> None:
    listed = client.get("/themes").text
    assert all(f'href="/themes/{name}"' in listed for name in ("classic", "evening", "letter"))
    files = client.get("/themes/evening").text
    assert "from classic" in files and "yours" in files and "name=blocks/lead.html" in files


def test_a_change_is_tried_on_the_next_edition_before_it_is_kept(client: TestClient, house: House) -> None:
    page = tried(client, '<h2 class="section accent">~ {{ heading }} ~</h2>')
    assert "~ {{ heading }} ~" in client.get(page).text
    shown = framed(client, page)
    assert "~ Town ~" in shown.text and "The Lantern Weekly" in shown.text
    assert "sandbox; default-src 'none'" in shown.headers["content-security-policy"]
    assert "~ Town ~" not in framed(client, FILE).text
    assert "~" not in (house.folder / "themes" / "evening" / "heading.html").read_text()
    assert [one["did"] for one in deeds(house)] == ["begun"]


def test_it_is_tried_on_a_specimen_of_every_block_too(client: TestClient) -> None:
    page = tried(client, '<h2 class="section accent">~ {{ heading }} ~</h2>', on="specimen")
    assert "~ A section ~" in framed(client, page).text


def test_what_is_kept_is_written_logged_and_drawn(client: TestClient, house: House) -> None:
    answer = post(client, FILE, "/themes/evening/keep", name="heading.html", text="<h2>= {{ heading }} =</h2>\r\n", seen=seen(client))
    assert answer.headers["location"] == f"{FILE}&done=kept"
    assert (house.folder / "themes" / "evening" / "heading.html").read_text() == "<h2>= {{ heading }} =</h2>\n"
    assert "= Town =" in framed(client, FILE).text
    given = post(client, FILE, "/themes/evening/give-up", name="heading.html", text="", seen=seen(client))
    assert given.status_code == 303
    assert not (house.folder / "themes" / "evening" / "heading.html").exists()
    assert "Back to" not in client.get(FILE).text
    assert [(one["did"], one.get("file")) for one in deeds(house)] == [("begun", None), ("kept", "heading.html"), ("given", "heading.html")]
    assert "changed the theme evening" in client.get("/log").text


def test_of_two_who_change_a_file_at_once_the_second_sees_both(client: TestClient, house: House) -> None:
    before = seen(client)
    post(client, FILE, "/themes/evening/keep", name="heading.html", text="<h2>Ana’s {{ heading }}</h2>", seen=before)
    answer = post(client, FILE, "/themes/evening/keep", name="heading.html", text="<h2>Ben’s {{ heading }}</h2>", seen=before)
    assert answer.status_code == 409
    assert "changed by somebody else" in answer.text
    assert "-&lt;h2&gt;Ana’s" in answer.text and "+&lt;h2&gt;Ben’s" in answer.text
    assert "Ana’s" in (house.folder / "themes" / "evening" / "heading.html").read_text()
    now = answer.text.partition('name="seen" value="')[2].partition('"')[0]
    post(client, FILE, "/themes/evening/keep", name="heading.html", text="<h2>Ben’s {{ heading }}</h2>", seen=now)
    assert "Ben’s" in (house.folder / "themes" / "evening" / "heading.html").read_text()
    assert len(deeds(house)) == 3


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("\n{{ headin }}", "line 1: &#39;headin&#39; is undefined"),
        ("{% if %}", "line 1: "),
        ("{{ ''.__class__.__mro__ }}", "is unsafe"),
        ("{% include '../../../../digest.toml' %}", "There is no template"),
        ("{{ 'a' * 10 ** 10 }}", "takes more memory than there is"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "does a loop not end?"),
    ],
)
def test_a_template_that_cannot_be_drawn_ends_in_a_sentence(client: TestClient, template: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.5)
    page = tried(client, template)
    shown = client.get(page)
    assert shown.status_code == 200 and "It cannot be drawn" in shown.text and said in shown.text
    assert ">evening/heading.html" in shown.text
    monkeypatch.undo()
    assert "It cannot be drawn" not in client.get(FILE).text


def test_an_attempt_is_known_to_whoever_made_it_alone_and_for_a_while(house: House) -> None:
    house.settings = FAST
    house.file.write_text(house.file.read_text() + f'[desk]\nurl = "{SHARED}"\n')
    house.studio.refresh()
    for name in ("Ana", "Ben"):
        house.account(name, DeskRole.ADMIN)
    ana, other = house.as_role(DeskRole.ADMIN), house.as_role(DeskRole.PUBLISHER)
    post(ana, "/themes", "/themes/new", name="evening", like="letter")
    page = tried(ana, "<h2>~ {{ heading }} ~</h2>")
    assert "~ {{ heading }} ~" in ana.get(page).text
    assert "~ {{ heading }} ~" not in other.get(page).text
    assert "readonly" in other.get(page).text and "takes an admin" in other.get(page).text
    house.wait(hours=5)
    assert house.studio.attempts.find(page.partition("attempt=")[2].partition("&")[0], who="Ana", theme="evening", now=house.now) is None


@pytest.mark.parametrize("name", ["../digest.toml", "x.py", "a/b/c.html", "", ".hidden.html", "blocks/../../../x.html"])
def test_no_other_file_is_shown_or_written(client: TestClient, house: House, name: str) -> None:
    before = sorted(house.folder.rglob("*"))
    assert client.get("/themes/evening/file", params={"name": name}).status_code == 404
    for action in ("try", "keep", "give-up"):
        assert post(client, FILE, f"/themes/evening/{action}", name=name, text="x", seen="").status_code == 404
    for theme in ("letters", "pages", "..", "nowhere"):
        for action in ("keep", "give-up"):
            assert post(client, FILE, f"/themes/{theme}/{action}", name="body.html", text="x", seen="").status_code >= 400
    assert sorted(house.folder.rglob("*")) == before
    assert [one["did"] for one in deeds(house)] == ["begun"]


def test_a_name_that_is_taken_or_none_is_said(client: TestClient) -> None:
    for name in ("evening", "pages", "No", ""):
        answer = post(client, "/themes", "/themes/new", name=name, like="letter")
        assert answer.status_code == 409 and 'role="alert"' in answer.text


def test_trying_leaves_no_files_and_no_processes(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    client.get(tried(client, "<h2>{{ heading }}</h2>"))
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(POOL.waiting) <= 2

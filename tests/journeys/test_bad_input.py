"""Bad input ends well: the message says what, where and what to do; the exit code is the documented one; whatever is sound comes in and goes out."""

import gzip
import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest

from tests.journeys.paper import READERS, SLOT, Publication, configure
from tests.sources.feeds import item, rss
from tests.sources.web import Asked, Page, Site, serving

HTML = b'<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/good"></head><body>News</body></html>'
LAUGHS = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
ENTITIES = b'<!DOCTYPE r [<!ENTITY a "lol">' + LAUGHS + b'<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def said(publication: Publication, *arguments: str, code: int, **environment: str) -> str:
    """Everything the command printed; it ended with `code`, and not with a traceback."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        process = publication.start(*arguments)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err, out + err
    assert process.returncode == code, f"{arguments} ended with {process.returncode}\n{out}\n{err}"
    return out + err


def change(publication: Publication, old: str, new: str) -> None:
    path = publication.folder / "digest.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def stopped() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def endless(asked: Asked, handler: BaseHTTPRequestHandler) -> None:
    """200 MB, unless the other side hangs up before."""
    begin(handler)
    for _ in range(200):
        handler.wfile.write(b"<item><title>More</title></item>" * 31_250)


def cut_off(asked: Asked, handler: BaseHTTPRequestHandler) -> None:
    begin(handler, **{"Content-Length": "9999"})
    handler.wfile.write(rss(item(1))[:400])


def begin(handler: BaseHTTPRequestHandler, **headers: str) -> None:
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()


def bad_site(site: Site, stopped: Event) -> dict[str, str]:
    """Lays the pages down. Path → what is said of it; nothing for what can be read all the same."""

    def drip(asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        while not stopped.wait(0.05):
            handler.wfile.write(b"<")
            handler.wfile.flush()

    def moved(url: str) -> Page:
        return Page(status=302, headers={"Location": url})

    half = rss(item(11), item(12), item(13))
    pages: dict[str, tuple[Page | Callable[[Asked, BaseHTTPRequestHandler], Page | None], str]] = {
        "html": (Page(HTML), f"/html is an HTML page, not a feed; the page names {site.url}/good: put that into digest.toml."),
        "empty": (Page(b""), "/empty is empty, not a feed."),
        "endless": (endless, "/endless is bigger than the 3000000 bytes of [fetch] maximum_bytes."),
        "bomb": (Page(gzip.compress(bytes(60_000_000)), headers={"Content-Encoding": "gzip"}), "/bomb is bigger than the 3000000 bytes"),
        "no-gzip": (Page(b"plain", headers={"Content-Encoding": "gzip"}), "/no-gzip sent something that cannot be decompressed."),
        "cut-off": (cut_off, "/cut-off broke off before its answer was whole"),
        "drip": (drip, "/drip took longer than the 4 seconds of [fetch] timeout_seconds."),
        "inside": (moved("http://[::1]:1/"), "/inside redirects to a place that is not asked: ::1 is not on the open internet"),
        "cloud": (moved("http://169.254.169.254/latest/"), "/cloud redirects to a place that is not asked: 169.254.169.254 is not on the open"),
        "file": (moved("file:///etc/passwd"), "only http:// and https:// addresses are"),
        "loop": (moved("/loop"), "/loop redirects more than 5 times."),
        "picture": (Page(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), "/picture is not a feed: neither RSS, Atom nor JSON Feed."),
        "half-json": (Page(b'{"version": "https://jsonfeed.org/version/1.1", "items": [{'), "/half-json is not a feed: it begins like JSON"),
        "deep-json": (Page(b'{"items":' + b"[" * 100_000), "/deep-json is not a feed"),
        "gone": (Page(status=410), "/gone is gone for good (410)"),
        "missing": (Page(status=404), "/missing answered 404, not with a feed."),
        "closed": (Page(status=403), "/closed answered 403: it wants a user and a password"),
        "half": (Page(half[: half.rindex(b"<item>") + 60]), ""),
        "charset": (Page(rss(item(21)).replace(b'"UTF-8"', b'"x-klingon"').replace(b"Ferry", b"F\xe4hre")), ""),
        "entities": (Page(rss(item(22)).replace(b"?>", b"?>" + ENTITIES, 1).replace(b"Ferry 22", b"Ferry 22 &j; &x;")), ""),
        "good": (Page(rss(item(31), item(32))), ""),
    }
    site.pages |= {f"/{name}": page for name, (page, _) in pages.items()}
    return {name: complaint for name, (_, complaint) in pages.items()}


def test_bad_feeds_are_named_and_the_good_ones_come_in(publication: Publication, stopped: Event) -> None:
    with serving() as site:
        complaints = bad_site(site, stopped)
        for name in complaints:
            configure(publication, f'[sources.{name}]\nkind = "feed"\nurl = "{site.url.replace("//", "//editor:sesame@")}/{name}?key=sesame"')
        configure(publication, '[sources.nothing]\nkind = "feed"')
        configure(publication, '[sources.lost]\nkind = "wxr"\nfile = "lost.xml"')
        configure(publication, '[sources.readers]\nkind = "wxr"\nfile = "readers.csv"')
        configure(publication, '[sources.locked]\nkind = "feed"\nurl = "http://127.0.0.1:9/"\nuser = "editor"\npassword_file = "lost.password"')
        configure(publication, '[fetch]\nallow_private = ["127.0.0.1"]\ntimeout_seconds = 4\nmaximum_bytes = 3000000')
        publication.run("db", "upgrade")
        text = said(publication, "sync", code=3)
        lines: dict[str, str] = defaultdict(str)
        for name, _, words in (line.partition(": ") for line in text.splitlines()):
            lines[name] += words.replace("?…", "") + "\n"
        complaints |= {
            "nothing": "names no url in digest.toml",
            "lost": "The export file lost.xml cannot be read: No such file or directory.",
            "readers": "readers.csv is no WordPress export (WXR)",
            "locked": "The password file lost.password cannot be read: No such file or directory.",
        }
        for name, complaint in complaints.items():
            assert (complaint or "articles") in lines[name], lines[name]
        assert "articles 2 new" in lines["half"]
        assert "The feed was cut off; the items before the cut were read." in lines["half"]
        assert "articles 11 new" in lines["harbour"]
        # The next sync is told the same, and nothing that came in is lost.
        again = {report["source"]: report for report in publication.json("sync", code=3)}
    assert again["good"]["failure"] == ""
    stand = {source["name"]: source["articles"] for source in publication.json("status")["sources"]}
    assert (stand["good"], stand["half"], stand["harbour"], stand["charset"], stand["entities"], stand["html"]) == (2, 2, 11, 1, 1, 0)
    with sqlite3.connect(publication.folder / "digest.db") as database:
        titles = " ".join(title for (title,) in database.execute("SELECT title FROM articles"))
    assert len(titles) < 3_000
    assert Path("/etc/hostname").read_text().strip() not in titles
    assert "sesame" not in text + titles


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("postal_address", "postal_adress", "publication.postal_adress: no such key; did you mean “postal_address”?"),
        ("[delivery]", "[delivry]", "delivry: no such key; did you mean “delivery”?"),
        ('kind = "wxr"\n', "", "sources.harbour.kind: is missing"),
        ('kind = "wxr"', 'kind = "rss"', "sources.harbour.kind: Input should be 'wordpress', 'wxr' or 'feed'"),
        ("[sources.harbour]", '[sources."Our Harbour"]', "sources.Our Harbour: may hold small letters, digits and hyphens only"),
        ('name = "The Lantern Quay"', 'name = "The Lantern Quay', "digest.toml is not valid TOML"),
        ('schedule = "0 7 * * 1"', 'schedule = "every Monday"', "is no cron expression"),
        ('title = "The Lantern Quay Weekly"', 'title = "Weekly\\u2028Bcc: all@example.org"', "newsletters.weekly.title: must be a single line"),
        (
            'url = "https://haddowdaughters.example/tide-tables"',
            'url = "javascript:alert(1)"',
            "sponsor.url: “javascript:alert(1)” is no web address",
        ),
        ('logo = "https://thelanternquay.example/images/logo.png"', 'logo = "logo.png"', "publication.logo: “logo.png” is no web address; it must"),
        ('folder = "outbox"', "folder = 3", "delivery.folder: must be a text in quotation marks"),
    ],
)
def test_a_mistake_in_the_settings_is_named(publication: Publication, old: str, new: str, complaint: str) -> None:
    change(publication, old, new)
    assert complaint in said(publication, "check", code=1)


def test_settings_that_cannot_be_read_at_all(publication: Publication) -> None:
    path = publication.folder / "digest.toml"
    given = path.read_bytes()
    path.write_bytes(given.replace(b'"outbox"', '"Ausgänge"'.encode("latin-1")))
    assert "digest.toml is not saved as UTF-8 (look at line " in said(publication, "check", code=1)
    path.unlink()
    assert "There is no digest.toml: run `digest init`" in said(publication, "send", "--due", code=1)
    path.mkdir()
    assert "digest.toml cannot be read: Is a directory." in said(publication, "sync", code=1)


@pytest.mark.parametrize("key", [None, b"\xff\xfe\x00"])
def test_without_a_sound_key_nothing_is_published(publication: Publication, key: bytes | None) -> None:
    publication.settle_in()
    path = publication.folder / "digest.key"
    path.unlink()
    if key is not None:
        path.write_bytes(key)
    reason = "digest.key holds no text" if key and key.strip() else "run `digest init` to make digest.key"
    for command in (("check",), ("preview", "weekly"), ("send", "weekly", "--at", SLOT), ("subscribers", "import", "weekly", "readers.csv")):
        assert reason in said(publication, *command, code=1)
    assert publication.json("status")["editions"] == []


@pytest.mark.parametrize("address", ["weekly at home", "The Weekly <weekly@thelanternquay.example>"])
def test_a_sender_that_is_no_address_is_refused(publication: Publication, address: str) -> None:
    publication.settle_in()
    change(publication, "weekly@thelanternquay.example", address)
    for command in (("check",), ("preview", "weekly", "--at", SLOT), ("send", "weekly", "--at", SLOT)):
        text = said(publication, *command, code=1)
        assert "is no e-mail address: write it like news@example.org" in text
        assert "weekly" in text
    assert publication.json("status")["editions"] == []


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlite:///letter.txt", "The database cannot be used: file is not a database. Look at [database] url in digest.toml."),
        ("sqlite:///.", "The database cannot be used: unable to open database file."),
        ("postgresql://editor:sesame@127.0.0.1:9/paper", "Connection refused. Look at [database] url in digest.toml."),
        ("postgresql://editor:sesame@127.0.0.1:nine/paper", "[database] url cannot be read as an address: write sqlite:///FILE or postgresql"),
        ("mysql://editor:sesame@127.0.0.1/paper", "[database] url starts with “mysql”; use sqlite:///FILE or postgresql"),
        ("digest.db", "[database] url cannot be read as an address"),
    ],
)
def test_a_database_that_is_none(publication: Publication, url: str, complaint: str) -> None:
    (publication.folder / "letter.txt").write_text("Dear editor, this is a letter and no database.\n" * 50)
    configure(publication, f'[database]\nurl = "{url}"')
    for command in (("db", "upgrade"), ("check",), ("send", "--due")):
        text = said(publication, *command, code=1)
        assert complaint in text
        assert "sesame" not in text


def test_tables_of_another_version(publication: Publication) -> None:
    assert "no tables yet: run `digest db upgrade`" in said(publication, "sync", code=1)
    publication.run("db", "upgrade")
    with sqlite3.connect(publication.folder / "digest.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("db", "upgrade"), ("sync",), ("status",)):
        assert "which a newer digest made: install that one again" in said(publication, *command, code=1)


@pytest.mark.parametrize(
    ("name", "broken", "complaint"),
    [
        ("story.html", "\n\n{{ story.tittle }}", "themes/evening/story.html, line 3: a Story has no attribute 'tittle'"),
        (
            "body.html",
            '{% include "body.html" %}',
            "themes/evening/body.html, line 1: the template includes itself without an end, or is nested too deeply.",
        ),
    ],
)
def test_a_broken_theme_is_named_and_nothing_is_half_published(publication: Publication, name: str, broken: str, complaint: str) -> None:
    theme = publication.folder / "themes" / "evening"
    theme.mkdir(parents=True)
    (theme / name).write_text(broken)
    change(publication, 'cadence = "weekly"', 'cadence = "weekly"\ntheme = "evening"')
    publication.settle_in()
    for command in (("check",), ("preview", "weekly", "--at", SLOT), ("send", "weekly", "--at", SLOT)):
        assert complaint in said(publication, *command, code=1)
    assert publication.json("status")["editions"] == []
    (theme / name).unlink()
    (stand,) = publication.json("send", "weekly", "--at", SLOT)
    assert stand["deliveries"]["accepted"] == READERS


def write_news(publication: Publication) -> None:
    """A feed of what happened in the last hour."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    stories = {"Kite": "pier", "Barge": "mast", "Whale": "hill", "Comet": "roof"}
    items = [
        {
            "id": thing,
            "url": f"https://thelanternquay.example/{thing}",
            "title": f"{thing} seen from the {place}",
            "content_text": f"A {thing.lower()} was seen from the {place} by people who agree on nothing else.",
            "date_published": (hour - timedelta(minutes=40)).isoformat(),
        }
        for thing, place in stories.items()
    ]
    (publication.folder / "now.json").write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Now", "items": items}))
    configure(publication, '[sources.now]\nkind = "feed"\nfile = "now.json"')


def test_one_broken_newsletter_does_not_keep_the_other_from_its_readers(publication: Publication) -> None:
    theme = publication.folder / "themes" / "evening"
    theme.mkdir(parents=True)
    (theme / "body.html").write_text("{{ edition.nothing }}")
    write_news(publication)
    change(publication, 'schedule = "0 7 * * 1"', 'schedule = "0 * * * *"')
    for slug, more in (("alpha", 'theme = "evening"'), ("beta", 'reply_to = "the editor"')):
        letter = f'title = "{slug}"\nfrom_address = "{slug}@thelanternquay.example"\nschedule = "0 * * * *"'
        configure(publication, f"[newsletters.{slug}]\n{letter}\n{more}")
    publication.settle_in()
    text = said(publication, "send", "--due", code=3)
    assert "themes/evening/body.html, line 1" in text
    assert "[newsletters.beta] reply_to is no e-mail address" in text
    editions = publication.json("status")["editions"]
    assert {(edition["newsletter"], edition["state"]) for edition in editions} == {("weekly", "sent")}
    assert len(list((publication.folder / "outbox").glob("*.eml"))) == READERS * len(editions)


def test_what_the_command_line_names_and_is_not_there(publication: Publication) -> None:
    publication.settle_in()
    assert "no/such/mail.html: No such file or directory." in said(publication, "preview", "weekly", "--html", "no/such/mail.html", code=1)
    assert "no/such/list.csv: No such file or directory." in said(
        publication, "subscribers", "export", "weekly", "--output", "no/such/list.csv", code=1
    )
    assert "is not a time that a newsletter is sent at" in said(publication, "draft", "weekly", "--at", "0001-01-01", code=2)
    assert "no newsletter “nightly” in digest.toml (known: weekly)" in said(publication, "send", "nightly", code=1)
    assert "no source “harbor” in digest.toml (known: columns, harbour)" in said(publication, "sync", "harbor", code=1)
    for option, value in (("--name", "Ann\nBcc: all@example.org"), ("--time-zone", "Mars/Base"), ("--language", "xx\ny")):
        assert "Not added: " in said(publication, "subscribers", "add", "weekly", "new@example.com", option, value, code=1)
    assert publication.json("subscribers", "list", "weekly", "--find", "new@example.com") == []

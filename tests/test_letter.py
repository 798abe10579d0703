"""What a letter says, how it looks, and that nothing a stranger typed gets into it."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.letters import ClaimedLetter, Letter
from digest.delivery.values import Claimed, Envelope
from digest.letter import LetterWriter
from digest.render import letter as drawing
from digest.render.environment import templates_folder
from digest.render.lint import lint
from digest.render.translation import languages
from digest.settings import Settings
from subscribers.asked import Asked
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose, read, read_dated
from tests.delivery.dkim_verifiers import DOMAIN, dkimpy_believes, ed25519_holds, opendkim_says, pem
from tests.letter_office import KEYS, NOW, WEEKLY, office, opened, parts

ANN = Claimed(
    delivery_id=7,
    subscription_id=3,
    subscription_token="AnnsSubscription012345",
    subscriber_token="AnnHerself0123456789ab",
    address="ann.reader@example.org",
    name="",
    language="",
    time_zone="",
    attempts=0,
)
TWO = {"weekly": WEEKLY, "daily": {**WEEKLY, "title": "Morning light", "description": "", "schedule": "0 6 * * *"}}


def write(
    letter: Letter,
    given: Settings | None = None,
    *,
    origin: str = "",
    how: str = "confirmation letter",
    newsletters: tuple[str, ...] = ("weekly",),
    **reader: Any,
) -> Envelope:
    state = SubscriptionState.PENDING if letter is Letter.CONFIRM else SubscriptionState.CONFIRMED
    asked = [Asked(newsletter=slug, state=state, at=NOW - timedelta(hours=1), how=how, origin=origin) for slug in newsletters]
    claimed = ClaimedLetter(letter=letter, reader=ANN._replace(**reader), subscriber_id=1, newsletter="weekly")
    return LetterWriter(given or office(), KEYS).envelope(claimed, asked, NOW)


def headers_of(data: bytes) -> list[tuple[str, str]]:
    head = data.partition(b"\r\n\r\n")[0]
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).decode().split("\r\n")
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


@pytest.mark.parametrize("inliner", ["premailer", "fast"])
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("letter", list(Letter))
def test_a_letter_is_as_a_mail_should_be(letter: Letter, language: str, inliner: str) -> None:
    told = office(newsletters=TWO, render={"inliner": inliner})
    envelope = write(letter, told, newsletters=("weekly", "daily"), language=language, name="Ann", origin="https://lamp.example/news/")
    html, text = parts(opened(envelope.data))
    assert lint(html, text, colours=told.publication.colours, budget=28_000) == ()
    assert len(envelope.data) < 28_000
    assert f'lang="{language}"' in html
    assert max(map(len, envelope.data.split(b"\r\n"))) <= 998
    assert all(len(line) <= 76 for line in envelope.data.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert envelope.seven_bit


@pytest.mark.parametrize("letter", list(Letter))
def test_a_letter_says_where_it_comes_from_and_how_to_leave(letter: Letter) -> None:
    mailbox = office(delivery={"transport": "folder", "unsubscribe_mailbox": "leave@lamp.example", "bounce_address": "bounces@lamp.example"})
    envelope = write(letter, mailbox)
    found = dict(headers_of(envelope.data))
    assert envelope.sender == "bounces@lamp.example"
    assert found["From"] == "The Lamp <hello@lamp.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert "Precedence" not in found
    assert found["List-Id"] == "The Lamp on Monday <weekly.lamp.example>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page, mail = re.findall("<([^>]+)>", found["List-Unsubscribe"])
    assert read(Purpose.LEAVE, page.removeprefix("https://letters.lamp.example/leave/"), KEYS) == ANN.subscription_token
    assert mail == f"mailto:leave@lamp.example?subject={page.rpartition('/')[2]}"
    html, text = parts(opened(envelope.data))
    for part in (html, text):
        assert page in part
        assert "1 Wick Lane, Seaside" in part
        assert "ann.reader@example.org" in part or letter is Letter.DATA


def test_a_confirmation_letter_says_who_asked_when_where_for_what_and_how_long_the_link_is_good() -> None:
    told = office(newsletters=TWO)
    message = opened(write(Letter.CONFIRM, told, newsletters=("weekly", "daily"), origin="https://lamp.example/news/", time_zone="Asia/Tokyo").data)
    html, text = parts(message)
    assert message["Subject"] == "Please confirm your subscriptions"
    for part in (re.sub(r"<[^>]+>", "", html), text):
        words = " ".join(part.split())
        assert "On Monday, November 23, 2026 at 3:12" in words  # in Tokyo
        assert "somebody asked us to write to ann.reader@example.org" in words
        assert "on lamp.example/news" in words
        assert "The Lamp on Monday" in words
        assert "What was written, and what readers answered." in words
        assert "Morning light" in words
        assert "Then do nothing" in words
        assert "until Thursday, November 26, 2026, 4:12" in words
    (link,) = set(re.findall(r"https://letters\.lamp\.example/confirm/([^\s\"<]+)", html + text))
    assert read_dated(Purpose.CONFIRM, link, KEYS, now=NOW, lifetime=timedelta(hours=72)).said == ANN.subscriber_token


def test_one_newsletter_is_named_in_the_subject() -> None:
    assert opened(write(Letter.CONFIRM).data)["Subject"] == "Please confirm: The Lamp on Monday"
    assert opened(write(Letter.WELCOME).data)["Subject"] == "Welcome to The Lamp on Monday"


def test_the_other_letters_lead_where_they_say() -> None:
    for letter in (Letter.ALREADY, Letter.WELCOME):
        (link,) = set(re.findall(r"https://letters\.lamp\.example/preferences/([^\s\"<]+)", parts(opened(write(letter).data))[1]))
        assert read(Purpose.PREFERENCES, link, KEYS) == ANN.subscriber_token
    (link,) = set(re.findall(r"https://letters\.lamp\.example/data/([^\s\"<]+)", parts(opened(write(Letter.DATA).data))[1]))
    assert read_dated(Purpose.DATA, link, KEYS, now=NOW, lifetime=timedelta(hours=1)).said == ANN.subscriber_token


def test_a_welcome_says_when_the_next_edition_comes() -> None:
    assert "The next edition: Monday, November 30, 2026." in parts(opened(write(Letter.WELCOME).data))[1]


@pytest.mark.parametrize("letter", list(Letter))
def test_no_word_of_a_stranger_is_in_a_letter_before_the_second_yes(letter: Letter) -> None:
    name = "You have won, see prize.example"
    data = write(letter, name=name, how="form", origin="https://prize.example/claim").data
    html, text = parts(opened(data))
    assert "prize" not in html + text + str(opened(data)["To"])


def test_after_the_second_yes_they_are_called_by_their_name() -> None:
    message = opened(write(Letter.WELCOME, name="Ann Reader").data)
    assert message["To"] == "Ann Reader <ann.reader@example.org>"
    assert "Hello Ann Reader," in parts(message)[1]


def test_what_is_kept_can_be_asked_for_when_the_newsletter_is_no_more() -> None:
    gone = office().model_copy(update={"newsletters": {}})
    message = opened(write(Letter.DATA, gone, newsletters=()).data)
    assert message["List-Id"] == "The Lamp <weekly.lamp.example>"
    with pytest.raises(LookupError):
        write(Letter.CONFIRM, gone)


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("https://lamp.example/news/?a=b#c", "on lamp.example/news."),
        ("https://letters.lamp.example/subscribe", "on letters.lamp.example/subscribe."),
        ("https://lamp.example/%59ou%20have%20won", "on lamp.example."),
        ("https://lamp.example/" + "x" * 90, "on lamp.example."),
        ("https://lamp.example.prize.example/", "on one of our pages."),
        ("https://lamp.example@prize.example/", "on one of our pages."),
        ("https://[", "on one of our pages."),
        ("lamp.example", "on one of our pages."),
        ("", "on one of our pages."),
    ],
)
def test_only_pages_of_our_own_are_named(origin: str, shown: str) -> None:
    assert f"asked for this letter {shown}" in " ".join(parts(opened(write(Letter.CONFIRM, origin=origin).data))[1].split())


def test_a_time_zone_or_language_nobody_knows_is_that_of_the_publication() -> None:
    told = office(publication={"name": "The Lamp", "postal_address": "1 Wick Lane", "time_zone": "Europe/Berlin"})
    text = parts(opened(write(Letter.CONFIRM, told, time_zone="../../etc/passwd", language="x-klingon").data))[1]
    assert "November 23, 2026 at 7:12" in text


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120)


def test_dates_are_written_as_in_the_readers_own_country() -> None:
    text = " ".join(parts(opened(write(Letter.CONFIRM, language="en-GB").data))[1].split())
    assert "On Monday, 23 November 2026 at 06:12 somebody" in text
    assert 'lang="de-AT"' in parts(opened(write(Letter.CONFIRM, language="de-AT").data))[0]


@settings(max_examples=40)
@given(st.text(max_size=120), LINES.filter(str.strip), LINES)
def test_no_name_and_no_title_adds_a_header_or_a_tag(name: str, title: str, sender: str) -> None:
    told = office(newsletters={"weekly": {**WEEKLY, "title": title}}, letters={"from_address": "hello@lamp.example", "from_name": sender})
    plain = [name for name, _ in headers_of(write(Letter.WELCOME).data)]
    data = write(Letter.WELCOME, told, name=name).data
    assert [name for name, _ in headers_of(data)] == plain
    html, text = parts(opened(data))
    assert "<script" not in html
    assert {found.what for found in lint(html, text)} == set()


@settings(max_examples=25)
@given(
    st.sampled_from(["<script>", "</style>", "{{ 7*7 }}", "{% raw %}", "\r\nBcc: x@example.com", "NLx0123456789xADDRESSx", "\u2028", "\u202e"]),
    st.text(),
)
def test_a_hostile_name_stays_text(hostile: str, more: str) -> None:
    data = write(Letter.WELCOME, name=hostile + more).data
    assert "Bcc" not in dict(headers_of(data))
    html = parts(opened(data))[0]
    assert "<script" not in html.casefold()
    assert html.count("</style>") == parts(opened(write(Letter.WELCOME).data))[0].count("</style>")
    if "{{" in hostile:
        assert "7*7" in html


def test_a_letter_is_signed_and_others_believe_it(tmp_path: Path) -> None:
    told = office(
        letters={"from_address": f"hello@{DOMAIN}"},
        delivery={
            "transport": "folder",
            "dkim": [{"selector": "s-rsa", "domain": DOMAIN, "key": pem("rsa")}, {"selector": "s-ed25519", "domain": DOMAIN, "key": pem("ed25519")}],
        },
    )
    sent = [write(letter, told).data for letter in Letter]
    assert all(dkimpy_believes(data) and ed25519_holds(data) for data in sent)
    assert opendkim_says(sent, tmp_path) == [["pass", "pass"]] * len(sent)


def test_a_hundred_readers_cost_one_run_of_jinja_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: Counter[str] = Counter()
    jinja = jinja2.Template.render

    def render(self: jinja2.Template, *values: object, **more: object) -> str:
        runs[str(self.name)] += 1
        return jinja(self, *values, **more)

    monkeypatch.setattr(jinja2.Template, "render", render)
    drawing._page.cache_clear()
    letters = {write(Letter.CONFIRM, subscriber_token=f"reader{number}", address=f"reader{number}@example.com").data for number in range(100)}
    assert len(letters) == 100
    assert runs == {"confirm/subject.txt": 1, "confirm/body.html": 1, "confirm/body.txt": 1}


def test_a_publication_may_put_its_own_words_in_place_of_ours(tmp_path: Path) -> None:
    own = tmp_path / "themes" / "letters" / "confirm"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("Ahoy! {{ letter.newsletters[0].title }}\n")
    told = office().model_copy(update={"folder": tmp_path})
    assert opened(write(Letter.CONFIRM, told).data)["Subject"] == "Ahoy! The Lamp on Monday"


def test_no_template_of_letters_lies_about_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    read_files: set[Path] = set()
    source = jinja2.FileSystemLoader.get_source

    def watched(self: jinja2.FileSystemLoader, environment: jinja2.Environment, template: str) -> object:
        found = source(self, environment, template)
        read_files.add(Path(found[1]))
        return found

    monkeypatch.setattr(jinja2.FileSystemLoader, "get_source", watched)
    drawing._page.cache_clear()
    fresh = office(publication={"name": "The Lamp", "postal_address": "1 Wick Lane", "time_zone": "Pacific/Chatham"})  # an environment of its own
    for letter in Letter:
        write(letter, fresh)
    assert {path for path in (templates_folder() / "letters").rglob("*") if path.is_file()} - read_files == set()

"""What every reader is owed, statement by statement, through the real pages and real mail on both kinds of database."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, func, select

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.dossier import dossier
from digest.errors import SendingRefused
from digest.wiring import require_sendable
from subscribers.address import parse_address
from subscribers.export import HEADER, export
from subscribers.people import history
from subscribers.suppression import address_hash
from subscribers.tables import Base, Subscription, SubscriptionState, Suppression
from tests.journeys.letterbox import link, opt_out
from tests.letter_office import KEYS, parts
from tests.paper_and_post import Paper, paper_on
from tests.web.signing_up import hidden

ANN, BOB = "ann@example.com", "bob@example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
CONFIRMED, LEFT = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
CLIP = 102_400  # bytes of HTML that Gmail shows


@pytest.fixture
def paper(engine: Engine) -> Iterator[Paper]:
    with paper_on(engine) as paper:
        yield paper


def states(paper: Paper) -> dict[str, SubscriptionState]:
    with paper.engine.begin() as connection:
        return {row.newsletter: row.state for row in connection.execute(select(Subscription.newsletter, Subscription.state))}


def acts(paper: Paper, address: str = ANN) -> list[tuple[str, str]]:
    with paper.engine.begin() as connection:
        return [(str(one.state), one.how) for one in history(connection, parse_address(address))]


@pytest.fixture
def mail(paper: Paper) -> EmailMessage:
    """The edition that Ann got."""
    paper.reader(ANN)
    return paper.edition(ANN)


def test_16_one_post_opts_out(paper: Paper, mail: EmailMessage) -> None:
    """The one-click body at the header's address is enough: no cookie, no login, no further step."""
    answer = paper.ask("POST", opt_out(mail), ONE_CLICK)
    assert (answer.status, states(paper)) == (200, {"weekly": LEFT})
    assert "set-cookie" not in answer.headers
    assert "<form" not in answer.text


@pytest.mark.parametrize("ending", ["", "/"])
def test_17_the_post_is_never_answered_with_a_redirect(paper: Paper, mail: EmailMessage, ending: str) -> None:
    """Nor is one to an address that somebody changed on the way."""
    for address in (opt_out(mail) + ending, opt_out(mail)[:-1] + ending):
        answer = paper.ask("POST", address, ONE_CLICK)
        assert not 300 <= answer.status < 400
        assert "location" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_18_looking_at_the_address_changes_nothing(paper: Paper, mail: EmailMessage, method: str) -> None:
    """GET and HEAD on the header's address never change a state."""
    before = acts(paper)
    for query in ("", "?List-Unsubscribe=One-Click"):
        assert paper.ask(method, opt_out(mail) + query).status == 200
    assert (states(paper), acts(paper)) == ({"weekly": CONFIRMED}, before)


def test_19_a_token_is_bound_to_reader_and_list(paper: Paper, mail: EmailMessage) -> None:
    """No two readers or lists share one, it carries a signature of 256 bits, and an altered one changes nothing."""
    paper.reader(ANN, "daily")
    paper.reader(BOB)
    said = {link(paper.letterbox.mail(*which), "leave").rpartition("/")[2] for which in ((ANN, 3), (ANN, 5), (BOB, 2))}
    assert len(said) == 3
    assert all(re.fullmatch(r"[\w-]{22}\.[\w-]{43}", token) for token in said)
    first, second = (opt_out(paper.letterbox.mail(ANN, number)) for number in (3, 5))
    swapped = f"{first.rpartition('.')[0]}.{second.rpartition('.')[2]}"
    for forged in (swapped, first[:-1], first[:-1] + ("A" if first[-1] != "A" else "B")):
        assert paper.ask("POST", forged, ONE_CLICK).status == 404
    assert set(states(paper).values()) == {CONFIRMED}


def test_20_said_again_and_in_either_way_it_is_harmless(paper: Paper, mail: EmailMessage) -> None:
    """Repeating the POST changes nothing more; it may be urlencoded or multipart."""
    body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    assert paper.ask("POST", opt_out(mail), body, "multipart/form-data; boundary=b").status == 200
    assert states(paper) == {"weekly": LEFT}
    after = acts(paper)
    answers = {paper.ask("POST", opt_out(mail), ONE_CLICK).text for _ in range(3)}
    assert len(answers) == 1
    assert acts(paper) == after


def test_21_it_takes_effect_before_the_next_hand_over(paper: Paper) -> None:
    """Who opts out while their mail already waits in the queue does not get it."""
    welcome = paper.reader(ANN)
    assert paper.publish() == 1
    paper.ask("POST", opt_out(welcome), ONE_CLICK)
    paper.mails_leave()
    assert paper.letterbox.counts[ANN] == 2  # the two letters
    with paper.engine.begin() as connection:
        assert connection.scalars(select(DeliveryRow.state).where(DeliveryRow.letter == "")).all() == [DeliveryState.SKIPPED]


def test_22_links_of_old_mails_still_work(paper: Paper, mail: EmailMessage) -> None:
    """After ten years and a new signing key as well as after thirty days."""
    paper.clock.now += timedelta(days=3_650)
    paper.keys.insert(0, "a-key-of-another-decade")
    assert paper.ask("GET", link(mail, "view")).status == 200
    assert paper.ask("GET", link(mail, "preferences")).status == 200
    assert paper.ask("POST", opt_out(mail), ONE_CLICK).status == 200
    assert states(paper) == {"weekly": LEFT}


def test_23_the_way_out_can_be_seen(paper: Paper, mail: EmailMessage) -> None:
    """A link to leave stands in HTML and in text, before a mail program clips."""
    html, text = parts(mail)
    address = link(mail, "leave")
    assert address in text
    assert html.encode().index(address.encode()) < CLIP
    (shown,) = re.findall(rf'<a [^>]*href="{re.escape(address)}"[^>]*>(.*?)</a>', html, re.DOTALL)
    assert re.sub(r"<[^>]+>", "", shown).strip()


def test_24_everything_can_be_left_at_once(paper: Paper, mail: EmailMessage) -> None:
    """Beside the choice for each list."""
    paper.reader(ANN, "daily")
    page = paper.ask("GET", link(mail, "preferences")).text
    assert 'value="weekly"' in page and 'value="daily"' in page
    assert 'value="leave"' in page
    paper.ask("POST", link(mail, "preferences"), {"do": "leave"})
    assert states(paper) == {"weekly": LEFT, "daily": LEFT}


def test_25_nothing_but_the_address_is_asked_for(paper: Paper, mail: EmailMessage) -> None:
    """To join, only the address is required; to leave, nothing is: no fee, login or field."""
    required = re.findall(r"<(?:input|select)[^>]*required[^>]*>", paper.ask("GET", "/subscribe/weekly").text)
    assert [re.findall(r'name="(\w+)"', field) for field in required] == [["email"]]
    page = paper.ask("GET", link(mail, "leave")).text
    assert re.findall(r'<(?:select|textarea|input(?! type="hidden"))', page) == []


def test_37_the_postal_address_is_in_every_mail(paper: Paper, mail: EmailMessage) -> None:
    """In HTML and text of letters and editions; without one nothing is sent."""
    for one in (paper.letterbox.mail(ANN, 1), paper.letterbox.mail(ANN, 2), mail):
        for part in parts(one):
            assert "1 Wick Lane" in part
            assert "Seaside" in part
    homeless = paper.settings.publication.model_copy(update={"postal_address": ""})
    with pytest.raises(SendingRefused, match="postal_address"):
        require_sendable(paper.settings.model_copy(update={"publication": homeless}), "weekly")


def test_38_nothing_about_the_sender_misleads(paper: Paper, mail: EmailMessage) -> None:
    """From and Reply-To are the declared ones, the subject is of what is inside, and what is paid for is labelled."""
    assert mail["From"].addresses[0].addr_spec == "post@lamp.example"
    assert mail["Reply-To"].addresses[0].addr_spec == "editor@lamp.example"
    html, text = parts(mail)
    assert any(title and title in html for title in re.split(r"[:;,…|–]| and ", str(mail["Subject"])))
    assert not re.match(r"(re|fwd?|aw)\b", str(mail["Subject"]), re.IGNORECASE)
    for part in (html, text):
        assert part.lower().index("sponsored") < part.index("Oil by the barrel")
    assert {letter["From"].addresses[0].addr_spec for letter in (paper.letterbox.mail(ANN, 1), paper.letterbox.mail(ANN, 2))} == {
        "hello@lamp.example"
    }


def test_39_consent_is_on_record_and_can_be_exported(paper: Paper) -> None:
    """When, where, by which words, and when it was confirmed."""
    page = paper.ask("GET", "/subscribe/weekly").text
    fields = hidden(page)
    begun = paper.clock.now
    paper.sign_up(ANN, wording=fields["wording"], page="https://lamp.example/news/7?utm=x")
    paper.clock.now += timedelta(hours=2)
    paper.confirm(link(paper.letterbox.mail(ANN, 1), "confirm"))
    with paper.engine.begin() as connection:
        (row,) = export(connection, "weekly")
    told = dict(zip(HEADER, row, strict=True))
    assert told["asked origin"] == "https://lamp.example/news/7"
    assert told["asked at"].startswith(f"{begun:%Y-%m-%d}")
    assert told["confirmed at"].startswith(f"{paper.clock.now:%Y-%m-%dT%H:%M}")
    assert told["consent wording"].startswith(f"{fields['wording']}: ")
    assert told["consent wording"].partition(": ")[2] in re.sub(r"<[^>]+>", "", page)
    assert told["address hash"] == address_hash(parse_address(ANN), KEYS)


def test_40_an_unconfirmed_address_gets_one_letter_and_no_more(paper: Paper) -> None:
    """However often it is entered at once; letters are limited, their link expires, and no edition goes there."""
    for _ in range(10):
        paper.sign_up(ANN)
    assert paper.letterbox.counts == {ANN: 1}
    paper.reader(BOB)
    paper.edition(BOB)
    assert paper.letterbox.counts[ANN] == 1
    old = link(paper.letterbox.mail(ANN, 1), "confirm")
    for _ in range(24):  # a day of somebody's trying
        paper.clock.now += timedelta(hours=1)
        paper.sign_up(ANN)
    assert paper.letterbox.counts[ANN] <= 1 + 2 * paper.settings.pages.limits.letters_per_mailbox
    paper.clock.now += timedelta(hours=paper.settings.letters.confirm_hours)
    paper.ask("POST", old, {"newsletters": "weekly"})
    assert acts(paper)[-1][0] == "pending"


def test_40_what_opens_links_and_presses_buttons_by_itself_confirms_nobody(paper: Paper) -> None:
    """A press within two seconds of its page, or without it, is asked for once more: no scanner of mail gives a person's consent."""
    paper.sign_up(ANN)
    address = link(paper.letterbox.mail(ANN, 1), "confirm")
    assert paper.ask("POST", address, {"newsletters": "weekly"}).status == 200
    again = paper.confirm(address, after=1)
    assert "press once more" in again.text
    assert states(paper) == {"weekly": SubscriptionState.PENDING}
    paper.ask("POST", address, hidden(again.text))
    assert states(paper) == {"weekly": CONFIRMED}


def test_41_leaving_is_as_easy_as_joining(paper: Paper) -> None:
    """One request and no mail to leave; a form, a letter and a press to join. The way out is in the very first letter."""
    paper.sign_up(ANN)
    first = paper.letterbox.mail(ANN, 1)
    assert paper.ask("POST", opt_out(first), ONE_CLICK).status == 200
    assert states(paper) == {"weekly": LEFT}
    before = sum(paper.letterbox.counts.values())
    paper.letters_leave()
    assert sum(paper.letterbox.counts.values()) == before


def test_42_all_that_is_held_can_be_had_and_erased(paper: Paper, mail: EmailMessage) -> None:
    """The export names every mail and consent; after erasing, only a keyed hash is left, against which nothing is sent."""
    told = dossier(paper.engine, parse_address(ANN), keys=KEYS)
    assert told["person"]["address"] == ANN
    assert [one["letter"] for one in told["deliveries"]] == ["confirm", "welcome", ""]
    assert [one["state"] for one in told["subscriptions"][0]["consents"]] == ["pending", "confirmed"]
    paper.ask("POST", link(mail, "preferences"), {"do": "data"})
    paper.clock.now += timedelta(minutes=10)
    paper.letters_leave()
    paper.ask("POST", link(paper.letterbox.mail(ANN, 4), "data"), {"sure": "yes"})
    with paper.engine.begin() as connection:
        held = str([connection.execute(select(table)).all() for name, table in Base.metadata.tables.items() if name != "editions"])
        assert "ann@" not in held
        assert connection.scalars(select(Suppression.address_hash)).all() == [address_hash(parse_address(ANN), KEYS)]


def test_43_nobody_sees_another_readers_address(paper: Paper, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a mail, a page, the mail in the browser, or the log."""
    caplog.set_level("INFO")
    paper.reader(ANN)
    paper.reader(BOB)
    mail = paper.edition(ANN)
    pages = [paper.ask("GET", link(mail, page)).text for page in ("view", "leave", "preferences")]
    seen = [data.decode() for data in paper.letterbox.messages[ANN]] + pages
    assert [one for one in seen if "bob@" in one] == []
    assert "ann@" not in "".join(pages[1:])  # masked: links are passed on
    said = [record.getMessage() for record in caplog.records if record.name.startswith(("digest", "subscribers"))]
    assert [line for line in said if "ann@" in line or "bob@" in line] == []


def test_44_nothing_in_a_mail_watches_its_reader(paper: Paper, mail: EmailMessage) -> None:
    """No pixel and no rewritten link is in the bytes: only links of the articles, the sponsor, the paper, and the reader's own three."""
    html, text = parts(mail)
    own = {link(mail, page) for page in ("view", "leave", "preferences")}
    found = {address.replace("&amp;", "&") for address in re.findall(r'(?:href|src|action|background)="(https?:[^"]+)"', html)}
    found |= set(re.findall(r"https?://[^\s)>]+", text))
    theirs = {f"https://lamp.example/{number}{anchor}" for number in range(6) for anchor in ("", f"#c{number}")}
    assert own <= found
    assert found - own <= theirs | {"https://lamp.example", "https://wick.example/oil?from=lamp"}
    assert "<img" not in html  # this paper has neither a logo nor pictures
    assert "url(" not in html
    assert not {"Return-Receipt-To", "Disposition-Notification-To", "X-Confirm-Reading-To"} & set(mail.keys())
    paper.ask("GET", link(mail, "view"))
    with paper.engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(DeliveryRow)) == 3  # nobody wrote down that it was opened

"""draft → what editors change → preview → send over a real SMTP server, with the real command: what was previewed is what arrives."""

import email
import email.policy
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.database import open_database
from digest.editions.change_store import ChangedMeanwhile
from digest.editions.changes import Change, Drop, Excerpt, Introduction, Lead, Pin, Preheader, Quote, Sponsored, Subject, Undo
from digest.editions.values import Kind, Place
from digest.errors import WrongState
from digest.newsletter import Sponsor
from digest.settings import read
from digest.wiring import database_url
from digest.working import Working, change, fix
from subscribers.address import ascii_form
from tests.journeys.paper import READERS, SLOT, Mailbox, Publication, over_smtp


class Desk:
    """Editors at work on the slot's edition, in a process of their own beside the command."""

    def __init__(self, paper: Publication) -> None:
        self.settings = read(paper.folder / "digest.toml", {})
        self.letter = self.settings.newsletter("weekly")
        self.slot = datetime.fromisoformat(SLOT).replace(tzinfo=ZoneInfo(self.letter.time_zone))
        self.engine = open_database(database_url(self.settings))

    def press(self, made: Change, who: str, seen: int) -> Working:
        return change(self.engine, self.settings, self.letter, self.slot, made, who=who, now=self.slot, seen=seen)

    def fix(self) -> Working:
        return fix(self.engine, self.settings, self.letter, self.slot, now=self.slot)


@pytest.fixture
def desk_of() -> Iterator[Callable[[Publication], Desk]]:
    opened: list[Desk] = []

    def at(paper: Publication) -> Desk:
        opened.append(Desk(paper))
        return opened[-1]

    yield at
    for desk in opened:
        desk.engine.dispose()


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def ids(draft: Any, *places: Place) -> list[int]:
    return [pick["id"] for pick in draft["picks"] if pick["place"] in {place.value for place in places} and pick["kind"] == "article"]


def titles(work: Working) -> dict[int, str]:
    return {one.id: one.title for one in work.chosen.gathered.shown.articles}


@pytest.mark.parametrize("fixed", [False, True], ids=["live", "fixed"])
def test_what_editors_left_is_what_is_previewed_and_what_arrives(
    publication_on_both: Publication, mailbox: Mailbox, desk_of: Callable[[Publication], Desk], *, fixed: bool
) -> None:
    paper = publication_on_both
    over_smtp(paper, mailbox)
    paper.settle_in()
    before = paper.json("draft", "weekly", "--at", SLOT)
    lead, second, third, *_ = ids(before, Place.LEAD, Place.SECTION)
    runner_up = next(one["id"] for one in before["passed_over"] if one["kind"] == "article" and one["score"] is not None)
    desk = desk_of(paper)
    if fixed:
        desk.fix()
    paid = Sponsor(title="Gaskin & Daughters, rope walk", text="Rope by the fathom.", url="https://gaskin.example/rope")
    made: tuple[Change, ...] = (
        Lead(article=third),
        Drop(item=Kind.ARTICLE, id=second),
        Pin(item=Kind.ARTICLE, id=runner_up),
        Quote(article=lead, comment=0),
        Subject(text="Three things the harbour taught us"),
        Preheader(text="None of them about boats, and one of them about soup."),
        Introduction(markdown="Dear *quayside*,\n\nplease read [this](https://quay.example/this?a=1&b=2)."),
        Excerpt(article=third, text="Told by us, in fewer words than anybody thought we had."),
        Sponsored(sponsor=paid),
        Subject(text="A slip of the hand"),
    )
    for seen, one in enumerate(made):
        desk.press(one, "Ana", seen)
    left = desk.press(Undo(number=len(made)), "Ben", len(made))
    assert left.live is not fixed
    after = paper.json("draft", "weekly", "--at", SLOT)
    assert ids(after, Place.LEAD) == [third]
    assert runner_up in ids(after, Place.SECTION)
    assert second not in {pick["article_id"] for pick in after["picks"]}
    assert [(one["who"], one["undone"]) for one in after["changes"]][-2:] == [("Ana", True), ("Ben", False)]

    readers = [one["address"] for one in paper.json("subscribers", "list", "weekly", "--limit", "100")]
    previewed = {}
    for reader in readers[:3]:
        paper.run("preview", "weekly", "--at", SLOT, "--reader", reader, "--eml", "one.eml")
        previewed[reader] = (paper.folder / "one.eml").read_bytes()
    (stand,) = paper.json("send", "weekly", "--at", SLOT)

    assert (stand["state"], stand["deliveries"]["accepted"]) == ("sent", READERS)
    assert sorted(mailbox.counts.values()) == [1] * READERS
    for address, data in previewed.items():
        assert mailbox.messages[ascii_form(address)] == [data]
    names = titles(left)
    for (data,) in mailbox.messages.values():
        message = parsed(data)
        assert message["Subject"] == "Three things the harbour taught us"
        page, text = body(message, "html"), body(message, "plain").replace("\r\n", "\n")
        assert "Dear <em>quayside</em>," in page and "please read this (https://quay.example/this?a=1&b=2)." in text
        for words in ("None of them about boats", "Told by us, in fewer words", "https://gaskin.example/rope"):
            assert words in page
        assert names[second] not in page
        assert page.index(names[third]) < page.index(names[lead])


def test_two_editors_do_not_overwrite_each_other_and_nothing_is_changed_once_it_is_out(
    publication: Publication, mailbox: Mailbox, desk_of: Callable[[Publication], Desk]
) -> None:
    over_smtp(publication, mailbox)
    publication.settle_in()
    desk = desk_of(publication)
    desk.press(Subject(text="By Ana"), "Ana", 0)
    with pytest.raises(ChangedMeanwhile, match="Ana changed this edition meanwhile"):
        desk.press(Subject(text="By Ben"), "Ben", 0)
    desk.press(Preheader(text="By Ben, who has seen what Ana did."), "Ben", 1)
    publication.run("send", "weekly", "--at", SLOT)
    assert {parsed(data)["Subject"] for (data,) in mailbox.messages.values()} == {"By Ana"}
    with pytest.raises(WrongState, match="cannot be changed any more: it is sent"):
        desk.press(Subject(text="Too late"), "Ana", 2)

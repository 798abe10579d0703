"""sync → draft → preview → send over a real SMTP server, with the real command: what an editor and an operator do."""

import email
import email.policy
from email.message import EmailMessage

from subscribers.address import ascii_form
from tests.journeys.paper import READERS, SLOT, Mailbox, Publication, configure, over_smtp


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def test_every_reader_gets_exactly_the_previewed_mail_once(publication_on_both: Publication, mailbox: Mailbox) -> None:
    paper = publication_on_both
    over_smtp(paper, mailbox)
    paper.settle_in()
    readers = paper.json("subscribers", "list", "weekly", "--limit", "100")
    assert len(readers) == READERS
    draft = paper.json("draft", "weekly", "--at", SLOT)
    assert draft["enough"]
    previewed = {}
    for reader in readers[:3]:
        paper.run("preview", "weekly", "--at", SLOT, "--reader", reader["address"], "--eml", "one.eml")
        previewed[reader["address"]] = (paper.folder / "one.eml").read_bytes()

    (stand,) = paper.json("send", "weekly", "--at", SLOT)

    assert (stand["state"], stand["deliveries"]["accepted"], stand["deliveries"]["total"]) == ("sent", READERS, READERS)
    assert sorted(mailbox.counts.values()) == [1] * READERS
    for address, data in previewed.items():
        assert mailbox.messages[ascii_form(address)] == [data]
    for (data,) in mailbox.messages.values():
        look_over(parsed(data), paper)


def look_over(message: EmailMessage, paper: Publication) -> None:
    assert message.defects == []
    for name in ("From", "To", "Date", "Subject", "Message-ID", "MIME-Version", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"):
        assert len(message.get_all(name, [])) == 1, name
    leave = message["List-Unsubscribe"].strip("<>")
    assert leave.startswith("https://")
    html, text = body(message, "html"), body(message, "plain")
    assert leave in html.replace("&amp;", "&")
    assert leave in text
    assert "4 Lantern Quay" in html
    assert "4 Lantern Quay" in text
    # What the export holds of its commenters, and what moderators took away.
    for secret in ("192.0.2.", "author_email"):
        assert secret not in html + text


def test_the_same_store_gives_the_same_preview_twice(publication: Publication) -> None:
    publication.settle_in()
    for name in ("one.eml", "two.eml"):
        publication.run("preview", "weekly", "--at", SLOT, "--eml", name)
    assert (publication.folder / "one.eml").read_bytes() == (publication.folder / "two.eml").read_bytes()


def test_without_a_postal_address_previewing_works_and_sending_is_refused(publication: Publication) -> None:
    settings = publication.folder / "digest.toml"
    before, _, rest = settings.read_text().partition('postal_address = """')
    settings.write_text(before + rest.partition('"""')[2])
    publication.settle_in()
    publication.run("preview", "weekly", "--at", SLOT, "--html", "mail.html")
    process = publication.start("send", "weekly", "--at", SLOT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "postal_address" in said
    assert publication.json("status")["editions"] == []


def test_too_little_to_say_is_no_edition_and_loses_nothing(publication: Publication) -> None:
    publication.settle_in()
    configure(publication, "[newsletters.weekly.limits]\nmin_new = 50")
    assert "no edition" in publication.run("send", "weekly", "--at", SLOT)
    assert not (publication.folder / "outbox").exists()
    (skipped,) = publication.json("status")["editions"]
    assert skipped["state"] == "skipped"
    (stand,) = publication.json("send", "weekly", "--at", SLOT, "--even-if-few")
    assert stand["deliveries"]["accepted"] == READERS


def test_an_item_is_in_one_edition_only(publication: Publication) -> None:
    publication.settle_in()
    first = publication.json("draft", "weekly", "--at", SLOT)
    publication.run("send", "weekly", "--at", SLOT)
    following = publication.json("draft", "weekly", "--at", "2026-11-30T07:00")
    shown = {(pick["kind"], pick["id"]) for pick in first["picks"] if pick["place"] != "reserve"}
    again = {(pick["kind"], pick["id"]) for pick in following["picks"] if pick["place"] != "reserve"}
    assert shown & again == set()
    assert following["new_articles"] == 0

"""Run twice, at once, killed and begun again: one edition a slot, one message a reader, and every doubt visible."""

import os
import signal

import pytest

from subscribers.address import ascii_form
from tests.journeys.paper import READERS, SLOT, Mailbox, Publication, over_smtp

CONNECTIONS = 4


def test_a_second_send_repeats_nothing(publication: Publication, mailbox: Mailbox) -> None:
    over_smtp(publication, mailbox)
    publication.settle_in()
    publication.run("send", "weekly", "--at", SLOT)
    assert "already" in publication.run("send", "weekly", "--at", SLOT)
    publication.run("send", "--due", code=0)
    publication.run("work", "--until-empty")
    assert sorted(mailbox.counts.values()) == [1] * READERS


def test_two_sends_at_once_make_one_edition(publication_on_both: Publication, mailbox: Mailbox) -> None:
    paper = publication_on_both
    over_smtp(paper, mailbox)
    paper.settle_in()
    both = [paper.start("send", "weekly", "--at", SLOT) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
    assert sorted(mailbox.counts.values()) == [1] * READERS
    (edition,) = paper.json("status")["editions"]
    assert (edition["state"], edition["deliveries"]["accepted"]) == ("sent", READERS)


@pytest.mark.parametrize("policy", ["hold", "resend"])
def test_killed_half_way_and_begun_again(publication_on_both: Publication, mailbox: Mailbox, policy: str) -> None:
    """kill -9 while mails are with the relay, or marked and about to leave: those are unknown, or sent again with the same Message-ID; the others
    arrive once."""
    paper = publication_on_both
    over_smtp(paper, mailbox, f"connections = {CONNECTIONS}\nlease_seconds = 2")
    with (paper.folder / "digest.toml").open("r+") as file:
        text = file.read().replace('cadence = "weekly"', f'cadence = "weekly"\non_unknown = "{policy}"')
        file.seek(0)
        file.write(text)
    paper.settle_in()
    mailbox.hold_after = 20
    process = paper.start("send", "weekly", "--at", SLOT)
    assert mailbox.half_way.wait(60)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    mailbox.hold_after = None
    mailbox.gate.set()

    (stand,) = paper.json("send", "weekly", "--at", SLOT, code=3 if policy == "hold" else 0)

    deliveries = stand["deliveries"]
    assert (stand["state"], deliveries["total"]) == ("sent", READERS)
    readers = paper.json("subscribers", "list", "weekly", "--limit", "100")
    everybody = {ascii_form(reader["address"]) for reader in readers}
    if policy == "hold":
        assert set(mailbox.counts) <= everybody
        assert len(everybody - set(mailbox.counts)) < deliveries["unknown"]
        assert set(mailbox.counts.values()) == {1}
        assert 1 <= deliveries["unknown"] <= CONNECTIONS
        assert deliveries["accepted"] + deliveries["unknown"] == READERS
        assert len(paper.json("status", "--unknown")) == deliveries["unknown"]
    else:
        assert (deliveries["accepted"], set(mailbox.counts)) == (READERS, everybody)
        doubled = [messages for messages in mailbox.messages.values() if len(messages) > 1]
        assert 1 <= len(doubled) <= CONNECTIONS
        assert all(len(set(messages)) == 1 for messages in doubled)


def test_killed_half_way_into_a_folder_every_mail_is_there_once(publication: Publication) -> None:
    with (publication.folder / "digest.toml").open("a") as file:
        file.write("lease_seconds = 1\n")  # [delivery] is the last table
    publication.settle_in()
    outbox = publication.folder / "outbox"
    process = publication.start("send", "weekly", "--at", SLOT)
    while process.poll() is None and len(list(outbox.glob("*.eml"))) < 10:
        pass
    process.kill()
    process.wait(timeout=30)
    before = {path.name: path.read_bytes() for path in outbox.glob("*.eml")}
    (stand,) = publication.json("send", "weekly", "--at", SLOT)
    assert stand["deliveries"]["accepted"] == READERS
    mails = {path.name: path.read_bytes() for path in outbox.iterdir()}
    assert len([name for name in mails if name.endswith(".eml")]) == READERS
    assert {name: mails[name] for name in before} == before


def test_ctrl_c_stops_cleanly_and_the_rest_goes_out_later(publication: Publication, mailbox: Mailbox) -> None:
    over_smtp(publication, mailbox, "connections = 2")
    publication.settle_in()
    mailbox.hold_after = 10
    process = publication.start("send", "weekly", "--at", SLOT)
    assert mailbox.half_way.wait(60)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "Stopping" not in (line := process.stderr.readline()):
        assert line, "the command ended without a word"
    mailbox.gate.set()
    process.wait(timeout=60)
    stopped = publication.json("status")["editions"][0]["deliveries"]
    assert stopped["unknown"] == 0
    assert 10 <= stopped["accepted"] < READERS
    (stand,) = publication.json("send", "weekly", "--at", SLOT)
    assert stand["deliveries"]["accepted"] == READERS
    assert sorted(mailbox.counts.values()) == [1] * READERS

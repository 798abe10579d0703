"""Steering an edition on its way with the real command: what arrives, how often, and that the counts add up."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from subscribers.address import ascii_form
from tests.journeys.paper import READERS, SLOT, Mailbox, Publication, configure, over_smtp, serving

BEFORE, CONNECTIONS, WORKERS = 10, 2, 3
UNDER_WAY = CONNECTIONS * WORKERS


@dataclass
class Choosy(Mailbox):
    """Takes no mail for those in `answers`, but gives them that answer."""

    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"


@pytest.fixture
def choosy() -> Iterator[Choosy]:
    with serving(Choosy()) as box:
        yield box


def lay_ready(publication: Publication, mailbox: Mailbox, more: str = "") -> None:
    """Everything but the sending: small batches, few connections, workers that look again soon."""
    over_smtp(publication, mailbox, f"connections = {CONNECTIONS}\nbatch = 4\nlease_seconds = 3\n{more}")
    configure(publication, "[run]\ndeliver_seconds = 0.2")
    publication.settle_in()


def stood(publication: Publication) -> dict[str, Any]:
    """The edition as `digest status` shows it; its counts always add up."""
    (edition,) = publication.json("status")["editions"]
    counts = edition["deliveries"]
    names = ("queued", "sending", "accepted", "refused", "skipped", "unknown", "held", "cancelled")
    assert counts["total"] == READERS == sum(counts[name] for name in names)
    return {**edition, **{name: counts[name] for name in names if counts[name]}}


def when(publication: Publication, there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The edition's stand, as soon as it is as asked for."""
    while not there(found := stood(publication)):
        assert all(process.poll() in (None, 0, 3) for process in publication.processes)
    return found


def half_way(publication: Publication, mailbox: Mailbox) -> list[subprocess.Popen[str]]:
    """One that sends and two that work, all of them waiting for the server's answers: ten mails have arrived, each connection has one under way."""
    lay_ready(publication, mailbox)
    mailbox.hold_after = BEFORE
    sending = publication.start("send", "weekly", "--at", SLOT)
    assert mailbox.half_way.wait(60)
    processes = [sending, *(publication.start("work") for _ in range(WORKERS - 1))]
    when(publication, lambda stand: mailbox.taken == BEFORE + UNDER_WAY)
    return processes


def end(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_a_pause_stops_all_workers_and_resuming_repeats_and_leaves_out_nobody(publication_on_both: Publication, mailbox: Mailbox) -> None:
    publication = publication_on_both
    processes = half_way(publication, mailbox)
    status = publication.json("status")
    assert sorted(worker["command"] for worker in status["workers"]) == ["send", "work", "work"]
    assert {worker["pid"] for worker in status["workers"]} == {process.pid for process in processes}

    paused = publication.json("edition", "pause", "weekly", "--reason", "the date is wrong")
    counts = paused["deliveries"]
    assert (paused["state"], counts["sending"], counts["queued"]) == ("paused", UNDER_WAY, READERS - BEFORE - UNDER_WAY)
    mailbox.gate.set()
    stand = when(publication, lambda stand: "sending" not in stand)
    assert (stand["state"], stand["reason"], stand["accepted"]) == ("paused", "the date is wrong", BEFORE + UNDER_WAY)
    assert (mailbox.taken, processes[0].wait(60)) == (BEFORE + UNDER_WAY, 3)
    assert "is paused. It can be resumed or cancelled" in refused(publication, "pause")

    said = publication.run("edition", "resume", "weekly")
    assert said.startswith(f"weekly Mon 23 Nov 2026 07:00: goes on. {READERS - BEFORE - UNDER_WAY} mails wait;")
    when(publication, lambda stand: stand["state"] == "sent")
    end(processes)
    assert (len(mailbox.counts), set(mailbox.counts.values())) == (READERS, {1})
    assert stood(publication)["accepted"] == READERS


def refused(publication: Publication, *arguments: str, answer: str = "") -> str:
    """What a step says that cannot be done, or is not to be done after all."""
    command = [sys.executable, "-m", "digest", "edition", *arguments, "weekly"]
    done = subprocess.run(command, cwd=publication.folder, input=answer, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_cancelled_edition_reaches_nobody_more(publication_on_both: Publication, mailbox: Mailbox) -> None:
    publication = publication_on_both
    processes = half_way(publication, mailbox)
    assert "50 of 60 mails have not gone out. Cancel them for good?" in refused(publication, "cancel", answer="n\n")
    said = publication.run("edition", "cancel", "weekly", "--yes", "--reason", "sent to the wrong list")
    rest = READERS - BEFORE - UNDER_WAY
    assert f"cancelled. {UNDER_WAY} mails that were under way go out; {rest} mails will not go out; {BEFORE} had been accepted." in said
    mailbox.gate.set()
    stand = when(publication, lambda stand: "sending" not in stand)
    assert (stand["state"], stand["accepted"], stand["cancelled"]) == ("cancelled", BEFORE + UNDER_WAY, rest)
    end(processes)
    publication.run("work", "--until-empty")
    publication.run("send", "weekly", "--at", SLOT)
    assert (mailbox.taken, set(mailbox.counts.values())) == (BEFORE + UNDER_WAY, {1})
    for step in ("pause", "resume", "retry"):
        assert "it is cancelled. Nothing more goes out of it." in refused(publication, step)


def readers(publication: Publication) -> list[str]:
    lines = (publication.folder / "readers.csv").read_text().splitlines()[1:]
    return [ascii_form(line.split(",")[0]) for line in lines]


def test_a_retry_reaches_exactly_those_who_were_refused(publication_on_both: Publication, choosy: Choosy) -> None:
    publication = publication_on_both
    lay_ready(publication, choosy)
    chosen = readers(publication)[5:40:7]
    choosy.answers = dict.fromkeys(chosen, "550 5.1.1 no such user here")
    (sent,) = publication.json("send", "weekly", "--at", SLOT, code=3)
    assert (sent["state"], sent["deliveries"]["refused"]) == ("sent", len(chosen))
    failed = publication.json("status", "--unknown")
    assert [(one["state"], one["code"], one["text"], one["relay"]) for one in failed] == [
        ("refused", 550, "5.1.1 no such user here", failed[0]["relay"])
    ] * len(chosen)

    choosy.answers = {}
    again = publication.json("edition", "retry", "weekly")
    assert (again["moved"], again["state"], again["deliveries"]["queued"]) == (len(chosen), "sending", len(chosen))
    assert publication.json("edition", "retry", "weekly")["moved"] == 0
    assert not set(chosen) & choosy.counts.keys()
    publication.run("work", "--until-empty")
    assert (len(choosy.counts), set(choosy.counts.values())) == (READERS, {1})
    assert stood(publication)["accepted"] == READERS
    assert "nothing of it is refused" in publication.run("edition", "retry", "weekly")


def test_what_a_killed_process_left_in_doubt_is_shown_and_sent_again_only_when_asked(publication_on_both: Publication, mailbox: Mailbox) -> None:
    publication = publication_on_both
    lay_ready(publication, mailbox)
    mailbox.hold_after = BEFORE
    sending = publication.start("send", "weekly", "--at", SLOT)
    assert mailbox.half_way.wait(60)
    when(publication, lambda stand: mailbox.taken == BEFORE + CONNECTIONS)
    sending.kill()
    sending.communicate()
    publication.processes.remove(sending)
    mailbox.gate.set()
    assert [stand["deliveries"]["unknown"] for stand in publication.json("work", "--until-empty", code=3)] == [CONNECTIONS]
    doubts = publication.json("status", "--unknown")
    assert {(one["state"], one["pid"], one["newsletter"]) for one in doubts} == {("unknown", sending.pid, "weekly")}
    assert all(one["host"] and one["relay"] and one["when"] for one in doubts)
    assert (len(mailbox.counts), set(mailbox.counts.values())) == (READERS, {1})

    assert publication.json("edition", "retry", "weekly", "--unknown")["moved"] == CONNECTIONS
    publication.run("work", "--until-empty")
    twice = [address for address, number in mailbox.counts.items() if number == 2]
    assert len(twice) == CONNECTIONS
    assert mailbox.taken == READERS + CONNECTIONS
    for address in twice:
        first, second = mailbox.messages[address]
        assert first == second
    assert (stood(publication)["state"], stood(publication)["accepted"]) == ("sent", READERS)


def test_a_domain_that_refuses_the_sender_is_held_and_let_go(publication_on_both: Publication, choosy: Choosy) -> None:
    publication = publication_on_both
    lay_ready(publication, choosy)
    domain = readers(publication)[0].partition("@")[2]
    chosen = [address for address in readers(publication) if address.endswith(f"@{domain}")]
    choosy.answers = dict.fromkeys(chosen, "550 5.7.26 your mail has no SPF and no DKIM")
    (sent,) = publication.json("send", "weekly", "--at", SLOT, code=3)
    assert (sent["state"], sent["deliveries"]["held"]) == ("sending", len(chosen))
    (edition,) = publication.json("status")["editions"]
    assert [(one["domain"], one["code"]) for one in edition["held_domains"]] == [(domain, 550)]
    assert "nothing of it is held for nowhere.example" in refused(publication, "resume", "--domain", "nowhere.example")

    choosy.answers = {}
    assert publication.json("edition", "resume", "weekly", "--domain", domain.upper())["moved"] == len(chosen)
    publication.run("work", "--until-empty")
    assert (len(choosy.counts), set(choosy.counts.values())) == (READERS, {1})
    assert stood(publication)["state"] == "sent"


def test_many_refusals_pause_an_edition_and_once_mended_all_get_theirs(publication_on_both: Publication, choosy: Choosy) -> None:
    publication = publication_on_both
    lay_ready(publication, choosy, "pause_after_refusals = 5")
    choosy.answers = dict.fromkeys(readers(publication), "550 5.1.1 nobody of that name here")
    (sent,) = publication.json("send", "weekly", "--at", SLOT, code=3)
    number = sent["deliveries"]["refused"]
    assert (sent["state"], choosy.counts) == ("paused", {})
    assert "5 refusals in a row" in stood(publication)["reason"]
    assert 5 <= number < READERS

    choosy.answers = {}
    again = publication.json("edition", "retry", "weekly")
    assert (again["state"], again["moved"]) == ("paused", number)
    publication.run("work", "--until-empty")
    assert choosy.taken == 0
    publication.run("edition", "resume", "weekly")
    publication.run("work", "--until-empty")
    assert (len(choosy.counts), set(choosy.counts.values())) == (READERS, {1})
    assert stood(publication)["state"] == "sent"

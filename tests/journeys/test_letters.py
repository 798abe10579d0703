"""Letters through the real commands: before and beside editions, after a kill, and in what `digest status` and `digest check` say."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received
from sqlalchemy import Engine

from digest.settings import Settings, read
from digest.wiring import clock, open_database_of
from subscribers.address import parse_address
from subscribers.signup import Wish, take_in
from tests.journeys.paper import READERS, SLOT, Mailbox, Publication, configure, over_smtp, serving
from tests.letter_office import opened

PATIENCE = 60


@dataclass
class Doorman(Mailbox):
    """Notes the order of what it takes; a letter's answer waits for `gate` when `hold_letters` is set."""

    order: list[str] = field(default_factory=list)
    hold_letters: bool = False
    letter: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        is_letter = opened(envelope.content)["Auto-Submitted"] is not None
        self.order.append("letter" if is_letter else "edition")
        if is_letter:
            self.letter.set()
        self.hold_after = 0 if is_letter and self.hold_letters else None
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def doorman() -> Iterator[Doorman]:
    with serving(Doorman()) as box:
        yield box


def settle_in(publication: Publication, doorman: Doorman) -> None:
    over_smtp(publication, doorman, "connections = 2\nlease_seconds = 1")
    configure(publication, '[letters]\nfrom_address = "hello@thelanternquay.example"')
    publication.settle_in()


def store_of(publication: Publication) -> tuple[Engine, Settings]:
    settings = read(publication.folder / "digest.toml", {})
    return open_database_of(settings), settings


def ask(publication: Publication, address: str = "newcomer@example.com") -> None:
    engine, settings = store_of(publication)
    with engine.begin() as connection:
        wish = Wish(address=parse_address(address), newsletters=frozenset(settings.newsletters), origin=f"{settings.publication.url}/news")
        take_in(connection, wish, now=clock())
    engine.dispose()


def test_send_due_hands_letters_over_before_it_publishes_anything(publication: Publication, doorman: Doorman) -> None:
    settle_in(publication, doorman)
    ask(publication)
    publication.run("send", "--due")
    assert doorman.order[0] == "letter"
    assert doorman.counts["newcomer@example.com"] == 1


def test_whatever_hands_an_edition_over_hands_letters_over(publication: Publication, doorman: Doorman) -> None:
    settle_in(publication, doorman)
    ask(publication)
    publication.run("send", "weekly", "--at", SLOT)
    assert doorman.counts["newcomer@example.com"] == 1
    assert sum(doorman.counts.values()) == READERS + 1
    ask(publication, "another@example.com")
    publication.run("work", "--until-empty")
    assert doorman.counts["another@example.com"] == 1


@pytest.mark.parametrize("command", ["work", "run", "serve"])
def test_a_letter_leaves_from_every_command_that_goes_on(publication_on_both: Publication, doorman: Doorman, command: str) -> None:
    publication = publication_on_both
    over_smtp(publication, doorman)
    configure(publication, '[letters]\nfrom_address = "hello@thelanternquay.example"')
    publication.run("db", "upgrade")
    arguments = [command, "--listen", "127.0.0.1:0"] if command == "serve" else [command]
    process = publication.start(*arguments)
    ask(publication)
    assert doorman.letter.wait(PATIENCE)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "newcomer" not in err


def test_a_letter_under_way_when_its_process_is_killed_is_sent_again(publication: Publication, doorman: Doorman) -> None:
    settle_in(publication, doorman)
    doorman.hold_letters = True
    killed = publication.start("work")
    ask(publication)
    assert doorman.half_way.wait(PATIENCE)  # taken, and not answered
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    doorman.hold_letters, doorman.hold_after = False, None
    doorman.letter.clear()
    doorman.gate.set()
    living = publication.start("work")
    assert doorman.letter.wait(PATIENCE)
    living.send_signal(signal.SIGTERM)
    living.communicate(timeout=PATIENCE)
    first, second = doorman.messages["newcomer@example.com"]
    assert opened(first)["Message-ID"] == opened(second)["Message-ID"]
    assert publication.json("status")["letters"] == {
        "waiting": 0,
        "deferred": 0,
        "sending": 0,
        "refused": 0,
        "unknown": 0,
        "waiting_since": None,
    }


def test_status_and_check_tell_of_letters_that_wait_or_failed(publication: Publication, doorman: Doorman) -> None:
    over_smtp(publication, doorman)
    configure(publication, '[letters]\nfrom_address = ""')
    publication.run("db", "upgrade")
    assert "Letters" not in publication.run("status")
    assert ("[letters]", "note") in looked_over(publication)
    ask(publication)
    assert "from_address is empty" in told(publication, "send", "--due")
    assert "1 waiting" in publication.run("status")
    newsletters = store_of(publication)[1].newsletters
    configure(publication, f'[letters]\nfrom_address = "{newsletters["weekly"].from_address}"')
    assert ("[letters]", "wrong") in looked_over(publication, code=1)
    configure(publication, '[letters]\nfrom_address = "hello@thelanternquay.example"')
    assert ("[letters]", "good") in looked_over(publication)
    engine, _ = store_of(publication)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'unknown', settled_at = next_at, code = 0, text = 'lost'")
    engine.dispose()
    assert "1 unknown" in publication.run("status")
    assert "confirm" in publication.run("status", "--unknown")
    (one,) = publication.json("status", "--unknown")
    assert (one["letter"], one["newsletter"], one["slot"], one["address"]) == ("confirm", "weekly", None, "")


def told(publication: Publication, *arguments: str) -> str:
    process = publication.start(*arguments)
    out, err = process.communicate(timeout=PATIENCE)
    return out + err


def looked_over(publication: Publication, code: int = 0) -> set[tuple[str, str]]:
    return {(one["about"], one["level"]) for one in publication.json("check", code=code)}

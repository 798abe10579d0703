"""Every trouble a relay can make, with the real command: what it says, how it ends, and that the next run puts it right."""

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import missing
from tests.delivery.relays import CLOSE, EHLO, GO, HANG, OK, RESET, ScriptedRelay
from tests.journeys.paper import SLOT, Mailbox, Publication, Server, configure, lay_out

READERS = ("ada@example.com", "bob@example.com", "cleo@example.com")
HELLO = (b"220 relay.test ready\r\n", EHLO)
TAKEN = (OK, OK, GO, OK)
LATER, NEVER = b"450 4.2.1 try later\r\n", b"550 5.1.1 nobody here\r\n"
BUSY = b"421 4.3.2 closing\r\n"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Content and three readers, and a second try after a twentieth of a second: made once, for copying."""
    made = Publication(folder=lay_out(tmp_path_factory.mktemp("settled") / "paper"))
    (made.folder / "readers.csv").write_text("\n".join(("email,name", *(f"{reader}," for reader in READERS))) + "\n")
    configure(made, '[delivery]\ntransport = "smtp"\nconnections = 1\nretry_minutes = [0.001]')
    made.settle_in()
    return made.folder


@pytest.fixture
def paper(settled: Path, tmp_path: Path) -> Iterator[Publication]:
    made = Publication(folder=Path(shutil.copytree(settled, tmp_path / "copy")))
    yield made
    for process in made.processes:
        process.communicate()


def through(paper: Publication, port: int, more: str = "") -> None:
    configure(paper, f'[delivery.smtp]\nhost = "localhost"\nport = {port}\ntimeout_seconds = 2\nanswer_seconds = 2\nsecurity = "none"\n{more}')


@contextmanager
def relay(paper: Publication, *scripts: Sequence[bytes], more: str = "") -> Iterator[ScriptedRelay]:
    with ScriptedRelay(*scripts) as scripted:
        through(paper, scripted.port, more)
        yield scripted


def texts(scripted: ScriptedRelay) -> list[bytes]:
    return [heard for heard in scripted.heard if b"Message-ID" in heard]


def send(paper: Publication, code: int = 3) -> dict[str, Any]:
    """The stand after `digest send`, which ends with `code`."""
    (stand,) = paper.json("send", "weekly", "--at", SLOT, code=code)
    deliveries = stand["deliveries"]
    assert (
        deliveries["total"] == len(READERS) == sum(deliveries[state] for state in ("queued", "sending", "accepted", "refused", "skipped", "unknown"))
    )
    return {name: number for name, number in deliveries.items() if number and name != "total"} | {
        "state": stand["state"],
        "failure": stand["failure"],
    }


def later(paper: Publication, mailbox: Mailbox) -> list[str]:
    """Who gets a mail when the relay is in order again and the next run comes by."""
    through(paper, mailbox.port)
    process = paper.start("work", "--until-empty", "--json")
    out, err = process.communicate(timeout=120)
    assert all(stand["state"] == "sent" for stand in json.loads(out)), err
    assert set(mailbox.counts.values()) <= {1}
    return sorted(mailbox.counts)


def stood(paper: Publication) -> dict[str, int]:
    deliveries: dict[str, int] = paper.json("status")["editions"][0]["deliveries"]
    return {name: number for name, number in deliveries.items() if number and name != "total"}


DOWN = [
    ((BUSY,), "421"),
    ((b"554 5.7.1 not from here\r\n",), "554"),
    ((CLOSE,), "cannot be reached"),
    ((HANG,), "cannot be reached"),
    ((*HELLO[:1], HANG), "cannot be reached"),
    ((*HELLO, b"530 5.7.0 authentication required\r\n"), "530"),
]


@pytest.mark.parametrize(("script", "said"), DOWN, ids=["421", "554", "closes", "silent", "silent after hello", "wants a login"])
def test_a_relay_that_takes_nothing_leaves_all_for_later(paper: Publication, mailbox: Mailbox, script: Sequence[bytes], said: str) -> None:
    with relay(paper, script) as scripted:
        stand = send(paper)
    assert (stand["state"], stand["queued"]) == ("sending", 3)
    assert said in stand["failure"]
    assert texts(scripted) == []
    assert later(paper, mailbox) == list(READERS)
    assert stood(paper) == {"accepted": 3}


def test_a_port_where_nobody_listens_leaves_all_for_later(paper: Publication, mailbox: Mailbox) -> None:
    with ScriptedRelay(HELLO) as gone:
        pass
    through(paper, gone.port)
    stand = send(paper)
    assert (stand["state"], stand["queued"]) == ("sending", 3)
    assert "cannot be reached" in stand["failure"]
    assert later(paper, mailbox) == list(READERS)


def test_a_refused_login_is_said_and_leaves_all_for_later(paper: Publication, mailbox: Mailbox) -> None:
    (paper.folder / "password").write_text("wrong")
    script = (HELLO[0], b"250-relay.test\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 no\r\n")
    with relay(paper, script, more='user = "us"\npassword_file = "password"') as scripted:
        stand = send(paper)
    assert "refuses the user or the password" in stand["failure"]
    assert (stand["queued"], texts(scripted)) == (3, [])
    assert later(paper, mailbox) == list(READERS)


def test_a_password_that_cannot_be_read_is_said_and_leaves_all_for_later(paper: Publication, mailbox: Mailbox) -> None:
    through(paper, mailbox.port, 'user = "us"\npassword_file = "nowhere"')
    stand = send(paper)
    assert "nowhere" in stand["failure"]
    assert stand["queued"] == 3
    assert later(paper, mailbox) == list(READERS)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Server]:
    """A server whose certificate nobody vouches for."""
    call = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    call += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem"]
    try:
        subprocess.run(call, cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError:
        missing("openssl", "no program to make a certificate with")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    server = Server(Mailbox(), hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True, ready_timeout=20)
    server.start()
    yield server
    server.stop()


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(paper: Publication, mailbox: Mailbox, secured: Server) -> None:
    configure(paper, f'[delivery.smtp]\nhost = "localhost"\nport = {secured.port}\nsecurity = "starttls"')
    stand = send(paper)
    assert "not to be trusted" in stand["failure"]
    assert stand["queued"] == 3
    assert later(paper, mailbox) == list(READERS)


def test_421_in_the_middle_goes_on_over_a_new_connection(paper: Publication) -> None:
    with relay(paper, (*HELLO, *TAKEN, BUSY), (*HELLO, *TAKEN, *TAKEN)) as scripted:
        assert send(paper, code=0) == {"accepted": 3, "state": "sent", "failure": ""}
    assert len(set(texts(scripted))) == len(texts(scripted)) == 3


def test_421_in_the_middle_and_ever_after_leaves_the_rest_for_later(paper: Publication, mailbox: Mailbox) -> None:
    with relay(paper, (*HELLO, *TAKEN, BUSY), (BUSY,)) as scripted:
        stand = send(paper)
    assert (stand["accepted"], stand["queued"], stand["state"]) == (1, 2, "sending")
    assert "421" in stand["failure"]
    assert len(texts(scripted)) == 1
    assert later(paper, mailbox) == list(READERS[1:])


def test_450_for_one_reader_is_tried_again(paper: Publication) -> None:
    """A twentieth of a second later: so soon that the same run takes it up, over a connection of its own."""
    put_off = (OK, LATER, OK)  # MAIL, RCPT, RSET
    with relay(paper, (*HELLO, *TAKEN, *put_off, *TAKEN), (*HELLO, *TAKEN)) as scripted:
        stand = send(paper, code=0)
    assert (stand["accepted"], stand["failure"]) == (3, "")
    tried = [line for line in scripted.heard if line.startswith(b"RCPT")]
    assert [line.count(READERS[1].encode()) for line in tried] == [0, 1, 0, 1]
    assert stood(paper) == {"accepted": 3}


def test_450_that_never_ends_is_given_up(paper: Publication) -> None:
    configure(paper, '[delivery]\ntransport = "smtp"\nconnections = 1\nretry_minutes = [0.001]\ngive_up_hours = 0.000001')
    with relay(paper, (*HELLO, *TAKEN, OK, LATER, OK, *TAKEN)):
        stand = send(paper)
    assert (stand["accepted"], stand["refused"], stand["state"]) == (2, 1, "sent")
    (refused,) = paper.json("status", "--unknown")
    assert (refused["code"], refused["text"]) == (450, "4.2.1 try later")


def test_550_for_one_reader_is_final_and_the_others_get_theirs(paper: Publication, mailbox: Mailbox) -> None:
    with relay(paper, (*HELLO, *TAKEN, OK, NEVER, OK, *TAKEN)) as scripted:
        stand = send(paper)
    assert (stand["accepted"], stand["refused"], stand["state"], stand["failure"]) == (2, 1, "sent", "")
    assert len(texts(scripted)) == 2
    assert later(paper, mailbox) == []


def test_a_line_that_breaks_in_the_middle_of_a_mail_loses_nobody(paper: Publication, mailbox: Mailbox) -> None:
    """Put off where the break was seen before the final dot was written, a doubt where that was in the system's buffer already."""
    with relay(paper, (*HELLO, OK, OK, GO, RESET)) as scripted:
        stand = send(paper)
    assert texts(scripted) == []
    doubts = stand.get("unknown", 0)
    assert doubts + stand.get("queued", 0) == 3
    arrived = later(paper, mailbox)
    assert len(arrived) + doubts == 3


@pytest.mark.parametrize("ending", [CLOSE, HANG], ids=["closes", "silent"])
def test_a_line_that_breaks_after_the_final_dot_is_a_doubt_and_not_repeated(paper: Publication, mailbox: Mailbox, ending: bytes) -> None:
    with relay(paper, (*HELLO, OK, OK, GO, ending), (*HELLO, *TAKEN, *TAKEN)) as scripted:
        stand = send(paper)
    assert (stand["accepted"], stand["unknown"], stand["state"], stand["failure"]) == (2, 1, "sent", "")
    assert len(set(texts(scripted))) == len(texts(scripted)) == 3
    (doubt,) = paper.json("status", "--unknown")
    assert doubt["state"] == "unknown"
    assert later(paper, mailbox) == []


def test_with_resend_the_doubt_is_sent_again_by_the_next_run(paper: Publication, mailbox: Mailbox) -> None:
    text = (paper.folder / "digest.toml").read_text()
    (paper.folder / "digest.toml").write_text(text.replace('cadence = "weekly"', 'cadence = "weekly"\non_unknown = "resend"'))
    with relay(paper, (*HELLO, OK, OK, GO, CLOSE), (*HELLO, *TAKEN, *TAKEN, BUSY), (BUSY,)) as scripted:
        stand = send(paper)
    assert stand["accepted"] == 2
    assert stand["queued"] == 1
    assert later(paper, mailbox) == [READERS[0]]
    (again,) = mailbox.messages[READERS[0]]
    assert texts(scripted)[0].removesuffix(b".\r\n") == again.replace(b"\r\n.", b"\r\n..")


def test_send_due_takes_up_what_waits(paper: Publication, mailbox: Mailbox) -> None:
    with relay(paper, (BUSY,)):
        assert send(paper)["queued"] == 3
    through(paper, mailbox.port)
    paper.run("send", "--due")
    assert sorted(mailbox.counts.items()) == [(reader, 1) for reader in READERS]

"""An edition whose mails are signed: what is sent is verified by others, and is what was previewed."""

import subprocess
import sys
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine

from digest.delivery.memory import MemoryTransport
from digest.editions import store
from digest.personal import SAMPLE, Writer
from digest.preview import preview_message
from digest.settings import Delivery, Dkim, Settings
from subscribers.wish import Wish
from tests.delivery.dkim_verifiers import DOMAIN, dkimpy_believes, ed25519_holds, opendkim_says, pem
from tests.test_deliver import KEYS, SLOT, fill, hand_over, publish_at, settings_for
from tests.test_personal_edition import SEA, follow, set_reader

# Both of the organisation’s domain; the sender is one below it.
DECLARED = (
    Dkim(selector="s-rsa", domain=DOMAIN, key=SecretStr(pem("rsa"))),
    Dkim(selector="s-ed25519", domain=DOMAIN, key=SecretStr(pem("ed25519"))),
)


def signing(database_url: str) -> Settings:
    return settings_for(database_url, from_address=f"post@news.{DOMAIN}").model_copy(update={"delivery": Delivery(dkim=DECLARED)})


def test_every_mail_that_is_sent_is_verified_by_others(engine: Engine, database_url: str, tmp_path: Path) -> None:
    settings, transport = signing(database_url), MemoryTransport()
    fill(engine, readers=3)
    publish_at(engine, settings)
    hand_over(engine, settings, transport)
    sent = [envelope.data for envelope in transport.sent]
    assert len(set(sent)) == 3
    assert all(dkimpy_believes(data) and ed25519_holds(data) for data in sent)
    assert opendkim_says(sent, tmp_path) == [["pass", "pass"]] * 3
    assert max(len(line) for data in sent for line in data.split(b"\r\n")) <= 998


def test_mails_that_are_each_reader_s_own_are_verified_by_others_in_any_language(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Each is joined of parts: the headers, the subject, the date, the frame and what is selected."""
    settings, transport = signing(database_url), MemoryTransport()
    fill(engine, articles=14, readers=4)
    follow(engine, SEA, SEA, Wish(sections=frozenset({"Town"})))
    with engine.begin() as connection:
        set_reader(connection, 1, language="ar", name="مها")
        set_reader(connection, 3, language="ar")
    publish_at(engine, settings)
    hand_over(engine, settings, transport)
    sent = [envelope.data for envelope in transport.sent]
    bodies = {data.partition(b"\r\n\r\n")[2] for data in sent}
    assert len(bodies) == len(sent) == 4
    assert all(dkimpy_believes(data) and ed25519_holds(data) for data in sent)
    assert opendkim_says(sent, tmp_path) == [["pass", "pass"]] * 4
    assert not any(dkimpy_believes(data[:-60] + b"x" + data[-60:]) for data in sent)


def test_a_preview_is_signed_with_the_same_bytes_before_and_after(engine: Engine, database_url: str) -> None:
    settings = signing(database_url)
    letter = settings.newsletter("weekly")
    fill(engine)
    before = preview_message(engine, settings, letter, SLOT, SAMPLE, keys=KEYS).envelope
    edition = publish_at(engine, settings).edition
    after = preview_message(engine, settings, letter, SLOT, SAMPLE, keys=KEYS).envelope
    with engine.begin() as connection:
        stored = store.load_bytes(connection, edition.id)
    written = Writer(letter, settings, keys=KEYS, slot=SLOT, stored=stored).envelope(SAMPLE)
    assert before == after == written
    assert dkimpy_believes(before.data) and ed25519_holds(before.data)


def test_who_signs_nothing_does_not_pay_for_it() -> None:
    program = "import sys, digest.deliver, digest.checkup; print('cryptography' in sys.modules, 'dns.resolver' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.split() == ["False", "False"]

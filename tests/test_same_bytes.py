"""The same content and the same slot give the same mails: on SQLite and on PostgreSQL, in a preview and in a send, today and tomorrow."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from digest.database import open_database
from digest.delivery.memory import MemoryTransport
from digest.editions import store
from digest.personal import SAMPLE
from digest.preview import preview_message
from subscribers.tables import Base, Subscriber, Subscription
from tests.test_deliver import KEYS, SLOT, fill, hand_over, publish_at, settings_for


def written(engine: Engine) -> tuple[dict[str, bytes], dict[str, object], bytes]:
    """Every reader's mail, the choice as it is stored, and a preview made before."""
    settings = settings_for("sqlite://")
    fill(engine, articles=14, readers=5)
    with engine.begin() as connection:
        for number in range(1, 6):  # the links carry random tokens
            connection.execute(update(Subscription).where(Subscription.id == number).values(public_id=f"subscription{number}"))
            connection.execute(update(Subscriber).where(Subscriber.id == number).values(public_id=f"subscriber{number}"))
    preview = preview_message(engine, settings, settings.newsletter("weekly"), SLOT, SAMPLE, keys=KEYS).envelope.data
    edition = publish_at(engine, settings).edition
    with engine.begin() as connection:
        choice = store.load_choice(connection, edition.id)
    assert preview_message(engine, settings, settings.newsletter("weekly"), SLOT, SAMPLE, keys=KEYS).envelope.data == preview
    transport = MemoryTransport()
    hand_over(engine, settings, transport)
    return {envelope.name: envelope.data for envelope in transport.sent}, choice, preview


def test_both_databases_give_the_same_bytes(tmp_path: Path, sqlite_template: Path, request: pytest.FixtureRequest) -> None:
    url: str = request.getfixturevalue("postgresql_url")
    (tmp_path / "digest.db").write_bytes(sqlite_template.read_bytes())
    found = []
    for address in (f"sqlite:///{tmp_path / 'digest.db'}", url):
        engine = open_database(address)
        if address == url:
            with engine.begin() as connection:
                connection.execute(text("TRUNCATE " + ", ".join(Base.metadata.tables) + " RESTART IDENTITY CASCADE"))
        found.append(written(engine))
        engine.dispose()
    assert len(found[0][0]) == 5
    assert found[0] == found[1]

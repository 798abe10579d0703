"""Two editions of one newsletter at one slot: each goes to its own readers, under names that are apart, and opens in the browser."""

import email
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.due import publish_due
from digest.errors import NothingNew
from digest.publish import Published, publish
from digest.settings import Settings
from digest.viewing import mail_page
from subscribers.tables import Subscriber, Subscription
from tests.test_deliver import KEYS, SLOT, fill, room_for, settings_for

CADENCES = {"daily": {"schedule": "0 7 * * *", "limits": {"min_new": 0}}, "every article": {"every_article": True, "limits": {"articles": 3}}}


def both(engine: Engine, settings: Settings) -> dict[str, tuple[str, str]]:
    """Publishes what is due for one reader of the weekly and one of the daily; each reader's public id and mail, by cadence."""
    fill(engine, readers=2)
    with engine.begin() as connection:
        daily = select(Subscriber.id).where(Subscriber.address == "reader1@example.com").scalar_subquery()
        connection.execute(update(Subscription).where(Subscription.subscriber_id == daily).values(cadence="daily"))
    made = [result for _, result in publish_due(engine, settings, now=SLOT, recheck=lambda *ids: 0) if isinstance(result, Published)]
    assert [(one.edition.cadence, one.queued) for one in made] == [("weekly", 1), ("daily", 1)]
    transport = MemoryTransport()
    deliver(room_for(engine, settings, transport))
    names = {"reader0@example.com": "weekly", "reader1@example.com": "daily"}
    return {names[one.recipient]: (one.name.partition("Z-")[2], one.data.decode("ascii")) for one in transport.sent}


def test_their_mails_have_names_of_their_own(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, cadences=CADENCES)
    sent = both(engine, settings)
    mails = {cadence: email.message_from_string(mail) for cadence, (_, mail) in sent.items()}
    assert len({mail["Message-ID"] for mail in mails.values()}) == 2
    pages = {cadence: str(mail.get_payload(0).get_payload(decode=True)) for cadence, mail in mails.items()}  # type: ignore[union-attr]
    assert "/view/weekly/20261123T0700Z/" in pages["weekly"]
    assert "/view/weekly/daily-20261123T0700Z/" in pages["daily"]


def test_each_opens_in_the_browser_also_when_another_is_the_default_by_now(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, cadences=CADENCES)
    sent = both(engine, settings)
    turned = settings_for(database_url, cadence="daily", schedule="0 7 * * *", cadences={"weekly": {"schedule": "0 7 * * 1"}})

    def shown(declared: Settings, reader: str, cadence: str = "") -> str | None:
        return mail_page(engine, declared, newsletter="weekly", slot=SLOT, subscription=sent[reader][0], keys=KEYS, cadence=cadence)

    for reader, cadence in (("weekly", ""), ("daily", "daily")):
        assert shown(settings, reader, cadence) is not None
        assert shown(turned, reader, cadence) is not None
    assert shown(settings, "weekly", "monthly") is None


def test_where_every_article_is_written_of_a_look_in_vain_leaves_nothing(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, cadences=CADENCES)
    fast = settings.newsletter("weekly", "every article")
    slot = SLOT - timedelta(days=30)
    with pytest.raises(NothingNew, match=r"weekly \(every article\): nothing new"):
        publish(engine, settings, fast, slot, now=slot)

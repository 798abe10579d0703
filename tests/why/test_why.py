"""Why a reader did or did not get an edition: each of the ways it can have gone, told from what is stored."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, update

from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState, Envelope, Outcome, OutcomeKind
from digest.editions import store
from digest.editions.store import StoredEdition
from digest.errors import DigestError
from digest.publish import publish
from digest.refresh import refresh
from digest.settings import Settings
from digest.steer import cancel, pause
from digest.why.answer import Why, edition_asked, why
from digest.why.evidence import Evidence
from subscribers.address import parse_address
from subscribers.consent import unsubscribe
from subscribers.erase import erase
from subscribers.people import find_reader
from subscribers.suppression import suppress
from subscribers.tables import Subscription, SuppressionReason
from subscribers.wish import Served, Wish
from tests.test_deliver import KEYS, SLOT, Clock, fill, room_for, settings_for
from tests.test_personal_edition import LOCAL_SLOT, OWN, SEA, SKY, follow, live, publish_now, reader, sent, set_reader, withdrawn

HOUR = timedelta(hours=1)
CADENCES = {"daily": {"schedule": "0 7 * * *"}}


def asked(engine: Engine, settings: Settings, edition: StoredEdition, number: int, now: datetime = SLOT) -> Why:
    with engine.begin() as connection:
        edition = store.get(connection, edition.id)
    return why(engine, settings, parse_address(reader(number)), edition, keys=KEYS, now=now)


def answer(engine: Engine, settings: Settings, edition: StoredEdition, number: int, now: datetime = SLOT) -> str:
    return asked(engine, settings, edition, number, now).answer


def evidence_of(told: Why) -> Evidence:
    assert told.evidence is not None
    return told.evidence


def token(engine: Engine, number: int) -> str:
    with engine.begin() as connection:
        found = find_reader(connection, "weekly", reader(number))
    assert found is not None
    return found.subscription_token


def test_before_and_after_it_is_handed_over(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, readers=1)
    edition = publish_now(engine, settings).edition
    assert answer(engine, settings, edition, 0) == "Not yet: it has been due since Mon 23 Nov 2026 07:00, and waits its turn."
    sent(engine, settings)
    assert answer(engine, settings, edition, 0) == "Yes: it was handed over on Mon 23 Nov 2026 07:00, and the relay took it."


def test_each_item_has_its_reason_and_what_is_left_out_has_one_too(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits={"filler": 4, "articles": 4})
    fill(engine, articles=14, readers=3)
    follow(engine, SEA, Wish(muted_sections=frozenset({"Sea"})), Wish(sections=frozenset({"News", "Town"})))
    edition = publish_now(engine, settings).edition
    fans, mutes, both = (evidence_of(asked(engine, settings, edition, number)).contents for number in range(3))
    assert [one.why for one in fans.items if one.section == "Sea"] == ["they follow Sea"] * sum(one.section == "Sea" for one in fans.items)
    assert {one.why for one in fans.items if one.section != "Sea"} <= {"filled up: too little of what they follow"}
    assert {one.section for one in mutes.items} == {"News", "Town"}
    assert {one.why for one in mutes.items} == {"in everybody’s edition", "next best, in place of what they do without"}
    assert {one.why for one in mutes.left_out if one.section == "Sea"} == {"they mute Sea"}
    assert len(both.items) == 4
    assert "beyond the limit: a mail holds 4 articles" in {one.why for one in both.left_out}


def test_what_was_removed_is_told(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=14, readers=3)
    follow(engine, SEA, Wish(sections=frozenset({"Sea", "Town"})))
    edition = publish_now(engine, settings).edition
    withdrawn(engine, "Sea")
    assert refresh(engine, settings, settings.newsletter("weekly"), edition, now=SLOT)
    sent(engine, settings)
    assert answer(engine, settings, edition, 0) == "No: what it held for them was removed at its source before it was sent."
    contents = evidence_of(asked(engine, settings, edition, 1)).contents
    assert {one.section for one in contents.items} == {"Town"}
    assert {one.why for one in contents.left_out if one.section == "Sea"} == {"removed at its source"}


def test_nothing_new_then_and_nothing_new_now(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, **OWN)
    fill(engine, articles=9, readers=3)
    follow(engine, SKY, SKY, SEA)
    edition = publish_now(engine, settings).edition
    assert answer(engine, settings, edition, 0) == "No: there was nothing new in it for them, by what they follow and mute."
    follow(engine, Wish(sections=frozenset({"Hills"})), Wish())
    assert answer(engine, settings, edition, 0).startswith("No: by what they follow and mute now there is nothing new")
    assert answer(engine, settings, edition, 1).startswith("No, and nothing that is kept says why")


def test_who_was_not_there_when_it_was_queued(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, cadences=CADENCES)
    fill(engine, readers=5)
    with engine.begin() as connection:
        set_reader(connection, 0, paused_until=SLOT + 48 * HOUR)
        set_reader(connection, 1, cadence="daily")
        suppress(connection, parse_address(reader(2)), reason=SuppressionReason.BOUNCE, keys=KEYS, now=SLOT - HOUR, note="5.1.1")
        unsubscribe(connection, find_reader(connection, "weekly", reader(3)).subscription_token, how="one-click", now=SLOT - HOUR)  # type: ignore[union-attr]
    edition = publish_now(engine, settings).edition
    late = token(engine, 4)
    with engine.begin() as connection:
        connection.execute(update(Subscription).where(Subscription.public_id == late).values(created_at=SLOT + HOUR))
        connection.execute(delete(DeliveryRow))
    said = [answer(engine, settings, edition, number) for number in range(5)]
    assert said == [
        "No: they paused until Wed 25 Nov 2026 07:00, and it was queued on Mon 23 Nov 2026 07:00.",
        "No: they get “weekly” in another cadence: daily, and this is the weekly edition.",
        "No: nobody may write to this address since Mon 23 Nov 2026 06:00: bounce (5.1.1).",
        "No: they had left on Mon 23 Nov 2026 06:00 (one-click); it was queued on Mon 23 Nov 2026 07:00.",
        "No: they joined on Mon 23 Nov 2026 08:00, after it was queued (Mon 23 Nov 2026 07:00).",
    ]


def test_who_left_after_it_was_queued(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=1)
    edition = publish_now(engine, settings).edition
    with engine.begin() as connection:
        unsubscribe(connection, find_reader(connection, "weekly", reader(0)).subscription_token, how="form", now=SLOT)  # type: ignore[union-attr]
    sent(engine, settings)
    assert answer(engine, settings, edition, 0) == "No: they left on Mon 23 Nov 2026 07:00 (form), after it was queued."


def test_who_is_erased_strange_or_subscribes_to_something_else(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=2)
    edition = publish_now(engine, settings).edition
    elsewhere = token(engine, 1)
    with engine.begin() as connection:
        erase(connection, parse_address(reader(0)), keys=KEYS, now=SLOT, note="")
        connection.execute(update(Subscription).where(Subscription.public_id == elsewhere).values(newsletter="other"))
    assert answer(engine, settings, edition, 0).startswith("Nobody can tell: who had this address was erased on Mon 23 Nov 2026 07:00")
    assert answer(engine, settings, edition, 1) == "No: they never subscribed to “weekly”; what they have or had is other."
    with pytest.raises(DigestError, match="Nobody has this address"):
        answer(engine, settings, edition, 7)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (OutcomeKind.REFUSED, "No: it was refused on Mon 23 Nov 2026 07:00: 550 no such mailbox."),
        (OutcomeKind.UNKNOWN, "Nobody knows: it was handed over on Mon 23 Nov 2026 07:00, and the answer was never learnt."),
        (OutcomeKind.DEFERRED, "Not yet: it was put off once (450 no such mailbox), and is tried again from "),
    ],
)
def test_what_the_relay_said(engine: Engine, database_url: str, kind: OutcomeKind, said: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=1)
    edition = publish_now(engine, settings).edition

    def refuse(envelope: Envelope) -> Outcome:
        return Outcome(kind, 450 if kind is OutcomeKind.DEFERRED else 550, "no such mailbox")

    deliver(room_for(engine, settings, MemoryTransport(refuse), Clock()))
    assert answer(engine, settings, edition, 0).startswith(said)


def test_an_edition_that_is_stopped(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=1)
    edition = publish_now(engine, settings).edition
    pause(engine, edition.id, now=SLOT, reason="the date is wrong")
    assert answer(engine, settings, edition, 0) == "Not yet: the edition is paused (the date is wrong)."
    cancel(engine, edition.id, now=SLOT, reason="all wrong")
    assert answer(engine, settings, edition, 0) == "No: the edition was cancelled before their turn (all wrong)."


def test_the_time_and_the_language_have_reasons(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, local_time=True, quiet_hours="22:00-06:00", time_zone="Europe/London", language="en")
    fill(engine, readers=3)
    live(engine, "Asia/Tokyo", "", "Atlantis/North", hours={0: 23})
    with engine.begin() as connection:
        for number, language in enumerate(("de-AT", "", "tlh")):
            set_reader(connection, number, language=language)
    edition = publish_now(engine, settings, LOCAL_SLOT).edition
    tokyo, home, lost = (evidence_of(asked(engine, settings, edition, number, LOCAL_SLOT)) for number in range(3))
    assert tokyo.arrival.reasons == (
        "Asia/Tokyo, their own zone",
        "23:00 where they are: the hour they chose",
        "that is in their quiet hours (22:00–06:00): it waits until Tue 24 Nov 2026 06:00 there",
    )
    assert home.arrival.reasons[0] == "Europe/London, the newsletter’s zone: they set none"
    assert lost.arrival.reasons[0] == "Europe/London, “Atlantis/North” is no zone that is known here: the newsletter’s"
    assert [one.language and (one.language.frame, one.language.why) for one in (tokyo, home, lost)] == [
        ("de", "they read de-AT"),
        ("en", "the newsletter’s: they set none"),
        ("en", "the newsletter’s: they read tlh, and it was not drawn in that"),
    ]
    assert answer(engine, settings, edition, 0, LOCAL_SLOT).endswith("(Tue 24 Nov 2026 06:00 in Asia/Tokyo).")
    live(engine, "Europe/Berlin")
    assert evidence_of(asked(engine, settings, edition, 0, LOCAL_SLOT)).arrival.reasons[-1].startswith("queued for ")


def test_who_came_from_another_cadence(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, cadences=CADENCES, limits={"articles": 50})
    fill(engine, articles=14, readers=2)
    with engine.begin() as connection:
        set_reader(connection, 0, cadence="daily")
    daily = settings.newsletter("weekly", "daily")

    before = SLOT - 15 * HOUR
    publish(engine, settings, daily, before, now=before, allow_few=True)
    follow(engine, Wish(served=str(Served(cadence="daily", until=before))))
    with engine.begin() as connection:
        set_reader(connection, 0, cadence="")
    edition = publish_now(engine, settings).edition
    contents = evidence_of(asked(engine, settings, edition, 0)).contents
    assert {one.why for one in contents.left_out} == {"they had their chance of it in daily"}
    assert not {one.article_id for one in contents.items} & {one.article_id for one in contents.left_out}


def test_the_edition_that_is_asked_for(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, cadences=CADENCES)
    fill(engine, readers=2)
    who, other = parse_address(reader(0)), parse_address(reader(1))
    weekly = publish_now(engine, settings).edition
    with engine.begin() as connection:
        set_reader(connection, 0, cadence="daily")
        assert edition_asked(connection, settings, "weekly", None, who, keys=KEYS) == weekly  # there is no daily one yet
        with pytest.raises(DigestError, match=r"“weekly \(daily\)” has no edition yet"):
            edition_asked(connection, settings, "weekly", "daily", who, keys=KEYS)

    daily = publish(engine, settings, settings.newsletter("weekly", "daily"), SLOT, now=SLOT, allow_few=True).edition
    with engine.begin() as connection:
        assert edition_asked(connection, settings, "weekly", None, who, keys=KEYS).id == daily.id
        assert edition_asked(connection, settings, "weekly", None, other, keys=KEYS).id == weekly.id
        assert edition_asked(connection, settings, str(weekly.id), None, who, keys=KEYS).id == weekly.id


def test_a_skipped_slot_was_for_nobody(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits={"min_new": 50})
    fill(engine, readers=1)

    edition = publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT).edition
    assert answer(engine, settings, edition, 0).startswith("No, nobody did: the slot was skipped (")


def test_where_all_get_the_same_the_items_are_everybody_s(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, articles=9, readers=1)
    edition = publish_now(engine, settings).edition
    contents = evidence_of(asked(engine, settings, edition, 0)).contents
    assert contents.items and {one.why for one in contents.items} == {"in everybody’s edition"}


def test_a_row_that_is_held_or_in_hand(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    fill(engine, readers=1)
    edition = publish_now(engine, settings).edition
    for state, said in ((DeliveryState.HELD, "Not yet: their domain refuses you"), (DeliveryState.SENDING, "Just now: ")):
        with engine.begin() as connection:
            connection.execute(update(DeliveryRow).values(state=state))
        assert answer(engine, settings, edition, 0).startswith(said)

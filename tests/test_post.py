"""Letters over a real SMTP server: from the sign-up to the settled row, on both kinds of database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, update

from digest.database import open_database
from digest.deliver import new_shift
from digest.delivery import domains, letters, relays
from digest.delivery.letter_message import letter_id
from digest.delivery.pace import Pace
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import Claimed, DeliveryState
from digest.errors import SendingRefused
from digest.post import post
from digest.sign_up import take_up
from digest.wiring import require_letters
from subscribers.address import parse_address
from subscribers.consent import unsubscribe
from subscribers.people import find_reader
from subscribers.suppression import suppress
from subscribers.tables import SuppressionReason
from subscribers.tokens import Purpose, read_dated
from tests.delivery.conftest import enrol
from tests.delivery.relays import CLOSE, EHLO, GO, OK, ScriptedRelay
from tests.journeys.paper import Mailbox, free_port, serving
from tests.journeys.servers import postgresql_running
from tests.letter_office import KEYS, NOW, office, opened, parts, room_of, rows, sign_up
from tests.test_deliver import Clock


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as box:
        yield box


def test_a_sign_up_becomes_a_letter_with_a_link_that_only_its_reader_has(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, "ann@example.com", origin="https://lamp.example/news/?utm_source=x")
    room = room_of(engine, office(mailbox.port))
    with new_shift(room) as shift:
        assert post(room, shift) == 1
        assert post(room, shift) == 0
    (data,) = mailbox.messages["ann@example.com"]
    html, text = parts(opened(data))
    token = text.split("https://letters.lamp.example/confirm/")[1].split()[0]
    with engine.begin() as connection:
        reader = find_reader(connection, "weekly", "ann@example.com")
    assert reader is not None
    assert read_dated(Purpose.CONFIRM, token, KEYS, now=NOW, lifetime=timedelta(hours=72)).said == reader.subscriber_token
    assert f"/confirm/{token}" in html
    assert "lamp.example/news" in text
    assert "utm_source" not in text
    (row,) = rows(engine)
    assert (row.letter, row.edition_id, row.state, row.relay, row.attempts) == ("confirm", None, DeliveryState.ACCEPTED, "smtp", 1)


def test_fifty_sign_ups_of_one_address_are_one_letter(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, *["Ann@Example.com", "ann@example.com"] * 25)
    room = room_of(engine, office(mailbox.port))
    with new_shift(room) as shift:
        assert post(room, shift) == 1
    assert sum(mailbox.counts.values()) == 1


def test_several_lanes_send_every_letter_once(engine: Engine, mailbox: Mailbox) -> None:
    addresses = [f"reader{number}@example.com" for number in range(60)]
    sign_up(engine, *addresses)
    room = room_of(engine, office(mailbox.port))
    begin = Barrier(4)

    def one_lane(number: int) -> int:
        with new_shift(room) as shift:
            begin.wait(30)
            return post(room, shift)

    with ThreadPoolExecutor(4) as pool:
        handed_over = sum(pool.map(one_lane, range(4)))
    with new_shift(room) as shift:
        handed_over += post(room, shift)  # what one lane queued after another had looked
    assert handed_over == 60
    assert mailbox.counts == dict.fromkeys(addresses, 1)


def test_a_letter_that_does_not_fit_any_more_is_skipped(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, "left@example.com", "bounced@example.com", "stays@example.com", "erased@example.com")
    take_up(engine, office(), keys=KEYS, now=NOW)
    with engine.begin() as connection:
        left = find_reader(connection, "weekly", "left@example.com")
        assert left is not None
        unsubscribe(connection, left.subscription_token, how="one-click", now=NOW)
        for address, reason in (("bounced@example.com", SuppressionReason.BOUNCE), ("erased@example.com", SuppressionReason.ERASED)):
            suppress(connection, parse_address(address), reason=reason, keys=KEYS, now=NOW)
    room = room_of(engine, office(mailbox.port))
    with new_shift(room) as shift:
        assert post(room, shift) == 2
    # Who had themself erased, and asks anew, gets the letter: it takes their second yes to lift that.
    assert mailbox.counts == {"stays@example.com": 1, "erased@example.com": 1}
    assert [row.state for row in rows(engine)] == [
        DeliveryState.SKIPPED,
        DeliveryState.SKIPPED,
        DeliveryState.ACCEPTED,
        DeliveryState.ACCEPTED,
    ]


def test_whoever_leaves_between_claim_and_mark_gets_no_letter(engine: Engine) -> None:
    sign_up(engine, "left@example.com")
    take_up(engine, office(), keys=KEYS, now=NOW)
    with new_shift(room_of(engine, office())) as shift, engine.begin() as connection:
        (claimed,) = letters.claim_letters(connection, lease=shift.id, now=NOW, limit=5)
        unsubscribe(connection, claimed.reader.subscription_token, how="one-click", now=NOW)
        assert not letters.begin_letter(connection, shift.id, claimed.reader.delivery_id, "smtp", NOW)


def test_a_letter_is_put_off_and_tried_again_under_the_same_message_id(engine: Engine) -> None:
    sign_up(engine, "ann@example.com")
    full = [b"220 relay.test\r\n", EHLO, OK, b"450 4.2.2 the mailbox is full\r\n"]
    well = [b"220 relay.test\r\n", EHLO, OK, OK, GO, OK]
    clock = Clock(NOW)
    with ScriptedRelay(full, well) as relay:
        room = room_of(engine, office(relay.port), clock)
        with new_shift(room) as shift:
            post(room, shift)
            (row,) = rows(engine)
            assert (row.state, row.attempts, row.code) == (DeliveryState.QUEUED, 1, 450)
            assert row.next_at == NOW + timedelta(minutes=2)
            assert post(room, shift) == 0
        clock.now = NOW + timedelta(minutes=2)
        with new_shift(room) as shift:
            assert post(room, shift) == 1
        (text,) = relay.texts
    (row,) = rows(engine)
    assert (row.state, row.attempts) == (DeliveryState.ACCEPTED, 2)
    assert opened(text)["Message-ID"] == letter_id(KEYS[-1], row.id, token_of(engine), "lamp.example")


def token_of(engine: Engine) -> str:
    with engine.begin() as connection:
        reader = find_reader(connection, "weekly", "ann@example.com")
    assert reader is not None
    return reader.subscription_token


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"550 5.1.1 no such reader\r\n", DeliveryState.REFUSED),
        # What we are refused for can be mended, and the reader still waits.
        (b"550 5.7.1 you are on our block list\r\n", DeliveryState.QUEUED),
    ],
)
def test_a_refusal_is_final_unless_it_is_of_us(engine: Engine, answer: bytes, state: DeliveryState) -> None:
    sign_up(engine, "ann@example.com")
    with ScriptedRelay([b"220 relay.test\r\n", EHLO, OK, answer]) as relay:
        room = room_of(engine, office(relay.port))
        with new_shift(room) as shift:
            post(room, shift)
    (row,) = rows(engine)
    assert (row.state, row.code) == (state, 550)
    assert "example.com" not in row.text


def test_what_a_killed_worker_had_under_way_is_sent_again_under_the_same_message_id(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, "ann@example.com")
    take_up(engine, office(), keys=KEYS, now=NOW)
    with engine.begin() as connection:  # as a process that was killed leaves it: marked, its lease run out
        enrol(connection, "killed", NOW - timedelta(minutes=2), minutes=1)
        connection.execute(update(DeliveryRow).values(state=DeliveryState.SENDING, lease="killed", begun_at=NOW - timedelta(minutes=2), relay="smtp"))
    room = room_of(engine, office(mailbox.port))
    with new_shift(room) as shift:
        assert post(room, shift) == 1
    (data,) = mailbox.messages["ann@example.com"]
    (row,) = rows(engine)
    assert opened(data)["Message-ID"] == letter_id(KEYS[-1], row.id, token_of(engine), "lamp.example")
    assert row.state is DeliveryState.ACCEPTED


def test_what_a_living_worker_has_under_way_is_left_to_it(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, "ann@example.com")
    take_up(engine, office(), keys=KEYS, now=NOW)
    with engine.begin() as connection:
        enrol(connection, "other", NOW, minutes=1)
        connection.execute(update(DeliveryRow).values(state=DeliveryState.SENDING, lease="other", begun_at=NOW, relay="smtp"))
    room = room_of(engine, office(mailbox.port))
    with new_shift(room) as shift:
        assert post(room, shift) == 0


def test_an_answer_that_is_never_heard_leads_to_a_second_try(engine: Engine) -> None:
    sign_up(engine, "ann@example.com")
    clock = Clock(NOW)
    lost = [b"220 relay.test\r\n", EHLO, OK, OK, GO, CLOSE]
    well = [b"220 relay.test\r\n", EHLO, OK, OK, GO, OK]
    with ScriptedRelay(lost, well) as relay:
        room = room_of(engine, office(relay.port), clock)
        with new_shift(room) as shift:
            post(room, shift)
        clock.now = NOW + timedelta(minutes=2)
        with new_shift(room) as shift:
            post(room, shift)
        first, second = (opened(text)["Message-ID"] for text in relay.texts)
    assert first == second
    (row,) = rows(engine)
    assert (row.state, row.attempts) == (DeliveryState.ACCEPTED, 2)


def test_a_relay_that_is_down_is_left_alone_and_its_letters_wait(engine: Engine) -> None:
    sign_up(engine, "ann@example.com", "ben@example.com")
    clock = Clock(NOW)
    room = room_of(engine, office(free_port()), clock)
    with new_shift(room) as shift:
        post(room, shift)
        with engine.begin() as connection:
            (shut,) = relays.shut_relays(connection, NOW)
        assert shut.name == "smtp"
        assert post(room, shift) == 0
    assert [(row.state, row.attempts) for row in rows(engine)] == [(DeliveryState.QUEUED, 0)] * 2


def test_without_a_sender_letters_wait_and_say_why(engine: Engine) -> None:
    sign_up(engine, "ann@example.com")
    room = room_of(engine, office(letters={"from_address": ""}))
    with new_shift(room) as shift:
        with pytest.raises(SendingRefused, match=r"\[letters\] from_address is empty"):
            post(room, shift)
        (row,) = rows(engine)
        assert row.state is DeliveryState.QUEUED
    with pytest.raises(SendingRefused, match="is a newsletter's as well"):
        require_letters(office(letters={"from_address": "Post@lamp.example"}))


def test_a_newsletter_that_is_not_declared_any_more_keeps_its_letters_waiting(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, "ann@example.com")
    take_up(engine, office(), keys=KEYS, now=NOW)
    clock = Clock(NOW)
    gone = office(mailbox.port).model_copy(update={"newsletters": {}})
    with new_shift(room := room_of(engine, gone, clock)) as shift:
        assert post(room, shift) == 0
    clock.now = NOW + timedelta(minutes=10)
    with new_shift(room := room_of(engine, office(mailbox.port), clock)) as shift:
        assert post(room, shift) == 1
    assert mailbox.counts == {"ann@example.com": 1}


def test_a_letter_goes_ahead_of_an_edition_that_has_used_up_the_pace(engine: Engine, mailbox: Mailbox) -> None:
    smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "per_minute": 30, "warm_up": [5]}
    settings = office(delivery={"transport": "smtp", "smtp": smtp, "domains": {"big": {"match": ["example.com"], "per_minute": 30}}})
    room = room_of(engine, settings)
    with engine.begin() as connection:  # as an edition does it that could go on all day
        (route,) = room.routes
        while relays.allowance(connection, route, NOW, 500).count:
            pass
        waiting = [claimed_for(number) for number in range(50)]
        assert domains.screen(connection, Pace.of(settings.delivery.domains), 0, waiting, NOW).later
    sign_up(engine, "ann@example.com")
    with new_shift(room) as shift:
        assert post(room, shift) == 1
    with engine.begin() as connection:
        assert relays.allowance(connection, route, NOW + timedelta(seconds=3), 1).count == 0  # the edition pays it off


def claimed_for(number: int) -> Claimed:
    return Claimed(
        delivery_id=number,
        subscription_id=number,
        subscription_token="t",
        subscriber_token="t",
        address=f"reader{number}@example.com",
        name="",
        language="",
        time_zone="",
        attempts=0,
    )


def test_letters_keep_to_the_pace_too(engine: Engine, mailbox: Mailbox) -> None:
    """They may be less than a minute ahead of it, not more."""
    smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "per_minute": 6}
    sign_up(engine, *(f"reader{number}@example.com" for number in range(20)))
    room = room_of(engine, office(delivery={"transport": "smtp", "smtp": smtp}))
    with new_shift(room) as shift:
        assert post(room, shift) == 5


def test_what_became_of_a_letter_is_written_down_when_the_database_is_back() -> None:
    with postgresql_running() as server, serving(Mailbox(hold_after=0)) as box, ThreadPoolExecutor(1) as pool:
        engine = open_database(server.url)
        sign_up(engine, "ann@example.com")
        room = room_of(engine, office(box.port))
        with new_shift(room) as shift:
            posting = pool.submit(post, room, shift)
            assert box.half_way.wait(60)  # the relay has it, and has not answered
            engine.dispose()
            server.restart(while_down=box.gate.set)
            assert posting.result(60) == 1
            assert post(room, shift) == 0
        (row,) = rows(engine)
        engine.dispose()
    assert row.state is DeliveryState.ACCEPTED
    assert box.counts == {"ann@example.com": 1}

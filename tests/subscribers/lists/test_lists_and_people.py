"""A list and what people said themselves: the list fills in and ends what only lists began, and never has the last word over a person."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, update

from subscribers.address import parse_address
from subscribers.consent import Person, add, confirm, subscribe
from subscribers.lists.intake import Plan
from subscribers.lists.transfer import BATCH, Report, import_rows
from subscribers.people import find, history
from subscribers.suppression import is_suppressed, listed, suppress
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState, Suppression, SuppressionReason
from tests.subscribers.conftest import FORM, KEYS, person

CONFIRMED = SubscriptionState.CONFIRMED


def taken_in(
    engine: Engine, text: str, now: datetime, *, state: SubscriptionState = CONFIRMED, dry_run: bool = False, origin: str = "list.csv"
) -> Report:
    plan = Plan(newsletter="weekly", state=state, origin=origin, dry_run=dry_run)
    return import_rows(engine, io.BytesIO(text.encode()), plan, keys=KEYS, now=now, on_problem=lambda problem: None)


def states(engine: Engine) -> dict[str, str]:
    with engine.begin() as connection:
        return {known.address.partition("@")[0]: known.state.value for known in find(connection, newsletter="weekly")}


def by_themselves(engine: Engine, address: str, now: datetime, newsletter: str = "weekly", who: Person | None = None) -> None:
    with engine.begin() as connection:
        added = subscribe(connection, who or person(address), newsletter=newsletter, proof=FORM, keys=KEYS, now=now)
        confirm(connection, added.subscription, proof=FORM, now=now)


def told_of(engine: Engine, address: str) -> dict[str, Any]:
    columns = (Subscriber.name, Subscriber.language, Subscriber.time_zone, Subscriber.attributes)
    with engine.begin() as connection:
        return dict(connection.execute(select(*columns).where(Subscriber.address == address)).mappings().one())


def test_what_is_empty_is_filled_in_and_nothing_else(engine: Engine, now: datetime) -> None:
    taken_in(engine, 'email,language,attributes\nann@example.com,en,"{""plan"": ""gold"", ""it\'s"": ""a.$x""}"\n', now)
    taken_in(
        engine, 'email,name,language,time zone,attributes\nann@example.com,Ann,fr,Europe/Rome,"{""plan"": ""tin"", ""town"": ""Pellowick""}"\n', now
    )
    told = {"name": "Ann", "language": "en", "time_zone": "Europe/Rome", "attributes": {"plan": "gold", "it's": "a.$x", "town": "Pellowick"}}
    assert told_of(engine, "ann@example.com") == told
    taken_in(engine, "email,name\nann@example.com,MRS A LEE\n", now)
    assert told_of(engine, "ann@example.com") == told


def test_who_did_something_themselves_keeps_what_they_left_empty(engine: Engine, now: datetime) -> None:
    by_themselves(engine, "ann@example.com", now)
    taken_in(engine, 'email,name,language,attributes\nann@example.com,Ann,fr,"{""plan"": ""gold""}"\n', now)
    assert told_of(engine, "ann@example.com") == {"name": "", "language": "", "time_zone": "", "attributes": {"plan": "gold"}}


def test_who_left_is_told_nothing_more_of(engine: Engine, now: datetime) -> None:
    taken_in(engine, "email,status\nann@example.com,unsubscribed\n", now)
    assert taken_in(engine, "email,name\nann@example.com,Ann\n", now) == Report(read=1, left=1)
    assert told_of(engine, "ann@example.com")["name"] == ""


def test_later_list_ends_what_an_earlier_list_began(engine: Engine, now: datetime) -> None:
    taken_in(engine, "email\nann@example.com\nbob@example.com\n", now)
    later = now + timedelta(days=1)
    text = "email\nann@example.com\n"
    foretold = taken_in(engine, text, later, state=SubscriptionState.UNSUBSCRIBED, dry_run=True, origin="left.csv")
    assert states(engine) == {"ann": "confirmed", "bob": "confirmed"}
    assert taken_in(engine, text, later, state=SubscriptionState.UNSUBSCRIBED, origin="left.csv") == foretold == Report(read=1, ended=1)
    assert states(engine) == {"ann": "unsubscribed", "bob": "confirmed"}
    with engine.begin() as connection:
        last = history(connection, parse_address("ann@example.com"))[-1]
    assert (last.how, last.state, last.origin, last.at) == ("import", "unsubscribed", "left.csv, line 2", later)
    assert taken_in(engine, text, later, state=SubscriptionState.UNSUBSCRIBED) == Report(read=1, left=1)


def test_no_list_ends_or_bars_what_a_person_confirmed_here(engine: Engine, now: datetime) -> None:
    by_themselves(engine, "ann@example.com", now)
    by_themselves(engine, "bob@example.com", now, newsletter="daily")
    text = "email,status\nann@example.com,unsubscribed\nann@example.com,bounced\nbob@example.com,complained\n"
    assert taken_in(engine, text, now) == Report(read=3, already=2, duplicates=1)
    assert states(engine) == {"ann": "confirmed"}
    with engine.begin() as connection:
        assert not any(is_suppressed(connection, parse_address(f"{name}@example.com"), keys=KEYS) for name in ("ann", "bob"))


def test_pending_sign_up_is_no_reason_to_write_to_a_dead_mailbox(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        subscribe(connection, person("ann@example.com"), newsletter="weekly", proof=FORM, keys=KEYS, now=now)
    assert taken_in(engine, "email,status\nann@example.com,bounced\n", now) == Report(read=1, barred=1)


def test_bounce_elsewhere_is_a_suppression_with_its_proof_and_no_subscription(engine: Engine, now: datetime) -> None:
    report = taken_in(
        engine, "email,status,source\nann@example.com,bounced,old list\nbob@example.com,blocklisted,\ncy@example.com,complained,\n", now
    )
    assert report == Report(read=3, barred=3) and states(engine) == {}
    with engine.begin() as connection:
        found = [listed(connection, parse_address(f"{name}@example.com"), keys=KEYS) for name in ("ann", "bob", "cy")]
    assert [one.reason.value for one in found if one] == ["bounce", "by-hand", "complaint"]
    assert found[0] is not None and found[0].note == "list.csv, line 2: old list"


def test_earlier_reason_stands(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        suppress(connection, parse_address("ann@example.com"), reason=SuppressionReason.ERASED, keys=KEYS, now=now)
    assert taken_in(engine, "email,status\nann@example.com,bounced\n", now) == Report(read=1, suppressed=1)
    with engine.begin() as connection:
        found = listed(connection, parse_address("ann@example.com"), keys=KEYS)
    assert found is not None and found.reason is SuppressionReason.ERASED


def test_row_that_forbids_stands_wherever_in_the_file_it_is(engine: Engine, now: datetime) -> None:
    rows = [f"filler{number}@example.com,subscribed" for number in range(BATCH)]
    text = "\n".join([
        "email,status", "ann@example.com,subscribed", "ann@example.com,unsubscribed", "bob@example.com,subscribed", "dee@example.com,subscribed",
        *rows, "bob@example.com,unsubscribed", "bob@example.com,subscribed", "dee@example.com,bounced",
    ])  # fmt: skip
    wanted = Report(read=BATCH + 7, added=BATCH + 3, unsubscribed=1, duplicates=4)
    assert taken_in(engine, text, now, dry_run=True) == wanted
    assert taken_in(engine, text, now) == wanted
    assert {name: states(engine)[name] for name in ("ann", "bob", "dee")} == {"ann": "unsubscribed", "bob": "unsubscribed", "dee": "confirmed"}
    with engine.begin() as connection:
        assert is_suppressed(connection, parse_address("dee@example.com"), keys=KEYS)


def test_batch_of_everything_takes_nine_statements(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    def rows(number: int) -> str:
        kinds = ("subscribed", "pending", "unsubscribed", "bounced")
        return "email,status,name\n" + "".join(f"r{one}@example.com,{kinds[one % 4]},R\n" for one in range(number))

    taken_in(engine, "email\n" + "".join(f"r{one}@example.com\n" for one in range(0, 400, 3)), now)
    statements()
    taken_in(engine, rows(40), now)
    few = statements()
    taken_in(engine, rows(400), now)
    assert statements() <= 9 and few <= 9


def test_dates_to_come_are_today(engine: Engine, now: datetime) -> None:
    taken_in(engine, "email,confirmed at\nann@example.com,2999-01-01\n", now)
    with engine.begin() as connection:
        (ann,) = find(connection, newsletter="weekly")
    assert ann.confirmed_at == now


def test_acts_of_an_operator_stand_like_those_of_a_person(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        add(connection, person("ann@example.com"), newsletter="weekly", state=CONFIRMED, proof=FORM, keys=KEYS, now=now)
        connection.execute(update(Subscriber).values(acted_at=None))
    assert taken_in(engine, "email,status\nann@example.com,unsubscribed\n", now) == Report(read=1, already=1)


def test_two_imports_at_once_add_everybody_once(engine: Engine, now: datetime) -> None:
    people = [f"r{number}@example.com,R,{'bounced' if number % 10 == 7 else ''}\n" for number in range(2_500)]
    lists = ["email,name,status\n" + "".join(order) for order in (people, people[::-1])]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda text: taken_in(engine, text, now), lists))
    for report in reports:
        assert report.read == report.added + report.already + report.barred + report.suppressed == len(people)
    with engine.begin() as connection:
        counted = [connection.scalar(select(func.count()).select_from(table)) for table in (Subscriber, Subscription, Consent, Suppression)]
    assert counted == [2_250, 2_250, 2_250, 250] and sum(report.added for report in reports) == 2_250

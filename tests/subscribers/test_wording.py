"""The words of a form: one version for the same words, for good, and named by consents, dossiers and exports."""

import io
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select

from subscribers import choices
from subscribers.consent import Proof, say_why, subscribe, unsubscribe
from subscribers.export import HEADER, export, write
from subscribers.lists.intake import Plan
from subscribers.lists.transfer import import_rows
from subscribers.people import find, history
from subscribers.suppression import address_hash
from subscribers.tables import SubscriptionState, Wording
from subscribers.wording import keep, text_of, version
from tests.subscribers.conftest import KEYS, person

WORDS = "Yes, send me “The Week”, every Monday; I can leave at any time."
HOUR = timedelta(hours=1)


def test_words_are_kept_once_and_for_good(connection: Connection, now: datetime) -> None:
    first = keep(connection, WORDS, now=now)
    other = keep(connection, WORDS + " ", now=now)
    assert keep(connection, WORDS, now=now + HOUR) == first == version(WORDS) != other
    assert text_of(connection, first) == WORDS and text_of(connection, other) == WORDS + " "
    assert text_of(connection, "no such version") == ""
    assert connection.scalar(select(func.count()).select_from(Wording)) == 2
    assert set(connection.scalars(select(Wording.first_used_at))) == {now}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_version_fits_where_consents_keep_it(text: str) -> None:
    assert len(version(text)) == 16 and set(version(text)) <= set("0123456789abcdef")


def asked_and_confirmed(connection: Connection, now: datetime) -> str:
    """Ann has asked by a form and confirmed an hour later; the public id of her subscription."""
    form = Proof(how="form", origin="https://lantern.example/join", wording=keep(connection, WORDS, now=now))
    added = subscribe(connection, person("ann@example.com"), newsletter="weekly", proof=form, keys=KEYS, now=now)
    [ann] = find(connection)
    choices.confirm(connection, ann.subscriber_token, ["weekly"], proof=Proof(how="confirmation letter", origin="/confirm"), now=now + HOUR)
    return added.subscription


def exported(connection: Connection) -> dict[str, str]:
    [row] = export(connection, "weekly")
    return dict(zip(HEADER, row, strict=True))


def test_39_the_export_proves_a_consent_given_by_form_and_letter(connection: Connection, now: datetime) -> None:
    asked_and_confirmed(connection, now)
    row = exported(connection)
    assert (row["asked at"], row["asked origin"]) == (now.isoformat(), "https://lantern.example/join")
    assert row["consent wording"] == f"{version(WORDS)}: {WORDS}"
    confirmed = (row["confirmed at"], row["consent at"], row["consent how"], row["consent origin"])
    assert confirmed == ((now + HOUR).isoformat(), (now + HOUR).isoformat(), "confirmation letter", "/confirm")
    assert row["address hash"] == address_hash(person("ann@example.com").address, KEYS)


def test_why_somebody_left_does_not_stand_for_their_leaving(connection: Connection, now: datetime) -> None:
    mine = asked_and_confirmed(connection, now)
    unsubscribe(connection, mine, how="one-click", now=now + 2 * HOUR)
    say_why(connection, mine, "Too much", now=now + 2 * HOUR)
    row = exported(connection)
    assert (row["state"], row["consent how"], row["consent wording"]) == ("unsubscribed", "one-click", f"{version(WORDS)}: {WORDS}")


def test_an_import_reads_the_words_of_an_export(engine: Engine, now: datetime) -> None:
    file = io.StringIO(newline="")
    with engine.begin() as connection:
        asked_and_confirmed(connection, now)
        write(export(connection, "weekly"), file)
    problems: list[object] = []
    plan = Plan(newsletter="copy", state=SubscriptionState.CONFIRMED, origin="export.csv")
    import_rows(engine, io.BytesIO(file.getvalue().encode()), plan, keys=KEYS, now=now, on_problem=problems.append)
    assert problems == []
    with engine.begin() as connection:
        copied = history(connection, person("ann@example.com").address)[-1]
        assert (copied.newsletter, copied.wording, copied.origin) == ("copy", f"{version(WORDS)}: {WORDS}", "export.csv, line 2: /confirm")
        [again] = export(connection, "copy")
        assert f"{version(WORDS)}: {WORDS}" in again

"""Lists of addresses that nobody may write to, brought along."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from subscribers.address import parse_address
from subscribers.errors import BadFile
from subscribers.lists.blocklist import Barred, Barring, suppress_rows
from subscribers.lists.csvfile import Problem
from subscribers.lists.intake import Plan
from subscribers.lists.transfer import Report, import_rows
from subscribers.suppression import listed, suppress
from subscribers.tables import Base, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS

SHA256 = "9f" * 32


def suppressed(
    engine: Engine, text: str, now: datetime, reason: SuppressionReason | None = None, *, dry_run: bool = False
) -> tuple[Barred, list[Problem]]:
    problems: list[Problem] = []
    barring = Barring(origin="blocked.csv", reason=reason, dry_run=dry_run)
    file = io.BytesIO(text.encode())
    return suppress_rows(engine, file, barring, keys=KEYS, now=now, on_problem=problems.append), problems


def reason(engine: Engine, address: str) -> tuple[str, str] | None:
    with engine.begin() as connection:
        found = listed(connection, parse_address(address), keys=KEYS)
    return (found.reason.value, found.note) if found else None


def test_column_of_addresses_is_enough(engine: Engine, now: datetime) -> None:
    text = "ann@example.com\nBob@Example.com\nbob@example.com\nbroken\n"
    barred, problems = suppressed(engine, text, now)
    assert barred == Barred(read=4, added=2, duplicates=1, wrong=1) and [problem.line for problem in problems] == [4]
    assert reason(engine, "bob@example.com") == ("by-hand", "blocked.csv, line 2")
    plan = Plan(newsletter="weekly", state=SubscriptionState.CONFIRMED, origin="x.csv")
    report = import_rows(engine, io.BytesIO(b"email\nann@example.com\n"), plan, keys=KEYS, now=now, on_problem=problems.append)
    assert report == Report(read=1, suppressed=1)


def test_each_row_may_say_why_and_a_reason_said_is_that_of_all(engine: Engine, now: datetime) -> None:
    text = "email,status,time zone\nann@example.com,bounced,none\nbob@example.com,complained,\ncy@example.com,unsubscribed,\n"
    assert suppressed(engine, text, now)[0] == Barred(read=3, added=3)
    assert [(reason(engine, f"{name}@example.com") or ("",))[0] for name in ("ann", "bob", "cy")] == ["bounce", "complaint", "by-hand"]
    barred, _ = suppressed(engine, "email,status\ndee@example.com,subscribed\n", now, SuppressionReason.COMPLAINT)
    assert barred.added == 1 and (reason(engine, "dee@example.com") or ("",))[0] == "complaint"


def test_export_of_subscribers_by_mistake_suppresses_nobody(engine: Engine, now: datetime) -> None:
    barred, problems = suppressed(engine, "email,status\nann@example.com,subscribed\nbob@example.com,pending\n", now)
    assert barred == Barred(read=2, wrong=2) and all("say --reason" in problem.text for problem in problems)
    assert reason(engine, "ann@example.com") is None


def test_run_again_and_earlier_reasons(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        suppress(connection, parse_address("ann@example.com"), reason=SuppressionReason.ERASED, keys=KEYS, now=now)
    text = "email\nann@example.com\nbob@example.com\n"
    assert suppressed(engine, text, now, dry_run=True)[0] == suppressed(engine, text, now)[0] == Barred(read=2, added=1, already=1)
    assert suppressed(engine, text, now)[0] == Barred(read=2, already=2)
    assert (reason(engine, "ann@example.com") or ("",))[0] == "erased"


def test_dry_run_writes_nothing(engine: Engine, now: datetime) -> None:
    suppressed(engine, "email\nann@example.com\n", now, dry_run=True)
    assert reason(engine, "ann@example.com") is None


def test_hashes_are_refused_with_the_reason(engine: Engine, now: datetime) -> None:
    with pytest.raises(BadFile, match="holds hashes"):
        suppressed(engine, f"{SHA256}\n{SHA256}\n", now)
    barred, problems = suppressed(engine, f"email\n{SHA256}\nann@example.com\n", now)
    assert barred == Barred(read=2, added=1, wrong=1)
    assert problems[0].line == 2 and "hash" in problems[0].text and SHA256 not in problems[0].text


def test_two_statements_a_batch(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    statements()
    suppressed(engine, "email\n" + "".join(f"r{number}@example.com\n" for number in range(1_500)), now)
    assert statements() <= 2 * 2 + 2  # a database may split the rows of one insert


STORE = create_engine("sqlite://", poolclass=StaticPool)
CELL = st.sampled_from(["ann@example.com", "bob@example.com", "bounced", "subscribed", SHA256, "x"]) | st.text(max_size=10)


@given(st.lists(st.lists(CELL, max_size=4), max_size=6))
def test_any_rows_add_up(rows: list[list[str]]) -> None:
    Base.metadata.drop_all(STORE)
    Base.metadata.create_all(STORE)
    text = "email,status\n" + "\n".join(",".join(row) for row in rows)
    now = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
    problems: list[Problem] = []
    file = io.BytesIO(text.encode(errors="replace"))
    barred = suppress_rows(STORE, file, Barring(origin="x.csv"), keys=KEYS, now=now, on_problem=problems.append)
    assert barred.read == barred.added + barred.already + barred.duplicates + barred.wrong
    assert barred.wrong == len(problems)

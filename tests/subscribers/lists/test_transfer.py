"""Lists brought along and taken away: every odd file ends in rows taken in or in a sentence about the row."""

import io
import re
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from subscribers.address import parse_address
from subscribers.audience import audience
from subscribers.change import ALL, Choice
from subscribers.choices import choose, load
from subscribers.consent import add, unsubscribe
from subscribers.errors import BadFile
from subscribers.export import HEADER, export, write
from subscribers.lists.csvfile import Cells, Problem, charset, read_rows
from subscribers.lists.entry import Entry, parse_entry
from subscribers.lists.intake import Plan
from subscribers.lists.transfer import Report, import_rows
from subscribers.people import find, find_reader, history
from subscribers.suppression import suppress
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS, OPERATOR, person

PLAN = Plan(newsletter="weekly", state=SubscriptionState.CONFIRMED, origin="members.csv")


def taken_in(engine: Engine, text: str | bytes, now: datetime, plan: Plan = PLAN) -> tuple[Report, list[Problem]]:
    problems: list[Problem] = []
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return import_rows(engine, file, plan, keys=KEYS, now=now, on_problem=problems.append), problems


def rows_of(text: str | bytes) -> list[Cells | Problem]:
    return list(read_rows(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def addresses_of(text: str | bytes) -> list[str]:
    return [row.cells["address"] for row in rows_of(text) if isinstance(row, Cells)]


@pytest.mark.parametrize(
    "text",
    [
        "email\nann@example.com\n",
        "\ufeffEmail,Name\r\nann@example.com,Ann\r\n",
        "Name;E-Mail\nAnn;ann@example.com\n",
        "id\tEmail Address\tAddress\n7\tann@example.com\t4 Lantern Quay\n",
        "ann@example.com\n",
        "Ann,ann@example.com\n",
        'email,name\n"ann@example.com","Lee, ""Ann"""',
        "email\n\n , \nann@example.com\n\n",
        "E_MAIL_ADDRESS\n  ann@example.com  \n",
    ],
)
def test_files_of_other_programs_are_read(text: str) -> None:
    assert addresses_of(text) == ["ann@example.com"]


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")])
def test_character_set_is_found_out(encoding: str, found: str) -> None:
    file = "email,name\njo@example.com,Jörg €\n".encode(encoding)
    assert charset(io.BytesIO(file)) == found
    (row,) = rows_of(file)
    assert isinstance(row, Cells) and row.cells["name"] == "Jörg €"


@pytest.mark.parametrize("text", ["", "\n\n", "name,town\nAnn,Pellowick\n"])
def test_file_without_addresses_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(BadFile):
        rows_of(text)


def test_every_wrong_row_is_named_and_the_rest_goes_on(engine: Engine, now: datetime) -> None:
    text = "\n".join([
        "email,name,language,time zone,confirmed at,status",
        "ann@example.com,Ann,en,Europe/Berlin,2024-03-01T08:00:00+01:00,subscribed",
        "not an address,,,,,",
        "bob@example.com,Bob,english language,,,",
        "cy@example.com,,,Mars/Olympus,,",
        "dora@example.com,,,,yesterday,",
        "eve@example.com,,,,,paused",
        'fay@example.com,"Fay\nand more",,,,',
        "gus@example.com",
    ])  # fmt: skip
    report, problems = taken_in(engine, text, now)
    assert report == Report(read=8, added=2, wrong=6)
    assert [problem.line for problem in problems] == [3, 4, 5, 6, 7, 8]
    assert not any("@example.com" in problem.text for problem in problems)
    with engine.begin() as connection:
        ann = find_reader(connection, "weekly", "ann@example.com")
        assert ann is not None
        assert (ann.name, ann.language, ann.time_zone) == ("Ann", "en", "Europe/Berlin")
        assert ann.confirmed_at == datetime(2024, 3, 1, 7, tzinfo=UTC)


def test_quotation_mark_never_closed_costs_no_silent_rows(engine: Engine, now: datetime) -> None:
    text = 'email,name\nann@example.com,"Ann\n' + "".join(f"reader{number}@example.com,\n" for number in range(9_000))
    report, problems = taken_in(engine, text, now)
    swallowed = re.search(r"up to line (\d+)", problems[0].text)
    assert swallowed and problems[0].line == 2
    assert report.added == 9_002 - int(swallowed[1])


def test_39_import_keeps_where_and_which_words(engine: Engine, now: datetime) -> None:
    taken_in(engine, "email,origin,wording\nann@example.com,box on the front page,Yes please\nbob@example.com,,\n", now)
    with engine.begin() as connection:
        (ann,) = history(connection, parse_address("ann@example.com"))
        (bob,) = history(connection, parse_address("bob@example.com"))
    assert (ann.how, ann.origin, ann.wording) == ("import", "members.csv, line 2: box on the front page", "Yes please")
    assert (bob.origin, bob.wording) == ("members.csv, line 3", "")


def test_run_again_adds_nothing(engine: Engine, now: datetime) -> None:
    text = "email\nann@example.com\nANN@example.com\nbob@example.com\n"
    assert taken_in(engine, text, now)[0] == Report(read=3, added=2, duplicates=1)
    assert taken_in(engine, text, now)[0] == Report(read=3, already=2, duplicates=1)


def test_who_left_or_is_suppressed_stays_away(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        made = add(connection, person("left@example.com"), newsletter="weekly", state=PLAN.state, proof=OPERATOR, keys=KEYS, now=now)
        unsubscribe(connection, made.subscription, how="one-click", now=now)
        suppress(connection, parse_address("gone@example.com"), reason=SuppressionReason.ERASED, keys=KEYS, now=now)
    report, _ = taken_in(engine, "email\nleft@example.com\nGone@Example.com\nann@example.com\n", now)
    assert report == Report(read=3, added=1, left=1, suppressed=1)
    with engine.begin() as connection:
        assert len(connection.scalars(audience("weekly", now)).all()) == 1


def test_file_may_say_less_than_the_operator_never_more(engine: Engine, now: datetime) -> None:
    text = "email,status\nann@example.com,subscribed\nbob@example.com,unsubscribed\ncy@example.com,\n"
    taken_in(engine, text, now, Plan(newsletter="weekly", state=SubscriptionState.PENDING, origin="members.csv"))
    with engine.begin() as connection:
        assert [known.state for known in find(connection)] == ["pending", "unsubscribed", "pending"]


def test_known_person_keeps_their_name(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        add(connection, person("ann@example.com", "Ann Lee"), newsletter="monthly", state=PLAN.state, proof=OPERATOR, keys=KEYS, now=now)
    assert taken_in(engine, "email,name\nann@example.com,MRS A LEE\n", now)[0].added == 1
    with engine.begin() as connection:
        assert {known.name for known in find(connection)} == {"Ann Lee"}


def test_dry_run_counts_the_same_and_writes_nothing(engine: Engine, now: datetime) -> None:
    text = "email\nann@example.com\nann@example.com\nbroken\n"
    dry = Plan(newsletter="weekly", state=PLAN.state, origin="members.csv", dry_run=True)
    report, problems = taken_in(engine, text, now, dry)
    with engine.begin() as connection:
        assert find(connection) == ()
    assert (report, problems) == taken_in(engine, text, now)


def test_progress_is_told_after_each_batch(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    text = "email\n" + "".join(f"reader{number}@example.com\n" for number in range(2_500))
    told: list[int] = []
    statements()
    report = import_rows(
        engine,
        io.BytesIO(text.encode()),
        PLAN,
        keys=KEYS,
        now=now,
        on_problem=lambda problem: None,
        on_progress=lambda so_far: told.append(so_far.added),
    )
    assert told == [1000, 2000, 2500] and report.added == 2500
    assert statements() <= 3 * 9


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(number: int) -> int:
        file = io.BytesIO(b"email,name\n" + b"".join(b"reader%d@example.com,Reader\n" % one for one in range(number)))
        tracemalloc.start()
        for row in read_rows(file):
            assert isinstance(row, Cells)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(100)
    assert peak(40_000) < peak(10_000) * 1.5


def test_one_endless_line_does_not_fill_the_memory() -> None:
    rows = rows_of(b"email\nann@example.com\n" + b"x" * 1_000_000 + b"\nbob@example.com\n")
    good = [row for row in rows if isinstance(row, Cells) and "@" in row.cells["address"]]
    assert [row.cells["address"] for row in good] == ["ann@example.com", "bob@example.com"]


def test_export_is_read_back_by_the_import(engine: Engine, now: datetime) -> None:
    text = 'email,name,language,time zone,origin\nann@example.com,"=1+1, ""A""",en,Europe/Rome,front page\n+bob@example.com,Bøb,,,\n'
    taken_in(engine, text, now)
    written = exported(engine)
    assert "'=1+1" in written and "'+bob@" in written
    report, problems = taken_in(engine, written, now, Plan(newsletter="copy", state=PLAN.state, origin="export"))
    assert (report, problems) == (Report(read=2, added=2), [])
    with engine.begin() as connection:
        one, other = (
            [(known.address, known.name, known.state, known.confirmed_at) for known in find(connection, newsletter=slug)]
            for slug in ("weekly", "copy")
        )
        assert one == other
        assert connection.execute(audience("copy", now)).all()


def exported(engine: Engine) -> str:
    file = io.StringIO(newline="")
    with engine.begin() as connection:
        assert write(export(connection, "weekly"), file) == 2
    return file.getvalue()


def test_39_export_has_the_proof_of_consent(engine: Engine, now: datetime) -> None:
    taken_in(engine, "email,origin,wording\nann@example.com,front page,Yes please\n", now)
    with engine.begin() as connection:
        (row,) = [dict(zip(HEADER, cells, strict=True)) for cells in export(connection, "weekly")]
    assert row["state"] == "confirmed" and row["confirmed at"] == now.isoformat() and row["consent at"] == now.isoformat()
    assert (row["consent how"], row["consent origin"], row["consent wording"]) == ("import", "members.csv, line 2: front page", "Yes please")


def test_what_readers_chose_goes_out_and_comes_in_as_far_as_it_is_offered(engine: Engine, now: datetime) -> None:
    taken_in(engine, "email\nann@example.com\nbob@example.com\n", now)
    names = frozenset({"Ports, Harbours", "Küche"})
    chosen = Choice(cadence="daily", sections=names, authors=frozenset({"=Mara"}), muted_sections=frozenset({"Town"}), muted_authors=names, hour=0)
    with engine.begin() as connection:
        ann = next(one.subscription_token for one in find(connection) if one.address == "ann@example.com")
        assert choose(connection, ann, chosen, now=now)
    text, only = exported(engine), Choice(cadence="daily", hour=0)
    taken_in(engine, text, now, replace(PLAN, newsletter="copy"))
    taken_in(engine, text, now, replace(PLAN, newsletter="less", offered=lambda choice: replace(only, cadence=choice.cadence, hour=choice.hour)))
    with engine.begin() as connection:
        kept = {(one.address, one.newsletter): reader_choice(connection, one.subscriber_token, one.newsletter) for one in find(connection)}
    assert {kept["ann@example.com", slug] for slug in ("weekly", "copy")} == {chosen}
    assert kept["ann@example.com", "less"] == only
    assert {kept["bob@example.com", slug] for slug in ("weekly", "copy")} == {ALL}


def reader_choice(connection: Connection, subscriber: str, newsletter: str) -> Choice:
    found = load(connection, subscriber)
    assert found is not None
    return next(one.choice for one in found.subscriptions if one.newsletter == newsletter)


@pytest.mark.parametrize("hour", ["24", "-1", "7:00", "²", "seven"])
def test_an_hour_that_is_none_is_a_mistake_of_its_row(hour: str) -> None:
    (row,) = rows_of(f"email,hour\nann@example.com,{hour}\n")
    assert isinstance(row, Cells)
    assert parse_entry(row) == Problem(line=2, text="the hour is none from 0 to 23")


CELLS = st.text(st.sampled_from('ab@.,;"\t\r\n\x00 =é\u202e𝔘') | st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.lists(CELLS, max_size=5), max_size=8))
def test_any_file_ends_in_entries_and_problems(rows: list[list[str]]) -> None:
    text = "\n".join(["email,name,language,time zone,confirmed at,status", *(",".join(row) for row in rows)])
    found = list(_entries(text.encode()))
    assert all(isinstance(one, Entry | Problem) for one in found)
    assert all("\n" not in one.person.name and len(one.person.name) <= 200 for one in found if isinstance(one, Entry))


@given(st.binary(max_size=300))
def test_any_bytes_end_in_rows_or_a_sentence(data: bytes) -> None:
    try:
        found = list(_entries(data))
    except BadFile as refused:
        assert str(refused).endswith(".")
    else:
        assert all(one.line >= 1 for one in found)


def _entries(data: bytes) -> Iterator[Entry | Problem]:
    for row in read_rows(io.BytesIO(data)):
        yield row if isinstance(row, Problem) else parse_entry(row)

"""Moving in: what other programs give out is recognised, and becomes what it says, with nothing lost that proves a yes or a no."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.pool import StaticPool

from subscribers.address import parse_address
from subscribers.errors import BadFile
from subscribers.lists.csvfile import Cells, Problem, open_list
from subscribers.lists.entry import Entry, parse_entry
from subscribers.lists.formats import FORMATS, recognise
from subscribers.lists.intake import Plan
from subscribers.lists.layout import Wanted
from subscribers.lists.transfer import Report, import_rows
from subscribers.people import history
from subscribers.suppression import listed
from subscribers.tables import Base, Subscriber, Subscription, SubscriptionState
from tests.subscribers.conftest import KEYS

SAMPLES = Path(__file__).parent / "samples"
MAILCHIMP = "subscribed_email_audience_export_4f1c.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one sample became."""

    report: Report
    problems: tuple[Problem, ...]
    states: dict[str, str]  # by the local part of the address
    reasons: dict[str, str]


def taken_in(engine: Engine, name: str, now: datetime, *, keep: tuple[str, ...] = (), newsletter: str = "weekly") -> Taken:
    plan = Plan(newsletter=newsletter, state=SubscriptionState.CONFIRMED, origin=name, wanted=Wanted(keep=keep))
    problems: list[Problem] = []
    with (SAMPLES / name).open("rb") as file:
        report = import_rows(engine, file, plan, keys=KEYS, now=now, on_problem=problems.append)
    with (SAMPLES / name).open("rb") as file, open_list(file) as listing:
        addresses = [row.cells["address"] for row in listing.rows if isinstance(row, Cells) and "@" in row.cells["address"]]
    with engine.begin() as connection:
        query = select(Subscriber.address, Subscription.state).join(Subscription).where(Subscription.newsletter == newsletter)
        states = {row.address: row.state.value for row in connection.execute(query)}
        found = {address: listed(connection, parse_address(address), keys=KEYS) for address in addresses}
    return Taken(
        report=report,
        problems=tuple(problems),
        states={address.partition("@")[0]: state for address, state in states.items()},
        reasons={address.partition("@")[0]: one.reason.value for address, one in found.items() if one},
    )


def person(engine: Engine, address: str) -> tuple[Subscriber, Subscription]:
    with engine.begin() as connection:
        row = connection.execute(select(Subscriber.__table__).where(Subscriber.address == address)).mappings().one()
        subscription = connection.execute(select(Subscription.__table__).where(Subscription.subscriber_id == row["id"])).mappings().one()
    return Subscriber(**row), Subscription(**subscription)


def origin(engine: Engine, address: str) -> str:
    with engine.begin() as connection:
        (record,) = history(connection, parse_address(address))
    return record.origin


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        (MAILCHIMP, "mailchimp"),
        ("unsubscribed_email_audience_export_4f1c.csv", "mailchimp"),
        ("cleaned_email_audience_export_4f1c.csv", "mailchimp"),
        ("listmonk.csv", "listmonk"),
        ("mailpoet.csv", "mailpoet"),
        ("ghost.csv", "ghost"),
        ("email_list.harbour.csv", "substack"),
        ("substack-subscribers.csv", "substack"),
        ("wordpress-com.csv", "jetpack"),
        ("buttondown.csv", "buttondown"),
    ],
)
def test_each_export_is_told_by_its_columns(name: str, format_: str) -> None:
    with (SAMPLES / name).open("rb") as file, open_list(file) as listing:
        assert listing.layout.format.name == format_


def test_our_own_export_and_a_list_made_by_hand_are_plain() -> None:
    assert recognise(["email", "name", "attributes", "newsletter", "state", "created at"]).name == "plain"
    assert recognise(["email", "first name", "last name", "tags", "status"]).name == "plain"


def test_mailchimp_keeps_name_proof_zone_and_tags(engine: Engine, now: datetime) -> None:
    taken = taken_in(engine, MAILCHIMP, now, keep=("Phone Number",))
    assert taken.report == Report(read=3, added=2, wrong=1)
    assert [problem.line for problem in taken.problems] == [5]  # the header takes two lines
    mara, subscription = person(engine, "mara.quill@example.com")
    assert (mara.name, mara.time_zone) == ("Mara Quill", "Europe/Brussels")
    assert mara.attributes == {"tag Founding reader": "yes", "tag Harbour": "yes"}
    assert subscription.confirmed_at == datetime(2021, 5, 4, 6, 41, 55, tzinfo=UTC)
    assert person(engine, "osric@example.org")[0].attributes == {"Phone Number": "+32 2 000 00 00"}
    proof = origin(engine, "mara.quill@example.com")
    assert proof == f"Mailchimp export {MAILCHIMP}, line 3: OPTIN_TIME 2021-05-04 06:30:10; CONFIRM_TIME 2021-05-04 06:41:55"
    assert "192.0.2" not in proof


def test_mailchimps_other_two_files_keep_their_people_away(engine: Engine, now: datetime) -> None:
    left = taken_in(engine, "unsubscribed_email_audience_export_4f1c.csv", now)
    assert (left.states, left.reasons) == ({"tolliver": "unsubscribed"}, {"cross.reader": "complaint"})
    assert left.report == Report(read=2, added=1, unsubscribed=1, barred=1)
    assert person(engine, "tolliver@example.com")[1].unsubscribed_at == datetime(2022, 7, 15, 12, tzinfo=UTC)
    cleaned = taken_in(engine, "cleaned_email_audience_export_4f1c.csv", now)
    assert cleaned.reasons == {"closed.mailbox": "bounce"} and "closed.mailbox" not in cleaned.states


@pytest.mark.parametrize(
    ("file_name", "becomes"),
    [("unsubscribed_x.csv", "unsubscribed"), ("subscribed_x.csv", "confirmed"), ("cleaned_x.csv", "bounce"), ("x.csv", "confirmed")],
)
def test_name_of_a_mailchimp_file_says_what_its_rows_do_not(file_name: str, becomes: str) -> None:
    (entry,) = entries(b"Email Address,LEID,EUID\nann@example.com,1,a\n", file_name)
    assert isinstance(entry, Entry)
    plan = Plan(newsletter="weekly", state=SubscriptionState.CONFIRMED, origin=file_name)
    assert (entry.suppression or plan.becomes(entry)) == becomes


def test_who_never_subscribed_at_mailchimp_is_not_taken_in() -> None:
    (problem,) = entries(b"Email Address,LEID,EUID\nann@example.com,1,a\n", "nonsubscribed_email_audience_export.csv")
    assert problem == Problem(line=2, text="its state there is “never subscribed”: not taken in")


def test_listmonk(engine: Engine, now: datetime) -> None:
    taken = taken_in(engine, "listmonk.csv", now)
    assert taken.states == {"hesper": "confirmed", "torn": "confirmed"} and taken.reasons == {"barred": "by-hand"}
    assert taken.report == Report(read=4, added=2, barred=1, wrong=1)
    hesper, subscription = person(engine, "hesper@example.com")
    assert hesper.attributes == {"city": "Pellowick", "age": "41", "boats": '["Gull", "Tern"]'}
    assert subscription.confirmed_at == datetime(2022, 6, 1, 7, 8, 9, tzinfo=UTC)
    torn, subscription = person(engine, "torn@example.com")
    assert (torn.attributes, subscription.confirmed_at) == ({}, now)


def test_mailpoet(engine: Engine, now: datetime) -> None:
    taken = taken_in(engine, "mailpoet.csv", now)
    assert taken.states == {"ines": "confirmed", "waits": "pending", "gone": "unsubscribed", "both": "unsubscribed", "quiet": "confirmed"}
    assert taken.reasons == {"dead": "bounce"} and taken.problems == ()
    ines, subscription = person(engine, "ines@example.com")
    assert ines.name == 'Inês "Nessie" Vale'
    assert subscription.confirmed_at == datetime(2023, 3, 3, 10, 5, tzinfo=UTC)
    assert "List Harbour Letter" in origin(engine, "ines@example.com")


def test_ghost(engine: Engine, now: datetime) -> None:
    taken = taken_in(engine, "ghost.csv", now)
    assert taken.states == {"linnet": "confirmed", "mute": "unsubscribed"}
    assert [problem.text for problem in taken.problems] == ["its state there is “deleted”: not taken in"]
    assert person(engine, "linnet@example.com")[0].attributes == {"tiers": "Supporter", "tag Founding": "yes", "tag Pier walk": "yes"}


def test_substack_both_kinds(engine: Engine, now: datetime) -> None:
    assert taken_in(engine, "email_list.harbour.csv", now).states == {"perrin": "confirmed", "nomail": "unsubscribed"}
    assert "sorrel" in taken_in(engine, "substack-subscribers.csv", now).states
    sorrel, subscription = person(engine, "sorrel@example.com")
    assert (sorrel.name, subscription.confirmed_at) == ("Sorrel Dane", datetime(2024, 5, 5, tzinfo=UTC))
    assert "Subscription source (free) recommendations" in origin(engine, "sorrel@example.com")


def test_wordpress_com(engine: Engine, now: datetime) -> None:
    taken = taken_in(engine, "wordpress-com.csv", now)
    assert taken.states == {"keel": "confirmed", "unsure": "pending", "reader.only": "unsubscribed"}
    assert [problem.line for problem in taken.problems] == [5]


def test_buttondown(engine: Engine, now: datetime) -> None:
    taken = taken_in(engine, "buttondown.csv", now)
    assert taken.states == {"fenn": "confirmed", "notyet": "pending", "left": "unsubscribed"}
    assert taken.reasons == {"bounce": "bounce", "angry": "complaint"}
    assert person(engine, "fenn@example.com")[0].attributes == {"tag tides": "yes", "tag maps": "yes", "plan": "gold"}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
def test_run_again_changes_nothing_and_no_ip_address_is_kept(path: Path, engine: Engine, now: datetime) -> None:
    first, before = taken_in(engine, path.name, now), dump(engine)
    again = taken_in(engine, path.name, now)
    assert dump(engine) == before
    assert (again.report.added, again.report.barred, again.report.ended) == (0, 0, 0)
    assert (again.states, again.reasons, again.problems) == (first.states, first.reasons, first.problems)
    assert not any(network in before for network in ("192.0.2", "198.51.100", "203.0.113"))


def dump(engine: Engine) -> str:
    with engine.begin() as connection:
        return "\n".join(str(row) for table in Base.metadata.sorted_tables for row in connection.execute(table.select().order_by(*table.primary_key)))


def test_column_to_keep_must_be_there_and_hold_no_ip_address() -> None:
    header = b"email,LEID,EUID,OPTIN_IP,City\n"
    with pytest.raises(BadFile, match="no column “Town” to keep"), open_list(io.BytesIO(header), wanted=Wanted(keep=("Town",))):
        pass
    with pytest.raises(BadFile, match="IP addresses"), open_list(io.BytesIO(header), wanted=Wanted(keep=("optin ip",))):
        pass
    with open_list(io.BytesIO(header), wanted=Wanted(keep=("CITY",))) as listing:
        assert (listing.layout.used, listing.layout.passed_over) == (("email", "City"), ("LEID", "EUID", "OPTIN_IP"))


def test_format_can_be_said_and_a_wrong_one_is_named() -> None:
    file = io.BytesIO(b"email,status,LEID,EUID\nann@example.com,paused,1,2\n")
    with open_list(file, wanted=Wanted(format="plain")) as listing:
        assert listing.layout.format.name == "plain"
    with pytest.raises(BadFile, match="no format “mailchump”"), open_list(file, wanted=Wanted(format="mailchump")):
        pass


def test_attributes_are_bounded_in_number_and_length() -> None:
    tags = ",".join(f"t{number}" for number in range(200))
    (entry,) = entries(f'email,metadata,creation_date,tags\nann@example.com,"{{""{"k" * 300}"": ""{"v" * 5_000}""}}",,"{tags}"\n'.encode())
    assert isinstance(entry, Entry)
    assert len(entry.attributes) == 50
    (entry,) = entries(f'email,metadata,creation_date\nann@example.com,"{{""{"k" * 300}"": ""{"v" * 5_000}"", ""ip"": ""192.0.2.1""}}",\n'.encode())
    assert isinstance(entry, Entry)
    assert [(len(key), len(value)) for key, value in entry.attributes.items()] == [(100, 1_000)]


def entries(data: bytes, file_name: str = "") -> list[Entry | Problem]:
    with open_list(io.BytesIO(data), file_name=file_name) as listing:
        return [row if isinstance(row, Problem) else parse_entry(row) for row in listing.rows]


HEADERS = [next(csv.reader(io.StringIO((SAMPLES / path.name).read_text("utf-8-sig"), newline=""))) for path in sorted(SAMPLES.glob("*.csv"))]
TELLING = [
    "ann@example.com", "bob@example.com", "true", "false", "subscribed", "unsubscribed", "pending", "bounced", "regular", "deleted", "*",
    "2024-05-05", "9999-12-31T23:59:59-12:00", "0001-01-01", "{}", '{"a":{"b":[1,null]}}', '[1,"x"]', '{"\\ud800":"\\u0000"}', "\x00",
    "\ud7ff", "\\", '"', "'=1", ",",
]  # fmt: skip
CELL = st.sampled_from(TELLING) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
STORE = create_engine("sqlite://", poolclass=StaticPool)


@given(st.sampled_from(HEADERS), st.lists(st.lists(CELL, max_size=28), max_size=6), st.booleans(), st.sampled_from(["", *FORMATS]))
@settings(max_examples=50)
def test_any_cells_under_any_header_add_up(header: list[str], rows: list[list[str]], dry_run: bool, format_: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([header, *rows])
    counts_add_up(file.getvalue().encode(), dry_run=dry_run, format_=format_)


@given(st.binary(max_size=300))
def test_any_bytes_below_a_header_add_up(data: bytes) -> None:
    counts_add_up(b"Email Address,LEID,EUID,TAGS,OPTIN_TIME,UNSUB_TIME\n" + data, dry_run=False, format_="")


def counts_add_up(data: bytes, *, dry_run: bool, format_: str) -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    plan = Plan(newsletter="weekly", state=SubscriptionState.CONFIRMED, origin="x.csv", dry_run=dry_run, wanted=Wanted(format=format_))
    problems: list[Problem] = []
    Base.metadata.drop_all(STORE)
    Base.metadata.create_all(STORE)
    report = import_rows(STORE, io.BytesIO(data), plan, keys=KEYS, now=now, on_problem=problems.append)
    became = (report.added, report.ended, report.already, report.left, report.suppressed, report.barred, report.duplicates, report.wrong)
    assert report.read == sum(became) and min(became) >= 0
    assert len(problems) == report.wrong and not any("@" in problem.text.replace("@-sign", "") for problem in problems)
    assert report.pending + report.unsubscribed <= report.added

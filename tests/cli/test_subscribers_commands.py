"""`digest subscribers …`: what an operator does with one person, and with a segment of them, on each kind of database."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from digest import cli

SETTINGS = """
[publication]
name = "The Lantern"
time_zone = "Europe/London"

[database]
url = "{url}"

[newsletters.weekly]
title = "The Weekly Lantern"
from_address = "news@lantern.example"

[newsletters.daily]
title = "The Daily Lantern"
from_address = "news@lantern.example"

[segments.gold]
attributes.plan = ["gold"]

[segments.rest]
not_in = ["gold"]
"""
Digest = Callable[..., str]


@contextmanager
def closing() -> Iterator[None]:
    """A command leaves its connections to the end of its process, which here comes later: they are closed behind it."""
    connections: list[Any] = []

    def note(connection: object, record: object) -> None:
        connections.append(connection)

    event.listen(Pool, "connect", note)
    yield
    event.remove(Pool, "connect", note)
    for connection in connections:
        connection.close()


@pytest.fixture
def digest(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Digest:
    """Runs `digest subscribers …` and gives what it said, on both streams. It must end with `code`; `answer` is typed at its question."""
    settings = tmp_path / "digest.toml"
    settings.write_text(SETTINGS.format(url=database_url))
    (tmp_path / "digest.key").write_text("a-key-of-the-tests\n")

    def run(*arguments: str, code: int = 0, answer: str = "") -> str:
        monkeypatch.setattr("sys.argv", ["digest", "--config", str(settings), "subscribers", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n" if answer else ""))
        with closing(), pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert end.value.code == code, said
        return said.out + said.err

    return run


@pytest.fixture
def people(digest: Digest) -> Digest:
    """Ann has both newsletters and a golden plan, Bob the weekly one."""
    digest("add", "weekly", "Ann@example.com", "--name", "Ann [Quay]", "--origin", "a card at the market")
    digest("add", "daily", "ann@example.com")
    digest("add", "weekly", "bob@example.com", "--pending")
    digest("edit", "ann@example.com", "--attribute", "plan=gold", "--language", "en_GB")
    return digest


def found(people: Digest, *arguments: str) -> Any:
    return json.loads(people(*arguments, "--json"))


def addresses(people: Digest) -> list[tuple[str, str]]:
    return [(one["address"], one["newsletter"]) for one in found(people, "list")]


def test_a_person_on_one_screen(people: Digest) -> None:
    said = people("show", "ann@example.com")
    for word in ("Ann@example.com", "Ann [Quay]", "en-GB", "plan = gold", "weekly", "daily", "a card at the market"):
        assert word in said
    told = found(people, "show", "ann@example.com")
    assert (told["address"], told["attributes"], told["suppression"]) == ("Ann@example.com", {"plan": "gold"}, None)
    assert [(one["newsletter"], one["state"]) for one in told["subscriptions"]] == [("weekly", "confirmed"), ("daily", "confirmed")]
    assert told["history"][0]["origin"] == "a card at the market"


def test_nobody_is_shown_in_a_sentence(people: Digest) -> None:
    assert people("show", "cleo@example.com", code=1) == "Nobody has this address.\n"
    people("suppress", "cleo@example.com")
    assert "suppressed (by-hand)" in people("show", "cleo@example.com", code=1)


def test_what_is_known_is_put_right(people: Digest) -> None:
    assert people("edit", "ann@example.com", "--name", "Ann", "--attribute", "plan=", "--attribute", "town=Quay") == "Changed: name, attributes.\n"
    assert people("edit", "ann@example.com", "--name", "Ann") == "All was so already: nothing changed.\n"
    assert people("edit", "ann@example.com", "--address", "ann@new.example") == "Changed: address.\n"
    told = found(people, "show", "ann@new.example")
    assert (told["name"], told["attributes"], told["language"]) == ("Ann", {"town": "Quay"}, "en-GB")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ann@example.com"], 2, "Say what is to change"),
        (["ann@example.com", "--address", "bob@example.com"], 1, "Another person has the new address: merge the two instead."),
        (["ann@example.com", "--address", "no address"], 1, ""),
        (["ann@example.com", "--time-zone", "Europe/Nowhere"], 1, "Not changed: the time zone is no name like Europe/Berlin."),
        (["ann@example.com", "--attribute", "plan"], 1, "An attribute is written as key=value."),
        (["nobody@example.com", "--name", "x"], 1, "Nobody has this address."),
    ],
)
def test_what_cannot_be_put_right_is_said_and_nothing_changes(people: Digest, arguments: list[str], code: int, said: str) -> None:
    before = found(people, "show", "ann@example.com")
    assert said in people("edit", *arguments, code=code)
    assert found(people, "show", "ann@example.com") == before


def test_two_addresses_become_one_person_when_it_is_agreed_to(people: Digest) -> None:
    said = people("merge", "ann@example.com", "bob@example.com", code=1, answer="n")
    assert "only the address that goes has it" in said and "stronger than pending" in said
    assert len(addresses(people)) == 3
    assert "one person now" in people("merge", "ann@example.com", "bob@example.com", answer="y")
    assert addresses(people) == [("bob@example.com", "weekly"), ("bob@example.com", "daily")]
    assert [one["state"] for one in found(people, "list")] == ["confirmed", "confirmed"]
    assert people("show", "ann@example.com", code=1) == "Nobody has this address.\n"


def test_a_script_merges_without_a_question(people: Digest) -> None:
    people("remove", "weekly", "ann@example.com", "--yes")
    done = found(people, "merge", "ann@example.com", "bob@example.com", "--suppress-old")
    assert done == {"moved": {"daily": "confirmed"}, "both": {"weekly": "unsubscribed"}, "suppressed": True}
    assert "suppressed (by-hand)" in people("show", "ann@example.com", code=1)
    people("merge", "ann@example.com", "bob@example.com", "--yes", code=1)


def test_the_reason_for_what_becomes_of_a_subscription_is_told(people: Digest) -> None:
    people("remove", "weekly", "ann@example.com", "--yes")
    assert "left, and not confirmed again since (the other is pending)" in people("merge", "ann@example.com", "bob@example.com", answer="n", code=1)
    people("add", "weekly", "cleo@example.com")
    assert "confirmed after the other was left" in people("merge", "ann@example.com", "cleo@example.com", answer="n", code=1)
    people("add", "weekly", "dan@example.com")
    assert "both are" in people("merge", "dan@example.com", "cleo@example.com", answer="n", code=1)


def test_suppressing_and_lifting(people: Digest) -> None:
    people("suppress", "ann@example.com", "--reason", "complaint", "--note", "by telephone")
    assert "complaint" in people("show", "ann@example.com") and "by telephone" in people("show", "ann@example.com")
    assert found(people, "count", "weekly")["newsletters"]["weekly"] == {"mailable": 0, "suppressed": 1, "pending": 1, "unsubscribed": 0}
    said = people("lift", "ann@example.com", answer="n", code=1)
    assert "marked a mail as spam" in said and "by telephone" in said
    assert found(people, "show", "ann@example.com")["suppression"]["reason"] == "complaint"
    assert "Lifted" in people("lift", "ann@example.com", answer="y")
    assert people("lift", "ann@example.com") == "It is not on the list: nothing changed.\n"
    assert "It was before (by-hand)" in (people("suppress", "ann@example.com") and people("suppress", "ann@example.com", "--reason", "bounce"))


def test_erasing_asks_first(people: Digest) -> None:
    people("erase", "ann@example.com", code=1, answer="n")
    assert len(addresses(people)) == 3
    assert "Erased" in people("erase", "ann@example.com", answer="y")
    assert addresses(people) == [("bob@example.com", "weekly")]
    assert "Nobody had this address" in people("erase", "cleo@example.com", "--yes")
    assert "suppressed (erased)" in people("show", "ann@example.com", code=1)


def test_counts_and_lists_of_a_segment(people: Digest) -> None:
    assert found(people, "count")["newsletters"]["weekly"] == {"mailable": 1, "suppressed": 0, "pending": 1, "unsubscribed": 0}
    gold = found(people, "count", "--segment", "gold")
    assert gold["segment"] == "gold" and [one["mailable"] for one in gold["newsletters"].values()] == [1, 1]
    assert [one["address"] for one in found(people, "list", "--segment", "rest")] == ["bob@example.com"]
    assert "Readers in the segment rest" in people("count", "--segment", "rest")
    assert "There is no segment “golden”" in people("count", "--segment", "golden", code=1)
    assert "There is no newsletter “monthly”" in people("count", "monthly", code=1)


def test_exports_of_one_of_all_and_of_a_segment(people: Digest, tmp_path: Path) -> None:
    assert "Name a newsletter, or say --all." in people("export", code=2)
    assert "Name a newsletter, or say --all." in people("export", "weekly", "--all", code=2)
    rows = list(csv.DictReader(io.StringIO(people("export", "--all"))))
    assert [(row["email"], row["newsletter"]) for row in rows] == [
        ("Ann@example.com", "weekly"), ("Ann@example.com", "daily"), ("bob@example.com", "weekly"),
    ]  # fmt: skip
    file = tmp_path / "out.csv"
    assert people("export", "--all", "--segment", "gold", "--output", str(file)).startswith("Wrote 2 subscriptions to ")
    assert [row["attributes"] for row in csv.DictReader(io.StringIO(file.read_text()))] == ['{"plan": "gold"}'] * 2
    assert [row["email"] for row in csv.DictReader(io.StringIO(people("export", "weekly", "--segment", "rest")))] == ["bob@example.com"]


def test_the_dossier_of_a_person(people: Digest, tmp_path: Path) -> None:
    told = json.loads(people("dossier", "ann@example.com"))
    assert told["person"]["address"] == "Ann@example.com"
    file = tmp_path / "ann.json"
    assert people("dossier", "ann@example.com", "--output", str(file)).startswith("Wrote ")
    assert json.loads(file.read_text()) == told

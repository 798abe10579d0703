"""`digest edition list`, `show`, `approve`, `hold`, `test`, `send-now`, and `digest send` beside a draft: what they say and do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digest.cli import digest
from digest.content.store import save_articles
from digest.database import open_database
from digest.errors import DigestError, WrongState
from digest.settings import read
from digest.wiring import clock
from tests.test_deliver import article, subscribe

SETTINGS = """
[publication]
name = "The Lamp"
url = "https://lamp.example"
postal_address = "1 Wick Lane"
[pages]
url = "https://lamp.example/letters"
[database]
url = "sqlite:///digest.db"
[newsletters.weekly]
title = "Weekly"
from_address = "post@lamp.example"
schedule = "0 7 * * 1"
review = "approve"
review_hours = 168
editors = ["ana@lamp.example"]
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, sqlite_template: Path) -> Run:
    """A week's articles and three readers; its cut-off was the slot before, so that a draft is due at any time."""
    (tmp_path / "digest.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "digest.toml").write_text(SETTINGS)
    (tmp_path / "digest.key").write_text("a-key\n")
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    cutoff = read(tmp_path / "digest.toml", {}).newsletter("weekly").slot_at(clock())
    with engine.begin() as connection:
        found = [replace(article(number), published_at=cutoff - timedelta(hours=12 + number)) for number in range(6)]
        save_articles(connection, "site", found, now=cutoff - timedelta(days=8), first=True)
        for number in range(3):
            subscribe(connection, f"reader{number}@example.com")
    engine.dispose()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(digest, ["--config", str(tmp_path / "digest.toml"), *arguments], catch_exceptions=True)

    return invoke


def listed(run: Run) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("edition", "list", "--json").output)
    return found


def test_a_draft_is_made_shown_held_approved_and_sent(run: Run, tmp_path: Path) -> None:
    assert "No edition stands" in run("edition", "list").output
    assert "a draft is made" in run("send", "--due").output
    [one] = listed(run)
    assert (one["state"], one["waits_for"], one["goes_at"]) == ("draft", "approval", None)
    assert "waits for approval" in run("status").output
    assert json.loads(run("status", "--json").output)["standing"] == [one]
    [note] = (tmp_path / "outbox").glob("note-*")
    assert b"To: <ana@lamp.example>" in note.read_bytes()
    shown = run("edition", "show", "weekly").output
    assert "of house 3 and what became" in shown
    assert json.loads(run("edition", "show", "weekly", "--json").output)["state"] == "draft"
    assert "held: waits for release" in run("edition", "hold", "weekly", "--reason", "the lead is wrong").output
    assert "the lead is wrong" in run("edition", "list").output
    assert "released: waits for approval" in run("edition", "release", "weekly").output
    assert "chosen anew" in run("edition", "renew", "weekly").output
    assert "approved: goes out" in run("edition", "approve", "weekly").output
    assert "a draft again: waits for approval" in run("edition", "take-back", "weekly").output
    assert "It is on its way." in run("edition", "test", "weekly", "ben@lamp.example").output
    sent = run("edition", "send-now", "weekly", "--yes")
    assert "3 mails queued" in sent.output
    assert "3 accepted" in sent.output
    assert len(list((tmp_path / "outbox").glob("weekly-*"))) == 3
    assert listed(run) == []


def test_a_draft_is_cancelled(run: Run) -> None:
    run("send", "--due")
    assert "What was in it goes to the next edition." in run("edition", "cancel", "weekly", "--yes").output
    assert listed(run) == []


def test_sending_by_hand_does_not_go_past_the_editors_unless_it_is_meant(run: Run) -> None:
    slot = str(listed_slot(run))
    refused = run("send", "weekly", "--at", slot)
    assert isinstance(refused.exception, WrongState)
    assert "nobody has let it go" in str(refused.exception)
    beside = run("send", "weekly", "--at", "now")
    assert "falls out of it" in str(beside.exception)
    assert "3 mails queued" in run("send", "weekly", "--at", slot, "--yes").output


def listed_slot(run: Run) -> object:
    run("send", "--due")
    return listed(run)[0]["slot"]


def test_what_its_editors_have_not_seen_is_not_sent_by_hand(run: Run) -> None:
    assert "has not been seen by its editors" in str(run("send", "weekly").exception)


def test_what_is_not_made_yet_cannot_be_released(run: Run) -> None:
    refused = run("edition", "release", "weekly")
    assert isinstance(refused.exception, DigestError)
    assert "is not made yet" in str(refused.exception)


def test_a_check_looks_at_who_is_to_be_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text(SETTINGS.replace('["ana@lamp.example"]', '["ana at lamp"]'))
    assert "“ana at lamp” is no e-mail address" in run("check").output
    file.write_text(SETTINGS.replace('["ana@lamp.example"]', "[]"))
    assert "no mail tells them of it" in run("check").output
